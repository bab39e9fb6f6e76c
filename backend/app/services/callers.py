"""Who calls: the account behind a session's cookie or an API key, and what it may do.

Sessions are read through Valkey with Postgres as the truth; ending one is seen at once, as its entry
is marked before the change commits. Look-ups happen before a request has a transaction, and a stamp
must outlive a request that fails, so these functions open short transactions of their own.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

import orjson
import sqlalchemy as sa

from app.core.lookaside import Lookaside
from app.core.settings import get_settings
from app.core.tokens import digest
from app.db.models import User, UserSession
from app.db.session import Session, transaction
from app.services import api_keys

IDLE: Final = timedelta(days=7)
ABSOLUTE: Final = timedelta(days=30)
STAMP_EVERY: Final = timedelta(minutes=1)
"""Last-seen times are this coarse, so that reading does not mean writing."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An account and how it came: by a session (`scopes` None) or by a key with `scopes`."""

    user_id: UUID
    roles: frozenset[str]
    session_id: UUID | None
    key_id: UUID | None
    scopes: frozenset[str] | None
    second_factor: bool

    @property
    def identity(self) -> str:
        """A name for counting and for what belongs to a caller: its key's, else its account's."""
        return f"key:{self.key_id}" if self.key_id else f"user:{self.user_id}"


def by_session(token: str, *, now: datetime) -> Caller | None:
    """Whose session this is, or None: unknown, ended, idle for too long, or of a disabled account."""
    hashed = digest(token)
    cached = sessions_cache().get(hashed.hex())
    if cached is not None:
        facts = orjson.loads(cached)
        if datetime.fromisoformat(facts["until"]) <= now:
            return None
        return Caller(
            user_id=UUID(facts["user"]),
            roles=frozenset(facts["roles"]),
            session_id=UUID(facts["session"]),
            key_id=None,
            scopes=None,
            second_factor=facts["second_factor"],
        )
    with transaction() as session:
        found = session.execute(
            sa.select(UserSession, User)
            .join(User, User.id == UserSession.user_id)
            .where(UserSession.token_hash == hashed, User.disabled_at.is_(None))
        ).one_or_none()
        if found is None:
            return None
        held, user = found
        until = min(held.expires_at, held.last_seen_at + IDLE)
        if until <= now:
            return None
        if held.last_seen_at < now - STAMP_EVERY:
            session.execute(
                sa.update(UserSession).where(UserSession.id == held.id).values(last_seen_at=now)
            )
        caller = Caller(
            user.id, frozenset(user.roles), held.id, None, None, second_factor=held.second_factor
        )
    sessions_cache().fill(hashed.hex(), _as_bytes(caller, until))
    return caller


def by_key(key: str, *, now: datetime) -> Caller | None:
    """Whose key this is, or None: malformed, unknown, expired, revoked, or of a disabled account."""
    with transaction() as session:
        found = api_keys.find(session, key, now=now)
        if found is None:
            return None
        held, user = found
        if held.last_used_at is None or held.last_used_at < now - STAMP_EVERY:
            held.last_used_at = now
        return Caller(
            user_id=user.id,
            roles=frozenset(user.roles),
            session_id=None,
            key_id=held.id,
            scopes=frozenset(held.scopes),
            second_factor=False,
        )


def forget_sessions(session: Session, user_id: UUID) -> None:
    """Have every session of an account read anew from Postgres: call before changing what it may do."""
    hashes = session.scalars(
        sa.select(UserSession.token_hash).where(UserSession.user_id == user_id)
    ).all()
    sessions_cache().forbid(hashed.hex() for hashed in hashes)


@lru_cache
def sessions_cache() -> Lookaside:
    """The process's look-aside cache of sessions."""
    return Lookaside.from_settings(get_settings(), "sessions")


def _as_bytes(caller: Caller, until: datetime) -> bytes:
    return orjson.dumps(
        {
            "user": caller.user_id,
            "roles": sorted(caller.roles),
            "session": caller.session_id,
            "second_factor": caller.second_factor,
            "until": until,
        }
    )
