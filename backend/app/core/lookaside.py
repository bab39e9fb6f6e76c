"""A look-aside cache of rows that may be taken back at any moment: a taken-back one is never served again.

`forbid` marks a key "ask the truth" for longer than any entry lives, and `fill` never overwrites a
mark. So a reader that read the row just before it was changed cannot put it back after the change.
When Valkey is away every look-up is a miss; an entry lives at most TTL_S whatever happens.
"""

from collections.abc import Iterable
from typing import Final, Self, cast

import redis
import structlog

from app.core.metrics import CACHE_REQUESTS
from app.core.settings import Settings

log = structlog.get_logger(__name__)

TTL_S: Final = 30
SOCKET_TIMEOUT_S: Final = 0.5
_MARK: Final = b"-"


class Lookaside:
    """Bytes by key in one named space."""

    def __init__(self, client: "redis.Redis", space: str) -> None:
        self._client = client
        self._space = space

    @classmethod
    def from_settings(cls, settings: Settings, space: str) -> Self:
        """A cache on CACHE_URL with short time limits: the truth is a millisecond away."""
        client = redis.Redis.from_url(
            settings.cache_url,
            socket_timeout=SOCKET_TIMEOUT_S,
            socket_connect_timeout=SOCKET_TIMEOUT_S,
            health_check_interval=30,
        )
        return cls(client, space)

    def get(self, key: str) -> bytes | None:
        """What was filled in, or None: ask the truth."""
        try:
            found = cast("bytes | None", self._client.get(self._name(key)))
        except redis.RedisError as error:
            self._away(error)
            return None
        value = None if found == _MARK else found
        CACHE_REQUESTS.labels(self._space, "miss" if value is None else "hit").inc()
        return value

    def fill(self, key: str, value: bytes) -> None:
        """Keep what the truth said just now, unless the key is there or is marked."""
        try:
            self._client.set(self._name(key), value, ex=TTL_S, nx=True)
        except redis.RedisError as error:
            self._away(error)

    def forbid(self, keys: Iterable[str]) -> None:
        """Mark keys: before the change is committed, so that no reader fills in what it was."""
        try:
            with self._client.pipeline(transaction=False) as pipeline:
                for key in keys:
                    pipeline.set(self._name(key), _MARK, ex=2 * TTL_S)
                pipeline.execute()
        except redis.RedisError as error:
            self._away(error)

    def _name(self, key: str) -> str:
        return f"ds:{self._space}:{key}"

    def _away(self, error: redis.RedisError) -> None:
        CACHE_REQUESTS.labels(self._space, "error").inc()
        log.warning("cache.unavailable", space=self._space, error=str(error))
