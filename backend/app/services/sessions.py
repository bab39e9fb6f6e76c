"""A person's sessions: opened at sign-in under a new random id, listed, ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.tokens import digest, new_token
from app.db.models import UserSession
from app.db.session import Session
from app.errors import NotFound
from app.services import callers

MAX_USER_AGENT = 300


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request came from."""

    ip: str
    user_agent: str


def open_session(
    session: Session, user_id: UUID, *, origin: Origin, second_factor: bool, now: datetime
) -> tuple[UserSession, str]:
    """A new session and its token, which is not kept anywhere but in the browser."""
    token = new_token()
    opened = UserSession(
        id=new_id(),
        user_id=user_id,
        token_hash=digest(token),
        second_factor=second_factor,
        ip=origin.ip,
        user_agent=origin.user_agent[:MAX_USER_AGENT],
        created_at=now,
        last_seen_at=now,
        expires_at=now + callers.ABSOLUTE,
    )
    session.add(opened)
    session.flush()
    return opened, token


def list_sessions(session: Session, user_id: UUID, *, now: datetime) -> Sequence[UserSession]:
    """The sessions of an account that can still be used, the one seen last first."""
    return session.scalars(
        sa.select(UserSession)
        .where(
            UserSession.user_id == user_id,
            UserSession.expires_at > now,
            UserSession.last_seen_at > now - callers.IDLE,
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id)
    ).all()


def last_seen(session: Session, user_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When each of these accounts was last seen in a session that is still kept."""
    rows = session.execute(
        sa.select(UserSession.user_id, sa.func.max(UserSession.last_seen_at))
        .where(UserSession.user_id.in_(user_ids))
        .group_by(UserSession.user_id)
    )
    return {user_id: at for user_id, at in rows}  # noqa: C416 - dict() takes a Result for a mapping


def end_session(session: Session, user_id: UUID, session_id: UUID) -> None:
    """End one session of this account. NotFound when it has no such session."""
    held = session.scalar(
        sa.select(UserSession).where(UserSession.id == session_id, UserSession.user_id == user_id)
    )
    if held is None:
        raise NotFound("No such session.")
    callers.sessions_cache().forbid([held.token_hash.hex()])
    session.delete(held)
    session.flush()


def end_sessions(session: Session, user_id: UUID, *, but: UUID | None = None) -> int:
    """End every session of an account, or every other one; how many that were."""
    callers.forget_sessions(session, user_id)
    ended = sa.delete(UserSession).where(UserSession.user_id == user_id)
    if but is not None:
        ended = ended.where(UserSession.id != but)
    return len(session.execute(ended.returning(UserSession.id)).all())


def forget_ended(session: Session, *, now: datetime) -> int:
    """Delete sessions that can no longer be used; how many."""
    gone = sa.delete(UserSession).where(
        sa.or_(UserSession.expires_at <= now, UserSession.last_seen_at <= now - callers.IDLE)
    )
    return len(session.execute(gone.returning(UserSession.id)).all())


def mark_second_factor(session: Session, user_id: UUID, session_id: UUID | None) -> None:
    """Note that a session's owner has just shown a second factor."""
    callers.forget_sessions(session, user_id)
    session.execute(
        sa.update(UserSession).where(UserSession.id == session_id).values(second_factor=True)
    )
