"""Keys for machines: `ds_live_<public id>_<secret>`, shown once, kept as a digest, good within scopes and for a time."""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.tokens import digest, new_token
from app.db.models import ApiKey, User
from app.db.session import Session
from app.errors import Conflict, Forbidden, NotFound

PREFIX: Final = "ds_live_"
MAX_KEYS: Final = 50
MAX_OVERLAP: Final = timedelta(days=7)

NEEDS_ROLE: Final = {
    "read": None,
    "buyer": "buyer",
    "seller": "seller",
    "admin:tasks": "admin",
    "metrics": "admin",
}
"""The role that an account must have to make a key of a scope. It is asked again at each use."""


def make_key(
    session: Session,
    user: User,
    *,
    name: str,
    scopes: Sequence[str],
    lifetime: timedelta,
    now: datetime,
) -> tuple[ApiKey, str]:
    """A new key of this account and its whole text, which is not kept.

    Forbidden when the account lacks a scope's role; Conflict when it has MAX_KEYS already.
    """
    missing = sorted({role for scope in scopes if (role := NEEDS_ROLE[scope])} - set(user.roles))
    if missing:
        raise Forbidden(f"Your account is not {' and '.join(missing)}, which these scopes need.")
    if len([key for key in list_keys(session, user.id) if _lives(key, now)]) >= MAX_KEYS:
        raise Conflict(f"There are {MAX_KEYS} keys already. Revoke one first.")
    public_id, secret = secrets.token_hex(8), new_token()
    made = ApiKey(
        id=new_id(),
        user_id=user.id,
        name=name,
        public_id=public_id,
        secret_hash=digest(secret),
        scopes=sorted(set(scopes)),
        created_at=now,
        expires_at=now + lifetime,
    )
    session.add(made)
    session.flush()
    return made, f"{PREFIX}{public_id}_{secret}"


def rotate_key(
    session: Session, user: User, key_id: UUID, *, overlap: timedelta, now: datetime
) -> tuple[ApiKey, str]:
    """A new key with the old one's name, scopes and lifetime; the old one ends after `overlap`."""
    old = _get(session, user.id, key_id)
    if not _lives(old, now):
        raise Conflict("This key has ended. Make a new one.")
    made, text = make_key(
        session,
        user,
        name=old.name,
        scopes=old.scopes,
        lifetime=old.expires_at - old.created_at,
        now=now,
    )
    old.expires_at = min(old.expires_at, now + min(overlap, MAX_OVERLAP))
    session.flush()
    return made, text


def revoke_key(session: Session, user_id: UUID, key_id: UUID, *, now: datetime) -> ApiKey:
    """End a key of this account now. NotFound when it has no such key; ending twice is once."""
    key = _get(session, user_id, key_id)
    key.revoked_at = key.revoked_at or now
    session.flush()
    return key


def list_keys(session: Session, user_id: UUID) -> Sequence[ApiKey]:
    """The keys of an account, the newest first, ended ones too."""
    return session.scalars(
        sa.select(ApiKey).where(ApiKey.user_id == user_id).order_by(ApiKey.id.desc())
    ).all()


def find(session: Session, text: str, *, now: datetime) -> tuple[ApiKey, User] | None:
    """The key and its account, when it is known, alive, and of an account that is not disabled."""
    if not text.startswith(PREFIX):
        return None
    public_id, separator, secret = text.removeprefix(PREFIX).partition("_")
    if not separator:
        return None
    found = session.execute(
        sa.select(ApiKey, User)
        .join(User, User.id == ApiKey.user_id)
        .where(ApiKey.public_id == public_id, User.disabled_at.is_(None))
    ).one_or_none()
    if found is None:
        return None
    key, user = found
    if not hmac.compare_digest(key.secret_hash, digest(secret)) or not _lives(key, now):
        return None
    return key, user


def _lives(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and key.expires_at > now


def _get(session: Session, user_id: UUID, key_id: UUID) -> ApiKey:
    key = session.scalar(sa.select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == user_id))
    if key is None:
        raise NotFound("No such key.")
    return key
