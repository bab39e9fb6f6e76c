"""The recurring work of the product, and the slots that make each piece run once.

Whoever ticks (any number of beats) inserts the current slot; the one whose insert succeeds queues
the job in the same transaction. Missed slots are not made up for: the newest one says it all.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.core import metrics
from app.core.settings import Settings
from app.db.models import ScheduleSlot
from app.db.session import Session
from app.domain.schedules import DailyAt, Every, Schedule
from app.services import jobs

KEEP_SLOTS = timedelta(days=30)


def plan(settings: Settings) -> Mapping[str, Schedule]:
    """Schedules by the kind of job that they queue."""
    return {
        "scan": Every(settings.scan_interval_s),
        "sweep_stale": Every(60),
        "follow_choice": Every(60),
        "refresh_comps": DailyAt(time(3), "America/Los_Angeles"),
        "housekeeping": Every(3600),
    }


def take_slot(session: Session, kind: str, schedule: Schedule, *, now: datetime) -> bool:
    """Queue `kind` for the slot that `now` lies in, unless somebody has. True when this call did."""
    slot = schedule.slot(now)
    taken = session.scalar(
        insert(ScheduleSlot)
        .values(name=kind, slot_start=slot, created_at=now)
        .on_conflict_do_nothing()
        .returning(ScheduleSlot.slot_start)
    )
    if taken is None:
        return False
    previous = session.scalar(
        sa.select(sa.func.max(ScheduleSlot.slot_start)).where(
            ScheduleSlot.name == kind, ScheduleSlot.slot_start < slot
        )
    )
    if previous is not None:
        missed = round((slot - previous).total_seconds() / schedule.period_s) - 1
        if missed > 0:
            metrics.SCHEDULE_MISSED.labels(kind).inc(missed)
    jobs.enqueue(
        session,
        kind,
        {"slot": slot.isoformat()},
        now=now,
        dedupe_key=f"{kind}:{slot.isoformat()}",
    )
    return True


def last_slots(session: Session) -> Mapping[str, datetime]:
    """When each schedule's newest slot was taken; old age means that no beat is ticking."""
    rows = session.execute(
        sa.select(ScheduleSlot.name, sa.func.max(ScheduleSlot.created_at).label("newest")).group_by(
            ScheduleSlot.name
        )
    )
    return {row.name: row.newest for row in rows}


def forget_old_slots(session: Session, *, now: datetime) -> None:
    """Delete slots older than a month, always keeping each schedule's newest."""
    newest = (
        sa.select(ScheduleSlot.name, sa.func.max(ScheduleSlot.slot_start).label("slot_start"))
        .group_by(ScheduleSlot.name)
        .subquery()
    )
    session.execute(
        sa.delete(ScheduleSlot).where(
            ScheduleSlot.created_at < now - KEEP_SLOTS,
            sa.tuple_(ScheduleSlot.name, ScheduleSlot.slot_start).not_in(
                sa.select(newest.c.name, newest.c.slot_start)
            ),
        )
    )
