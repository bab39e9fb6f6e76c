"""Numbers about the queue that are read, not counted: refreshed whenever metrics are scraped."""

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
    due_at = sa.func.min(Job.next_attempt_at).filter(Job.state == "queued")
    states = session.execute(
        sa.select(
            Job.kind, Job.state, sa.func.count().label("rows"), due_at.label("due_at")
        ).group_by(Job.kind, Job.state)
    ).all()
    oldest: dict[str, float] = {}
    for row in states:
        metrics.JOBS.labels(row.kind, row.state).set(row.rows)
        age = 0.0 if row.due_at is None else max(0.0, (now - row.due_at).total_seconds())
        oldest[row.kind] = max(oldest.get(row.kind, 0.0), age)
    for kind, age in oldest.items():
        metrics.JOB_OLDEST_DUE.labels(kind).set(age)
    ended_at = sa.func.max(Job.finished_at).label("ended_at")
    succeeded = session.execute(
        sa.select(Job.kind, ended_at).where(Job.state == "done").group_by(Job.kind)
    ).all()
    last_success = {row.kind: row.ended_at for row in succeeded}
    for name, schedule in schedules.plan(settings).items():
        metrics.SCHEDULE_PERIOD.labels(name).set(schedule.period_s)
        if name in last_success:
            metrics.SCHEDULE_LAST_SUCCESS.labels(name).set(last_success[name].timestamp())
