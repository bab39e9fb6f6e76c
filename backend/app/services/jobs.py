"""Jobs: work kept in rows, claimed under a lease, finished under a fence.

A row is inserted in the transaction of the change that calls for it, so that neither can exist
without the other. Claims use FOR UPDATE SKIP LOCKED and the database's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.core import metrics
from app.core.ids import new_id
from app.core.logging import correlation_id
from app.core.queue import ring
from app.db.cursors import cursor_of, id_from
from app.db.models import Job
from app.db.session import Session, on_commit, transaction
from app.errors import Conflict, NotFound

LEASE_S = 120
KEEP_FINISHED = timedelta(days=7)
TAKE_LONG = frozenset({"fit_model"})
"""Kinds that compute for seconds and are many at once: others go first, lest listings wait for all of them."""


class LeaseLost(Exception):
    """Another worker has taken the job over; whatever this one still holds must not be stored."""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job as its worker holds it. `fence` proves the claim when results are stored.

    `progress` is what an earlier attempt noted, for going on from there.
    """

    id: UUID
    kind: str
    payload: dict[str, Any]
    attempt: int
    max_attempts: int
    fence: int
    correlation_id: str | None
    progress: dict[str, Any] | None = None


def enqueue(
    session: Session,
    kind: str,
    payload: dict[str, Any],
    *,
    now: datetime,
    dedupe_key: str | None = None,
    delay_s: float = 0,
) -> Job:
    """Insert a job and ring for it once the transaction is durable.

    With a `dedupe_key` that exists already, the existing job is returned and nothing is rung.
    """
    row = {
        "id": new_id(),
        "kind": kind,
        "dedupe_key": dedupe_key,
        "payload": payload,
        "state": "queued",
        "attempts": 0,
        "max_attempts": 8,
        "fence": 0,
        "next_attempt_at": sa.func.now() + timedelta(seconds=delay_s),
        "correlation_id": correlation_id(),
        "created_at": now,
    }
    inserted: Job | None = session.scalar(
        insert(Job).values(row).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(Job)
    )
    if inserted is None:
        return session.scalars(sa.select(Job).where(Job.dedupe_key == dedupe_key)).one()
    if delay_s <= 0:
        on_commit(session, partial(ring, inserted.id, late=kind in TAKE_LONG))
    return inserted


