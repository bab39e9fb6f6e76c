"""One effect per Idempotency-Key: the first request's answer is kept with its effect and given again.

The key is held by an advisory lock of the transaction that does the work, and the answer is a row of
the same transaction. So there is no state "running" that a killed process could leave behind: either
effect and answer are there, or neither is.
"""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.db.models import StoredAnswer
from app.db.session import Session
from app.errors import Conflict, InvalidInput

KEPT: Final = timedelta(hours=24)
WAIT_S: Final = 2.0
LOOK_EVERY_S: Final = 0.025
MOST_WAITING: Final = 2
"""Requests of a process that wait for another of their key, each with a connection; more are told to come back."""

_waiting = threading.BoundedSemaphore(MOST_WAITING)


class KeyReused(InvalidInput):
    """The key belongs to another request: another operation, or the same with other content."""

    code, status, title = "idempotency_key_reused", 422, "This key was used for another request"


class InProgress(Conflict):
    """A request with this key is being worked on at this moment."""

    code, status, title = "idempotency_in_progress", 409, "Already being done"


class AnswerNotKept(Conflict):
    """It was done, but its answer showed a secret, which is shown once."""

    code, status, title = "idempotent_answer_not_kept", 409, "Done already"


@dataclass(frozen=True, slots=True)
class Call:
    """A request under a key. `owner` names the caller: another caller's key is another key."""

    owner: str
    key: str
    operation: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered. A `body` of None is not kept: it shows a secret."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


def claim(session: Session, call: Call, *, now: datetime) -> Answer | None:
    """Hold the key until this transaction ends: None when the work is to be done, else its kept answer.

    InProgress when another transaction does not let the key go in time, KeyReused when it was used
    for something else, AnswerNotKept when there is nothing to show again.
    """
    _hold(session, call)
    kept = session.scalar(
        sa.select(StoredAnswer).where(
            StoredAnswer.owner == call.owner,
            StoredAnswer.key == call.key,
            StoredAnswer.expires_at > now,
        )
    )
    if kept is None:
        return None
    if (kept.operation, kept.request_hash) != (call.operation, call.request_hash):
        raise KeyReused("Use a new Idempotency-Key for each new request.")
    if kept.body is None:
        raise AnswerNotKept("This was done when it was first asked. What it showed is shown once.")
    return Answer(kept.status, kept.headers, kept.body)


def keep(session: Session, call: Call, answer: Answer, *, now: datetime) -> None:
    """Keep the answer for KEPT, together with what this transaction changes."""
    row = {
        "owner": call.owner,
        "key": call.key,
        "operation": call.operation,
        "request_hash": call.request_hash,
        "status": answer.status,
        "headers": dict(answer.headers),
        "body": answer.body,
        "created_at": now,
        "expires_at": now + KEPT,
    }
    session.execute(
        insert(StoredAnswer)
        .values(row)
        .on_conflict_do_update(index_elements=["owner", "key"], set_=row)
    )


def forget_expired(session: Session, *, now: datetime) -> int:
    """Delete answers whose day is over; how many."""
    gone = sa.delete(StoredAnswer).where(StoredAnswer.expires_at <= now)
    return len(session.execute(gone.returning(StoredAnswer.key)).all())


def forget_owner(session: Session, owner: str) -> None:
    """Delete what is kept for a caller."""
    session.execute(sa.delete(StoredAnswer).where(StoredAnswer.owner == owner))


def _hold(session: Session, call: Call) -> None:
    if _try_hold(session, call):
        return
    if not _waiting.acquire(blocking=False):
        raise _in_progress()
    try:
        deadline = monotonic() + WAIT_S
        while monotonic() < deadline:
            sleep(LOOK_EVERY_S)
            if _try_hold(session, call):
                return
    finally:
        _waiting.release()
    raise _in_progress()


def _in_progress() -> InProgress:
    return InProgress("A request with this Idempotency-Key is under way.", retry_after_s=1)


def _try_hold(session: Session, call: Call) -> bool:
    name = hashlib.sha256(f"idempotency\0{call.owner}\0{call.key}".encode()).digest()
    number = int.from_bytes(name[:8], "big", signed=True)
    return bool(session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(number))))
