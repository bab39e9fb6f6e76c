"""Slots: the same for everybody who asks, also on the nights when clocks change."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from app.domain.schedules import DailyAt, Every

NIGHTLY = DailyAt(time(3), "America/Los_Angeles")


def distinct_slots(schedule: Every | DailyAt, start: datetime, hours: int) -> list[datetime]:
    minutes = (start + timedelta(minutes=m) for m in range(hours * 60))
    return sorted({schedule.slot(now) for now in minutes})


def test_an_interval_starts_every_five_minutes_whatever_the_clocks_do() -> None:
    slots = distinct_slots(Every(300), datetime(2026, 11, 1, tzinfo=UTC), 24)
    assert len(slots) == 288
    assert {later - earlier for earlier, later in pairwise(slots)} == {timedelta(minutes=5)}


@pytest.mark.parametrize(
    ("night", "utc_hour"),
    [
        (datetime(2026, 3, 8, tzinfo=UTC), 10),  # spring forward: 02:00 becomes 03:00
        (datetime(2026, 11, 1, tzinfo=UTC), 11),  # fall back: 01:00 to 02:00 twice
        (datetime(2026, 7, 1, tzinfo=UTC), 10),
        (datetime(2026, 12, 1, tzinfo=UTC), 11),
    ],
)
def test_three_in_the_morning_in_los_angeles_comes_once_a_day(
    night: datetime, utc_hour: int
) -> None:
    slots = distinct_slots(NIGHTLY, night, 24)
    assert slots[-1] == night.replace(hour=utc_hour)
    assert len(slots) == 2  # yesterday's until then, today's from then on
    assert {slot.astimezone(ZoneInfo("America/Los_Angeles")).hour for slot in slots} == {3}


def test_a_local_time_that_is_skipped_still_has_one_slot() -> None:
    half_past_two = DailyAt(time(2, 30), "America/Los_Angeles")
    assert len(distinct_slots(half_past_two, datetime(2026, 3, 7, 12, tzinfo=UTC), 48)) == 3
