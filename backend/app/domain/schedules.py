"""When recurring work is due: the start of the slot that a moment falls into. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """An interval, counted in UTC from a fixed point, so that daylight saving never moves it."""

    period_s: int

    def slot(self, now: datetime) -> datetime:
        """The start of the interval that `now` lies in."""
        elapsed = int((now - EPOCH).total_seconds())
        return EPOCH + timedelta(seconds=elapsed - elapsed % self.period_s)


@dataclass(frozen=True, slots=True)
class DailyAt:
    """A local time of day in a zone: one slot per local calendar day, also when clocks change."""

    at: time
    zone: str
    period_s: int = 86_400

    def slot(self, now: datetime) -> datetime:
        """The last time it was `at` in the zone, as UTC. A skipped local time is taken as it would
        have been before the change, a doubled one as its first occurrence (PEP 495, fold=0).
        """
        zone = ZoneInfo(self.zone)
        local = now.astimezone(zone)
        slot = datetime.combine(local.date(), self.at, tzinfo=zone).astimezone(UTC)
        if slot > now:
            yesterday = local.date() - timedelta(days=1)
            slot = datetime.combine(yesterday, self.at, tzinfo=zone).astimezone(UTC)
        return slot


Schedule = Every | DailyAt
