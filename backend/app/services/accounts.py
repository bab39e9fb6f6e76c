"""Accounts: who may use the product, and as what. Passwords come in as hashes; hashing is the door's."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from app.core.ids import new_id
from app.db.cursors import cursor_of, id_from
from app.db.models import User
from app.db.models.accounts import ROLES
from app.db.session import Session
from app.errors import Conflict, NotFound
from app.services import callers, idempotency

OWN_ROLES: Final = ("buyer", "seller")
"""Roles that a person may take at registration; admin is given by admins only."""

_LAST_ADMIN: Final = "This is the last admin who can sign in. Make another one first."


def email_key(email: str) -> str:
    """By what an address is found: case does not make another mailbox."""
    return email.strip().casefold()


def register(
    session: Session,
    *,
    email: str,
    display_name: str,
    password_hash: str,
    roles: Sequence[str],
    now: datetime,
    verified: bool = False,
) -> User | None:
    """A new account, or None when the address has one already (whoever asks must not be told)."""
    if not set(roles) <= set(ROLES):
        raise ValueError(f"unknown roles {roles!r}")
    created: User | None = session.scalar(
        insert(User)
        .values(
            id=new_id(),
            email=email.strip(),
            email_key=email_key(email),
            display_name=display_name,
            password_hash=password_hash,
            roles=sorted(set(roles)),
            email_verified_at=now if verified else None,
            created_at=now,
            updated_at=now,
        )
        .on_conflict_do_nothing(index_elements=["email_key"])
        .returning(User)
    )
    return created


def find_by_email(session: Session, email: str) -> User | None:
    """The account of an address, or None."""
    return session.scalar(sa.select(User).where(User.email_key == email_key(email)))


def get(session: Session, user_id: UUID) -> User:
    """The account. NotFound when there is none."""
    user = session.get(User, user_id)
    if user is None:
        raise NotFound("No such account.")
    return user


def lock(session: Session, user_id: UUID) -> User:
    """The account, kept from changing elsewhere until this transaction ends. NotFound when there is none."""
    user = session.get(User, user_id, with_for_update=True, populate_existing=True)
    if user is None:
        raise NotFound("No such account.")
    return user


def rename(session: Session, user_id: UUID, display_name: str, *, now: datetime) -> User:
    """Give the account another name to be shown by."""
    user = lock(session, user_id)
    user.display_name = display_name
    user.updated_at = now
    session.flush()
    return user


def set_password(session: Session, user: User, password_hash: str, *, now: datetime) -> None:
    """Replace the password; ending sessions is the caller's choice."""
    user.password_hash = password_hash
    user.updated_at = now
    session.flush()


def set_verified(session: Session, user_id: UUID, *, new_email: str | None, now: datetime) -> User:
    """Note that the mailbox is the account's own; with `new_email` that one from now on.

    Conflict when another account has taken that address meanwhile.
    """
    user = lock(session, user_id)
    if new_email is not None:
        other = find_by_email(session, new_email)
        if other is not None and other.id != user_id:
            raise Conflict("This address is not free any more.")
        user.email, user.email_key = new_email, email_key(new_email)
    user.email_verified_at = now
    user.updated_at = now
    session.flush()
    return user


def change_roles(session: Session, user_id: UUID, roles: Iterable[str], *, now: datetime) -> User:
    """Give an account exactly these roles; its open sessions have them from the next request on.

    Conflict when that would leave nobody who can administer.
    """
    _hold_admins(session)
    user = lock(session, user_id)
    wanted = sorted(set(roles))
    if "admin" in user.roles and "admin" not in wanted and _is_last_admin(session, user):
        raise Conflict(_LAST_ADMIN)
    callers.forget_sessions(session, user_id)
    user.roles = wanted
    user.updated_at = now
    session.flush()
    return user


def set_disabled(session: Session, user_id: UUID, *, disabled: bool, now: datetime) -> User:
    """Bar an account from signing in and from its open sessions and keys, or let it in again."""
    _hold_admins(session)
    user = lock(session, user_id)
    if disabled and "admin" in user.roles and _is_last_admin(session, user):
        raise Conflict(_LAST_ADMIN)
    callers.forget_sessions(session, user_id)
    user.disabled_at = (user.disabled_at or now) if disabled else None
    user.updated_at = now
    session.flush()
    return user


def delete(session: Session, user_id: UUID) -> None:
    """Remove an account and all that it owns (every such table's rows go with it by foreign key).

    Conflict when nobody who can administer would be left.
    """
    _hold_admins(session)
    user = lock(session, user_id)
    if "admin" in user.roles and _is_last_admin(session, user):
        raise Conflict(_LAST_ADMIN)
    callers.forget_sessions(session, user_id)
    idempotency.forget_owner(session, f"user:{user_id}")
    session.delete(user)
    session.flush()


def list_accounts(
    session: Session, *, words: str = "", cursor: str | None = None, limit: int = 50
) -> tuple[Sequence[User], str | None, int]:
    """Accounts whose address or name holds `words`, the newest first; the next page's cursor; how many in all."""
    wanted = sa.select(User)
    if words:
        pattern = (
            "%"
            + words.casefold().replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
            + "%"
        )
        wanted = wanted.where(
            sa.or_(User.email_key.like(pattern), sa.func.lower(User.display_name).like(pattern))
        )
    total = session.scalar(sa.select(sa.func.count()).select_from(wanted.subquery())) or 0
    if cursor is not None:
        wanted = wanted.where(User.id < id_from(cursor))
    found = session.scalars(wanted.order_by(User.id.desc()).limit(limit + 1)).all()
    more = len(found) > limit
    page = found[:limit]
    return page, cursor_of(page[-1].id) if more else None, total


def _hold_admins(session: Session) -> None:
    """One at a time: two admins who remove each other must not both succeed."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("accounts.admins"))))


def _is_last_admin(session: Session, user: User) -> bool:
    others = session.scalar(
        sa.select(sa.func.count())
        .select_from(User)
        .where(User.roles.contains(["admin"]), User.disabled_at.is_(None), User.id != user.id)
    )
    return user.disabled_at is None and not others
