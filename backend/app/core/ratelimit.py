"""How many requests somebody may make in a moving window, counted by all processes together.

The window is in Valkey (CACHE_URL: losing it forgives a minute's requests, and a flood of addresses must
not fill the broker, whose memory is the queue's). A process does not ask for every request: it
takes a lease of up to a twentieth of the limit out of the window and spends it alone. Nobody is granted more
than the limit that way; what a process does not spend within a quarter of the window is lost to the
client. While Valkey is away each process counts for itself.
"""

from asyncio import Lock
from math import ceil
from time import monotonic, time
from typing import Final, NamedTuple, Self

import redis
import structlog
from limits import RateLimitItemPerSecond, WindowStats
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter as LocalMovingWindow
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from app.core.metrics import RATE_LIMIT_LOCAL
from app.core.settings import Settings

log = structlog.get_logger(__name__)

LEASES_A_WINDOW: Final = 20
LARGEST_LEASE: Final = 100
"""Valkey writes down every request of a lease, and does nothing else meanwhile."""
LEASE_LIFE: Final = 0.25
"""Of the window. Long enough that who comes close to the limit spends each lease, short enough for a true window."""
REFUSAL_KEPT_S: Final = 1.0
TIMEOUT_S: Final = 0.5
CONNECTIONS: Final = 8
OUTAGE_S: Final = 5.0
"""How long Valkey is left alone after it has not answered."""
MOST_BUCKETS: Final = 50_000

_AWAY: Final = (redis.RedisError, OSError)


class Verdict(NamedTuple):
    """Whether the request may be answered, and where its caller stands. `reset_s`: until more is free again."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int


class _Bucket:
    """What this process holds of one caller's window."""

    __slots__ = ("left", "lock", "refused_until", "remaining", "reset_at", "until")

    def __init__(self) -> None:
        self.lock = Lock()
        self.left = 0  # leased and not spent
        self.until = 0.0  # when the lease ends
        self.remaining = 0  # of the shared window, beside the lease
        self.reset_at = 0.0
        self.refused_until = 0.0


class RateLimiter:
    """Moving windows by (scope, key). For one event loop."""

    def __init__(self, url: str) -> None:
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=TIMEOUT_S,
            socket_timeout=TIMEOUT_S,
            socket_connect_timeout=TIMEOUT_S,
            retry=Retry(NoBackoff(), 1),  # a connection that the server has closed meanwhile
        )
        self._pool = pool
        storage = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix="ds:rate",
            connection_pool=pool,  # type: ignore[arg-type]  # documented, but not typed so
        )
        self._shared = MovingWindowRateLimiter(storage)
        self._local: LocalMovingWindow | None = None
        self._away_until = 0.0
        self._away = False
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """A limiter on CACHE_URL."""
        return cls(settings.cache_url)

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.disconnect()

    async def hit(
        self, scope: str, key: str, *, limit: int, window_s: int, cost: int = 1
    ) -> Verdict:
        """Count a request that is worth `cost`; one that is refused is not counted. `limit` is at least 1.

        What costs more than the whole limit is counted as the whole limit.
        """
        cost = min(cost, limit)
        now = monotonic()
        bucket = self._buckets.get((scope, key))
        if bucket is None:
            bucket = self._new_bucket(scope, key, now)
        if (verdict := _known(bucket, limit, cost, now)) is not None:
            return verdict
        async with bucket.lock:
            # whoever held the lock may have taken a lease that is enough for this one too
            now = monotonic()
            if (verdict := _known(bucket, limit, cost, now)) is not None:
                return verdict
            item = RateLimitItemPerSecond(limit, window_s)
            return await self._ask(item, scope, key, bucket, cost)

    async def _ask(
        self, item: RateLimitItemPerSecond, scope: str, key: str, bucket: _Bucket, cost: int
    ) -> Verdict:
        """Take a lease out of the window, or only what this request costs, or nothing."""
        if monotonic() >= self._away_until:
            try:
                lease = max(cost, min(item.amount // LEASES_A_WINDOW, LARGEST_LEASE))
                taken = lease if await self._shared.hit(item, scope, key, cost=lease) else 0
                if not taken and lease > cost:
                    taken = cost if await self._shared.hit(item, scope, key, cost=cost) else 0
                stats = await self._shared.get_window_stats(item, scope, key)
            except _AWAY as error:
                self._note_away(error)
            else:
                self._note_back()
                return _settled(bucket, item, cost, taken, stats)
        if self._local is None:
            self._local = LocalMovingWindow(MemoryStorage())
        RATE_LIMIT_LOCAL.inc()
        taken = cost if self._local.hit(item, scope, key, cost=cost) else 0
        return _settled(bucket, item, cost, taken, self._local.get_window_stats(item, scope, key))

    def _new_bucket(self, scope: str, key: str, now: float) -> _Bucket:
        if len(self._buckets) >= MOST_BUCKETS:
            live = {
                name: bucket
                for name, bucket in self._buckets.items()
                if bucket.until > now or bucket.refused_until > now or bucket.lock.locked()
            }
            # half is room enough; forgetting a lease costs its holder a twentieth of a window
            self._buckets = live if len(live) < MOST_BUCKETS // 2 else {}
        bucket = self._buckets[scope, key] = _Bucket()
        return bucket

    def _note_away(self, error: Exception) -> None:
        self._away_until = monotonic() + OUTAGE_S
        if not self._away:
            self._away = True
            log.warning("rate_limit.counting_alone", error=type(error).__name__)

    def _note_back(self) -> None:
        if self._away:
            self._away, self._local = False, None
            log.info("rate_limit.counting_together")


def _known(bucket: _Bucket, limit: int, cost: int, now: float) -> Verdict | None:
    """The answer that needs nobody else: from a lease, or from a refusal of just now."""
    if bucket.left >= cost and now < bucket.until:
        bucket.left -= cost
        left = bucket.remaining + bucket.left
        return Verdict(True, limit, left, max(0, ceil(bucket.reset_at - now)))
    if now < bucket.refused_until:
        return Verdict(False, limit, bucket.remaining, max(1, ceil(bucket.reset_at - now)))
    return None


def _settled(
    bucket: _Bucket,
    item: RateLimitItemPerSecond,
    cost: int,
    taken: int,
    stats: WindowStats,
) -> Verdict:
    """Note what the window said, and judge by it."""
    now = monotonic()
    bucket.reset_at = now + max(0.0, stats.reset_time - time())
    bucket.remaining = stats.remaining
    if not taken:
        # what costs more waits for itself alone: cheaper requests may still fit in
        kept = REFUSAL_KEPT_S if cost == 1 else 0.0
        bucket.refused_until = min(now + kept, bucket.reset_at)
        wait = max(1, ceil(bucket.reset_at - now))
        return Verdict(False, item.amount, stats.remaining, wait)
    if now >= bucket.until:
        bucket.left = 0
    bucket.left += taken - cost
    bucket.until = now + item.get_expiry() * LEASE_LIFE
    left = bucket.remaining + bucket.left
    return Verdict(True, item.amount, left, max(0, ceil(bucket.reset_at - now)))
