"""Calls a day for each API, counted until midnight Pacific on the market's clock, as eBay does."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ebay_sim.errors import EbayError, envelope
from ebay_sim.world.clock import stamp

PACIFIC = ZoneInfo("America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class Api:
    """An API as getRateLimits names it."""

    context: str
    name: str
    version: str


APIS = {
    "browse": Api("buy", "browse", "v1"),
    "insights": Api("buy", "marketplace_insights", "v1_beta"),
    "taxonomy": Api("commerce", "taxonomy", "v1"),
    "analytics": Api("developer", "analytics", "v1_beta"),
}


class Quota:
    """`spend` counts a call and refuses it with 429 above the limit."""

    def __init__(self, now: Callable[[], float], *, browse_limit: int = 5_000) -> None:
        self._now = now
        self.limits = {
            "browse": browse_limit,
            "insights": 5_000,
            "taxonomy": 5_000,
            "analytics": 5_000,
        }
        self._day = ""
        self._counts: Counter[str] = Counter()

    def spend(self, api: str) -> None:
        """Counts a call; EbayError 429 with 2001 when the day's calls are used up."""
        self._turn_the_day()
        if self._counts[api] >= self.limits[api]:
            message = "The request limit has been reached for the resource."
            raise EbayError(
                429,
                envelope(2001, "ACCESS", "REQUEST", "Too many requests.", message),
                {"Retry-After": str(max(1, round(self._reset() - self._now())))},
            )
        self._counts[api] += 1

    def clear(self) -> None:
        """Forgets what was spent today."""
        self._counts.clear()

    def rates(self, *, context: str | None, name: str | None) -> list[dict[str, Any]]:
        """The numbers of getRateLimits for the APIs that match, which are those that `spend` goes by."""
        self._turn_the_day()
        return [
            {
                "apiContext": api.context,
                "apiName": api.name,
                "apiVersion": api.version,
                "resources": [
                    {
                        "name": f"{api.context}.{api.name}",
                        "rates": [
                            {
                                "count": self._counts[key],
                                "limit": self.limits[key],
                                "remaining": max(0, self.limits[key] - self._counts[key]),
                                "reset": stamp(self._reset()),
                                "timeWindow": 86_400,
                            }
                        ],
                    }
                ],
            }
            for key, api in APIS.items()
            if context in (None, api.context) and name in (None, api.name)
        ]

    def _today(self) -> datetime:
        return (
            datetime.fromtimestamp(self._now(), UTC)
            .astimezone(PACIFIC)
            .replace(hour=0, minute=0, second=0, microsecond=0)
        )

    def _reset(self) -> float:
        # A day and a half on, then back to midnight: right on the days with 23 and 25 hours too.
        return (self._today() + timedelta(hours=36)).replace(hour=0, tzinfo=PACIFIC).timestamp()

    def _turn_the_day(self) -> None:
        day = self._today().date().isoformat()
        if day != self._day:
            self._day = day
            self._counts.clear()
