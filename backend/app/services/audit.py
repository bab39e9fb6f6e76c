"""The audit log: what was done by whom, added in the transaction that did it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from app.core.logging import correlation_id
from app.db.cursors import cursor_of, id_from
from app.db.models import AuditEvent, User
from app.db.session import Session

KINDS: Final = (
    "account.registered",
    "account.email_verified",
    "account.signed_in",
    "account.sign_in_refused",
    "account.signed_out",
    "account.session_ended",
    "account.password_changed",
    "account.password_reset",
    "account.second_factor_added",
    "account.second_factor_removed",
    "account.recovery_code_used",
    "account.exported",
    "account.deleted",
    "account.created_by_operator",
    "key.made",
    "key.rotated",
    "key.revoked",
    "admin.roles_changed",
    "admin.account_disabled",
    "admin.account_enabled",
    "admin.job_retried",
    "admin.scan_queued",
    "admin.comps_refresh_queued",
    "admin.comps_imported",
    "admin.comps_deleted",
    "admin.scan_plan_changed",
)
"""Everything that is noted, by its stable name."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: an account, the key it used, and from where. Nobody known: both None."""

    user_id: UUID | None
    key_id: UUID | None = None
    ip: str | None = None


def note(
    session: Session,
    kind: str,
    actor: Actor,
    *,
    now: datetime,
    subject: object = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add an event. `details` must hold no secret and no person's address."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of audit event {kind!r}")
    session.execute(
        sa.insert(AuditEvent).values(
            id=new_id(),
            at=now,
            kind=kind,
            actor_id=actor.user_id,
            key_id=actor.key_id,
            subject=None if subject is None else str(subject),
            ip=actor.ip,
            request_id=correlation_id(),
            details=dict(details or {}),
        )
    )


def list_page(
    session: Session,
    *,
    kind: str | None = None,
    actor_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> tuple[list[tuple[AuditEvent, str | None]], str | None]:
    """The newest events first, each with its actor's address while there is one; and the next page's cursor.

    Ids are made in the order of time, so a page begins below the last id of the one before.
    """
    wanted = sa.select(AuditEvent, User.email).outerjoin(User, User.id == AuditEvent.actor_id)
    if kind is not None:
        wanted = wanted.where(AuditEvent.kind == kind)
    if actor_id is not None:
        wanted = wanted.where(AuditEvent.actor_id == actor_id)
    if cursor is not None:
        wanted = wanted.where(AuditEvent.id < id_from(cursor))
    found = session.execute(wanted.order_by(AuditEvent.id.desc()).limit(limit + 1)).all()
    page: list[tuple[AuditEvent, str | None]] = [
        (event, address) for event, address in found[:limit]
    ]
    return page, cursor_of(page[-1][0].id) if len(found) > limit else None
