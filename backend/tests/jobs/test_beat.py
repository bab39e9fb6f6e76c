"""Two beats on the nights when clocks change: the nightly refresh is queued once, at three in Los Angeles."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from celery import Celery

from app.core.settings import Settings
from app.db.models import Job, ScheduleSlot
from app.db.session import transaction
from app.jobs.beat import SlotScheduler

PACIFIC = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("day", "three_o_clock"),
    [
        ((2026, 11, 1), datetime(2026, 11, 1, 11, tzinfo=UTC)),  # 01:00 to 02:00 came twice
        ((2027, 3, 14), datetime(2027, 3, 14, 10, tzinfo=UTC)),  # 02:00 to 03:00 never came
    ],
)
def test_two_ticking_beats_queue_the_nightly_refresh_once_when_clocks_change(
    process: Settings, day: tuple[int, int, int], three_o_clock: datetime
) -> None:
    midnight = datetime(*day, tzinfo=PACIFIC).astimezone(UTC)
    next_midnight = (datetime(*day, tzinfo=PACIFIC) + timedelta(days=1)).astimezone(UTC)

    def tick(offset_s: int) -> None:
        beat = SlotScheduler(app=Celery(), lazy=True)
        beat._plan = {"refresh_comps": beat._plan["refresh_comps"]}
        now = midnight + timedelta(seconds=offset_s)
        while now < next_midnight:
            beat.take_due(now)
            now += timedelta(seconds=20)

    beats = [threading.Thread(target=tick, args=(offset,)) for offset in (0, 7)]
    for beat in beats:
        beat.start()
    for beat in beats:
        beat.join()
    with transaction() as session:
        slots = session.scalars(
            sa.select(ScheduleSlot.slot_start)
            .where(ScheduleSlot.slot_start >= midnight)
            .order_by(ScheduleSlot.slot_start)
        ).all()
        jobs = session.scalars(
            sa.select(Job.dedupe_key)
            .where(Job.kind == "refresh_comps", Job.created_at >= three_o_clock)
            .order_by(Job.created_at)
        ).all()
    assert slots == [three_o_clock]
    assert jobs == [f"refresh_comps:{three_o_clock.isoformat()}"]
    assert three_o_clock.astimezone(PACIFIC).hour == 3
