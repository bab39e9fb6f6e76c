"""What an account holds about its owner, as plain values: for the copy that a person may ask for.

A table with an owner belongs in `HOLDINGS`; a test walks the schema and fails when one is missing.
"""

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.db.models import ApiKey, AuditEvent, User, UserSession
from app.db.session import Session

Rows = list[dict[str, Any]]

HOLDINGS: Final[dict[str, sa.Executable]] = {
    "account": sa.select(
        User.id,
        User.email,
        User.display_name,
        User.roles,
        User.email_verified_at,
        User.totp_confirmed_at.label("second_factor_since"),
        User.created_at,
    ).where(User.id == sa.bindparam("owner")),
    "sessions": sa.select(
        UserSession.id,
        UserSession.ip,
        UserSession.user_agent,
        UserSession.second_factor,
        UserSession.created_at,
        UserSession.last_seen_at,
        UserSession.expires_at,
    ).where(UserSession.user_id == sa.bindparam("owner")),
    "api_keys": sa.select(
        ApiKey.id,
        ApiKey.name,
        ApiKey.scopes,
        ApiKey.created_at,
        ApiKey.expires_at,
        ApiKey.last_used_at,
        ApiKey.revoked_at,
    ).where(ApiKey.user_id == sa.bindparam("owner")),
    "events": sa.select(
        AuditEvent.at, AuditEvent.kind, AuditEvent.subject, AuditEvent.ip, AuditEvent.details
    )
    .where(AuditEvent.actor_id == sa.bindparam("owner"))
    .order_by(AuditEvent.id),
}
"""What is handed out, by the name of its file: the rows of one `owner`."""

NOT_HANDED_OUT: Final = {
    "account_tokens": "digests of links sent by mail",
    "recovery_codes": "digests of recovery codes",
}
"""Tables with an owner that hold nothing but secrets of the account."""


def collect(session: Session, user_id: UUID) -> dict[str, Rows]:
    """Everything of `HOLDINGS` for one account."""
    return {
        name: [dict(row) for row in session.execute(rows, {"owner": user_id}).mappings()]
        for name, rows in HOLDINGS.items()
    }
