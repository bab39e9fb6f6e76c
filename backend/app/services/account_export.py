"""What an account holds about its owner, as plain values: for the copy that a person may ask for.

A table with an owner belongs in `HOLDINGS`; a test walks the schema and fails when one is missing.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.db.models import ApiKey, AuditEvent, User, UserSession
from app.db.session import Session

Rows = list[dict[str, Any]]


def _account(session: Session, user_id: UUID) -> Rows:
    columns = (
        User.id,
        User.email,
        User.display_name,
        User.roles,
        User.email_verified_at,
        User.totp_confirmed_at.label("second_factor_since"),
        User.created_at,
    )
    return _rows(session, sa.select(*columns).where(User.id == user_id))


def _sessions(session: Session, user_id: UUID) -> Rows:
    columns = (
        UserSession.id,
        UserSession.ip,
        UserSession.user_agent,
        UserSession.second_factor,
        UserSession.created_at,
        UserSession.last_seen_at,
        UserSession.expires_at,
    )
    return _rows(session, sa.select(*columns).where(UserSession.user_id == user_id))


def _keys(session: Session, user_id: UUID) -> Rows:
    columns = (
        ApiKey.id,
        ApiKey.name,
        ApiKey.scopes,
        ApiKey.created_at,
        ApiKey.expires_at,
        ApiKey.last_used_at,
        ApiKey.revoked_at,
    )
    return _rows(session, sa.select(*columns).where(ApiKey.user_id == user_id))


def _events(session: Session, user_id: UUID) -> Rows:
    columns = (
        AuditEvent.at,
        AuditEvent.kind,
        AuditEvent.subject,
        AuditEvent.ip,
        AuditEvent.details,
    )
    return _rows(
        session,
        sa.select(*columns).where(AuditEvent.actor_id == user_id).order_by(AuditEvent.at),
    )


HOLDINGS: Final[Mapping[str, Callable[[Session, UUID], Rows]]] = {
    "account": _account,
    "sessions": _sessions,
    "api_keys": _keys,
    "events": _events,
}
"""What is handed out, by the name of its file."""

NOT_HANDED_OUT: Final = {
    "account_tokens": "digests of links sent by mail",
    "recovery_codes": "digests of recovery codes",
}
"""Tables with an owner that hold nothing but secrets of the account."""


def collect(session: Session, user_id: UUID) -> dict[str, Rows]:
    """Everything of `HOLDINGS` for one account."""
    return {name: rows(session, user_id) for name, rows in HOLDINGS.items()}


def _rows(session: Session, statement: sa.Executable) -> Rows:
    return [dict(row) for row in session.execute(statement).mappings()]
