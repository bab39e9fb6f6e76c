"""Numbers about the queue that are read, not counted: refreshed whenever metrics are scraped."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from app.core import metrics, queue
from app.core.settings import Settings
from app.db.models import Job
from app.db.session import Session
from app.services import schedules


def refresh(session: Session, settings: Settings, *, now: datetime) -> None:
    """Set the gauges of jobs, queue and schedules from Postgres and Valkey."""
    metrics.QUEUE_DEPTH.labels(queue.QUEUE).set(queue.queue_depth())
    kinds: Sequence[tuple[str, str, int, datetime | None]] = (
        session.execute(
            sa.select(
                Job.kind,
                Job.state,
                sa.func.count(),
                sa.func.min(Job.next_attempt_at).filter(Job.state == "queued"),
            ).group_by(Job.kind, Job.state)
        )
        .tuples()
        .all()
    )
    oldest: dict[str, float] = {}
    for kind, state, count, due_at in kinds:
        metrics.JOBS.labels(kind, state).set(count)
        age = 0.0 if due_at is None else max(0.0, (now - due_at).total_seconds())
        oldest[kind] = max(oldest.get(kind, 0.0), age)
    for kind, age in oldest.items():
        metrics.JOB_OLDEST_DUE.labels(kind).set(age)
    succeeded: dict[str, datetime | None] = dict(
        session.execute(
            sa.select(Job.kind, sa.func.max(Job.finished_at))
            .where(Job.state == "done")
            .group_by(Job.kind)
        )
        .tuples()
        .all()
    )
    for name, schedule in schedules.plan(settings).items():
        metrics.SCHEDULE_PERIOD.labels(name).set(schedule.period_s)
        ended = succeeded.get(name)
        if ended is not None:
            metrics.SCHEDULE_LAST_SUCCESS.labels(name).set(ended.timestamp())
