"""Schedule slots in the database: taken once, whoever asks."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from app.db.models import Job, ScheduleSlot
from app.db.session import Session
from app.domain.schedules import Every
from app.services import schedules

NOW = datetime(2026, 11, 23, 12, 2, tzinfo=UTC)


def test_two_beats_queue_one_job_per_slot(session: Session) -> None:
    taken = [
        schedules.take_slot(session, "scan", Every(300), now=NOW + timedelta(seconds=s))
        for s in (0, 1, 2, 200, 201)
    ]
    assert taken == [True, False, False, True, False]
    kinds = session.scalars(sa.select(Job.dedupe_key).order_by(Job.dedupe_key)).all()
    assert kinds == ["scan:2026-11-23T12:00:00+00:00", "scan:2026-11-23T12:05:00+00:00"]


def test_old_slots_are_forgotten_but_never_the_newest_of_a_schedule(session: Session) -> None:
    for days in (100, 90):
        then = NOW - timedelta(days=days)
        schedules.take_slot(session, "scan", Every(300), now=then)
    schedules.forget_old_slots(session, now=NOW)
    assert session.scalar(sa.select(sa.func.count()).select_from(ScheduleSlot)) == 1
    assert set(schedules.last_slots(session)) == {"scan"}
