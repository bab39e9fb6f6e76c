"""A cache that may vanish at any moment: losing it costs time, never truth.

Entries live in named spaces and expire by themselves. What an entry depends on belongs into its key.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Self, cast

import redis
import structlog

from app.core.metrics import CACHE_REQUESTS
from app.core.settings import Settings

log = structlog.get_logger(__name__)

SOCKET_TIMEOUT_S = 1.0


class Cache:
    """Bytes by (space, key) in Valkey. When Valkey is away every look-up is a miss."""

    def __init__(self, client: "redis.Redis") -> None:
        self._client = client

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """A cache on CACHE_URL with short time limits."""
        return cls(
            redis.Redis.from_url(
                settings.cache_url,
                socket_timeout=SOCKET_TIMEOUT_S,
                socket_connect_timeout=SOCKET_TIMEOUT_S,
                health_check_interval=30,
            )
        )

    def get(self, space: str, key: str) -> bytes | None:
        """The stored bytes, or None."""
        try:
            value = cast("bytes | None", self._client.get(self._name(space, key)))
        except redis.RedisError as error:
            CACHE_REQUESTS.labels(space, "error").inc()
            log.warning("cache.unavailable", space=space, error=str(error))
            return None
        CACHE_REQUESTS.labels(space, "miss" if value is None else "hit").inc()
        return value

    def set(self, space: str, key: str, value: bytes, ttl_s: int) -> None:
        """Keep `value` for `ttl_s` seconds; 0 keeps nothing."""
        if ttl_s <= 0:
            return
        try:
            self._client.set(self._name(space, key), value, ex=ttl_s)
        except redis.RedisError as error:
            log.warning("cache.unavailable", space=space, error=str(error))

    def get_many(self, space: str, keys: Sequence[str]) -> list[bytes | None]:
        """The stored bytes of each key, or None, in one round trip for all of them."""
        if not keys:
            return []
        try:
            values: list[Any] = self._client.mget([self._name(space, key) for key in keys])
        except redis.RedisError as error:
            CACHE_REQUESTS.labels(space, "error").inc(len(keys))
            log.warning("cache.unavailable", space=space, error=str(error))
            return [None] * len(keys)
        missing = values.count(None)
        CACHE_REQUESTS.labels(space, "miss").inc(missing)
        CACHE_REQUESTS.labels(space, "hit").inc(len(keys) - missing)
        return values

    def set_many(self, space: str, values: Mapping[str, bytes], ttl_s: int) -> None:
        """Keep every value for `ttl_s` seconds; 0 keeps nothing."""
        if ttl_s <= 0 or not values:
            return
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                for key, value in values.items():
                    pipeline.set(self._name(space, key), value, ex=ttl_s)
                pipeline.execute()
        except redis.RedisError as error:
            log.warning("cache.unavailable", space=space, error=str(error))

    def _name(self, space: str, key: str) -> str:
        return f"ds:cache:{space}:{key}"
