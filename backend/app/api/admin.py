"""What administrators see and change about accounts, and the audit log."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.api.access import CallerDep
from app.api.deps import SessionDep
from app.api.idempotent import Router
from app.api.origin import ActorDep
from app.api.problems import declared
from app.api.schemas.accounts import (
    AuditEventList,
    AuditEventOut,
    UserChange,
    UserList,
    UserOut,
)
from app.core.clock import utc_now
from app.db.models import User
from app.errors import Conflict
from app.services import accounts, audit

router = Router(tags=["administration"], responses=declared(401, 403, 413, 422, 429, 503))

Limit = Annotated[int, Query(ge=1, le=100)]
Cursor = Annotated[str | None, Query(max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


@router.get("/admin/users", operation_id="list_users")
def list_users(
    session: SessionDep,
    q: Annotated[str, Query(max_length=100, description="Part of an address or name")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> UserList:
    """The accounts, the newest first."""
    found, following, total = accounts.list_accounts(
        session, words=q.strip(), cursor=cursor, limit=limit
    )
    return UserList(items=[_user_out(user) for user in found], next=following, total=total)


@router.patch("/admin/users/{user_id}", operation_id="change_user", responses=declared(404, 409))
def change_user(
    user_id: UUID, body: UserChange, session: SessionDep, caller: CallerDep, actor: ActorDep
) -> UserOut:
    """Give an account other roles, bar it, or let it in again. Its open sessions follow at once."""
    now = utc_now()
    if body.disabled and user_id == caller.user_id:
        raise Conflict("You cannot bar your own account.")
    user = accounts.get(session, user_id)
    if body.roles is not None and set(body.roles) != set(user.roles):
        before = list(user.roles)
        user = accounts.change_roles(session, user_id, body.roles, now=now)
        audit.note(
            session,
            "admin.roles_changed",
            actor,
            subject=user_id,
            details={"before": before, "after": list(user.roles)},
            now=now,
        )
    if body.disabled is not None and body.disabled != (user.disabled_at is not None):
        user = accounts.set_disabled(session, user_id, disabled=body.disabled, now=now)
        kind = "admin.account_disabled" if body.disabled else "admin.account_enabled"
        audit.note(session, kind, actor, subject=user_id, now=now)
    return _user_out(user)


@router.get("/admin/audit", operation_id="list_audit_events")
def list_audit_events(
    session: SessionDep,
    kind: Annotated[str | None, Query(max_length=60, pattern=r"^[a-z_.]+$")] = None,
    actor: Annotated[UUID | None, Query(description="Only what this account did")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> AuditEventList:
    """What was done by whom, the newest first."""
    page, following = audit.list_page(
        session, kind=kind, actor_id=actor, cursor=cursor, limit=limit
    )
    return AuditEventList(
        items=[
            AuditEventOut.model_validate(
                {
                    "id": event.id,
                    "at": event.at,
                    "kind": event.kind,
                    "actor_id": event.actor_id,
                    "actor": address,
                    "key_id": event.key_id,
                    "subject": event.subject,
                    "ip": event.ip,
                    "request_id": event.request_id,
                    "details": event.details,
                }
            )
            for event, address in page
        ],
        next=following,
        total=None,
    )


def _user_out(user: User) -> UserOut:
    return UserOut.model_validate(
        {
            "id": user.id,
            "email": user.email,
            "display_name": user.display_name,
            "roles": user.roles,
            "email_verified_at": user.email_verified_at,
            "second_factor_since": user.totp_confirmed_at,
            "disabled_at": user.disabled_at,
            "created_at": user.created_at,
        }
    )
