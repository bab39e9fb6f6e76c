"""Links sent by mail: a random token, kept as a digest, good once, for one purpose and a short time.

A new one replaces the one before it, so only the newest mail's link works. A token of one purpose is
nothing for another, and none of them is a session.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.core.tokens import digest, new_token
from app.db.models import AccountToken, User
from app.db.session import Session
from app.errors import InvalidInput

LIFETIME: Final = {
    "verify_email": timedelta(days=2),
    "reset_password": timedelta(hours=1),
    "change_email": timedelta(hours=2),
}
"""How long a link holds, by its purpose."""


class LinkNotValid(InvalidInput):
    """The link has been used or replaced, has run out, or never was one."""

    code, status, title = "link_not_valid", 422, "This link does not work any more"


def make_token(
    session: Session, user_id: UUID, purpose: str, *, now: datetime, new_email: str | None = None
) -> str:
    """A fresh token for this purpose; the one before it stops working."""
    token = new_token()
    row = {
        "id": new_id(),
        "user_id": user_id,
        "purpose": purpose,
        "token_hash": digest(token),
        "new_email": new_email,
        "created_at": now,
        "expires_at": now + LIFETIME[purpose],
    }
    session.execute(
        insert(AccountToken)
        .values(row)
        .on_conflict_do_update(index_elements=["user_id", "purpose"], set_=row)
    )
    return token


def mail_token(session: Session, user_id: UUID, purpose: str, *, now: datetime) -> str | None:
    """The token that a mail of this purpose carries, made as it is sent; None when it is not needed any more.

    A new address being proved keeps the address that was asked for.
    """
    user = session.get(User, user_id)
    if user is None or user.disabled_at is not None:
        return None
    if purpose == "verify_email" and user.email_verified_at is not None:
        return None
    new_email = None
    if purpose == "change_email":
        new_email = session.scalar(
            sa.select(AccountToken.new_email).where(
                AccountToken.user_id == user_id, AccountToken.purpose == purpose
            )
        )
        if new_email is None:
            return None
    return make_token(session, user_id, purpose, now=now, new_email=new_email)


def use_token(
    session: Session, token: str, purposes: tuple[str, ...], *, now: datetime
) -> AccountToken:
    """Take a token out of the world: what it was for. LinkNotValid when it is not one of these purposes, or has run out."""
    used: AccountToken | None = session.scalar(
        sa.delete(AccountToken)
        .where(
            AccountToken.token_hash == digest(token),
            AccountToken.purpose.in_(purposes),
            AccountToken.expires_at > now,
        )
        .returning(AccountToken)
    )
    if used is None:
        raise LinkNotValid(
            "This link has been used, replaced by a newer one, or has run out. Ask for a new one.",
            errors=[{"loc": ["body", "token"], "msg": "not valid", "type": "link_not_valid"}],
        )
    return used


def drop_tokens(session: Session, user_id: UUID) -> None:
    """Have no link of this account work any more."""
    session.execute(sa.delete(AccountToken).where(AccountToken.user_id == user_id))


def forget_expired(session: Session, *, now: datetime) -> int:
    """Delete tokens that have run out; how many."""
    gone = sa.delete(AccountToken).where(AccountToken.expires_at <= now)
    return len(session.execute(gone.returning(AccountToken.id)).all())