def enqueue_once(session: Session, kind: str, payload: dict[str, Any], *, now: datetime) -> Job:
    """Like `enqueue`, but a job of this kind and payload that nobody has begun yet will do.

    Its row stays locked until this transaction ends, so it cannot begin before what it is for is there.
    """
    waiting: Job | None = session.scalar(
        sa.select(Job)
        .where(Job.kind == kind, Job.payload == payload, Job.state == "queued", Job.attempts == 0)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    return waiting or enqueue(session, kind, payload, now=now)


def amend(session: Session, job_id: UUID, payload: dict[str, Any], *, delay_s: float) -> bool:
    """Give a job that nobody has begun yet another payload and time; False when it has begun."""
    amended = session.scalar(
        sa.update(Job)
        .where(Job.id == job_id, Job.state == "queued", Job.attempts == 0)
        .values(payload=payload, next_attempt_at=sa.func.now() + timedelta(seconds=delay_s))
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    )
    if amended is not None and delay_s <= 0:
        on_commit(session, lambda: ring(amended))
    return amended is not None


def get(session: Session, job_id: UUID) -> Job:
    """The job, or NotFound."""
    job = session.get(Job, job_id)
    if job is None:
        raise NotFound("No such job.")
    return job


def list_page(
    session: Session,
    *,
    state: str | None = None,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[Sequence[Job], str | None]:
    """The jobs that were asked for last come first; and the next page's cursor.

    Ids are made in the order of time, so a page begins below the last id of the one before.
    """
    wanted = sa.select(Job)
    if state is not None:
        wanted = wanted.where(Job.state == state)
    if kind is not None:
        wanted = wanted.where(Job.kind == kind)
    if cursor is not None:
        wanted = wanted.where(Job.id < id_from(cursor))
    found = session.scalars(wanted.order_by(Job.id.desc()).limit(limit + 1)).all()
    page = found[:limit]
    return page, cursor_of(page[-1].id) if len(found) > limit else None


def count(session: Session) -> dict[tuple[str, str], int]:
    """How many jobs there are, by kind and state; what there is none of is left out."""
    rows = session.execute(
        sa.select(Job.kind, Job.state, sa.func.count()).group_by("kind", "state")
    )
    return {(kind, state): jobs for kind, state, jobs in rows}


def queue_anew(session: Session, job_id: UUID) -> Job:
    """Give a job that failed or died all its attempts again; it goes on from its noted progress.

    What went wrong last stays to be read until it ends otherwise. Conflict when it has not failed.
    """
    job: Job | None = session.scalar(sa.select(Job).where(Job.id == job_id).with_for_update())
    if job is None:
        raise NotFound("No such job.")
    if job.state not in ("failed", "dead"):
        raise Conflict(f"Only a job that failed can be tried again; this one is {job.state}.")
    job.state = "queued"
    job.attempts = 0
    job.started_at = job.finished_at = None
    job.next_attempt_at = sa.func.now()
    session.flush()
    session.refresh(job)
    on_commit(session, partial(ring, job.id, late=job.kind in TAKE_LONG))
    return job


def claim(session: Session, job_id: UUID, *, owner: str) -> ClaimedJob | None:
    """Take the job if it is due and nobody holds it; None when there is nothing to do."""
    due = sa.or_(
        sa.and_(Job.state == "queued", Job.next_attempt_at <= sa.func.now()),
        sa.and_(Job.state == "running", Job.lease_until < sa.func.now()),
    )
    job = session.scalar(
        sa.select(Job).where(Job.id == job_id, due).with_for_update(skip_locked=True)
    )
    if job is None:
        return None
    if job.state == "running":
        metrics.JOB_LEASE_EXPIRED.labels(job.kind).inc()
        if job.attempts >= job.max_attempts:
            _end(job, "dead", error=job.last_error or "its worker died at every attempt")
            return None
    job.state = "running"
    job.attempts += 1
    job.fence += 1
    job.owner = owner
    session.execute(
        sa.update(Job)
        .where(Job.id == job_id)
        .values(
            lease_until=sa.func.now() + timedelta(seconds=LEASE_S),
            started_at=sa.func.coalesce(Job.started_at, sa.func.now()),
        )
        .execution_options(synchronize_session=False)
    )
    return ClaimedJob(
        id=job.id,
        kind=job.kind,
        payload=job.payload,
        attempt=job.attempts,
        max_attempts=job.max_attempts,
        fence=job.fence,
        correlation_id=job.correlation_id,
        progress=job.progress,
    )


def still_mine(session: Session, claimed: ClaimedJob) -> None:
    """Lock the job's row and make sure of the claim, before effects are stored. LeaseLost if not."""
    fence = session.scalar(
        sa.select(Job.fence).where(Job.id == claimed.id, Job.state == "running").with_for_update()
    )
    if fence != claimed.fence:
        raise LeaseLost(f"{claimed.kind} {claimed.id}")


def note_progress(session: Session, claimed: ClaimedJob, progress: dict[str, Any]) -> None:
    """Show how far the job is together with the effects of this transaction, and prolong the lease.

    LeaseLost when another worker has the job by now.
    """
    done = session.execute(
        sa.update(Job)
        .where(Job.id == claimed.id, Job.fence == claimed.fence, Job.state == "running")
        .values(progress=progress, lease_until=sa.func.now() + timedelta(seconds=LEASE_S))
        .returning(Job.id)
        .execution_options(synchronize_session=False)
    ).first()
    if done is None:
        raise LeaseLost(f"{claimed.kind} {claimed.id}")


def extend(claimed: ClaimedJob, *, progress: dict[str, Any] | None = None) -> None:
    """Prolong the lease and show progress, in a transaction of its own. LeaseLost if taken over."""
    values: dict[str, Any] = {"lease_until": sa.func.now() + timedelta(seconds=LEASE_S)}
    if progress is not None:
        values["progress"] = progress
    with transaction() as session:
        done = session.execute(
            sa.update(Job)
            .where(Job.id == claimed.id, Job.fence == claimed.fence, Job.state == "running")
            .values(values)
            .returning(Job.id)
        ).first()
    if done is None:
        raise LeaseLost(f"{claimed.kind} {claimed.id}")


def complete(session: Session, claimed: ClaimedJob, result: dict[str, Any]) -> None:
    """Store the result. LeaseLost when another worker has the job by now."""
    job = _held(session, claimed)
    _end(job, "done", result=result)


def retry(session: Session, claimed: ClaimedJob, *, error: str, after_s: float) -> str:
    """Put the job back for a later attempt, or bury it when its attempts are used up.

    Returns the state it is left in: queued or dead.
    """
    job = _held(session, claimed)
    if job.attempts >= job.max_attempts:
        _end(job, "dead", error=error)
        return "dead"
    job.state, job.last_error, job.lease_until, job.owner = "queued", error, None, None
    session.flush()
    session.execute(
        sa.update(Job)
        .where(Job.id == job.id)
        .values(next_attempt_at=sa.func.now() + timedelta(seconds=after_s))
        .execution_options(synchronize_session=False)
    )
    return "queued"


def fail(session: Session, claimed: ClaimedJob, *, reason: str) -> None:
    """End the job for a reason that no retry would change."""
    _end(_held(session, claimed), "failed", error=reason)


def due(session: Session, *, limit: int = 100) -> Sequence[UUID]:
    """Ids of jobs that wait to be looked at: due, or with an expired lease. Oldest first."""
    return [job_id for job_id, _ in _due(session, limit)]


def ring_due(session: Session, *, limit: int = 100) -> None:
    """Ring for whatever is `due`, once this transaction has ended."""
    for job_id, kind in _due(session, limit):
        on_commit(session, partial(ring, job_id, late=kind in TAKE_LONG))


def _due(session: Session, limit: int) -> Sequence[tuple[UUID, str]]:
    rows = session.execute(
        sa.select(Job.id, Job.kind)
        .where(
            Job.state.in_(("queued", "running")),
            sa.or_(
                sa.and_(Job.state == "queued", Job.next_attempt_at <= sa.func.now()),
                sa.and_(Job.state == "running", Job.lease_until < sa.func.now()),
            ),
        )
        .order_by(Job.next_attempt_at)
        .limit(limit)
    )
    return [(job_id, kind) for job_id, kind in rows]


def forget_finished(session: Session, *, now: datetime) -> int:
    """Delete jobs that ended more than a week ago; failures stay to be looked at."""
    result = session.execute(
        sa.delete(Job)
        .where(Job.state == "done", Job.finished_at < now - KEEP_FINISHED)
        .returning(Job.id)
    )
    return len(result.all())


def _held(session: Session, claimed: ClaimedJob) -> Job:
    job = session.scalar(sa.select(Job).where(Job.id == claimed.id).with_for_update())
    if job is None or job.fence != claimed.fence or job.state != "running":
        raise LeaseLost(f"{claimed.kind} {claimed.id}")
    return job


def _end(
    job: Job, state: str, *, result: dict[str, Any] | None = None, error: str | None = None
) -> None:
    job.state = state
    job.result = result
    job.last_error = error if error is not None else job.last_error
    job.lease_until = None
    job.owner = None
    job.finished_at = sa.func.clock_timestamp()  # the database's clock
