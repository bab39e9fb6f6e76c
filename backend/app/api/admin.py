"""What administrators see and change: accounts, jobs, sources, and the audit log."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query

from app.api.access import CallerDep
from app.api.deps import SessionDep, SettingsDep
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
from app.api.schemas.administration import (
    BudgetOut,
    CycleOut,
    JobCounts,
    JobList,
    JobRow,
    JobState,
    SourceList,
    SourceOut,
)
from app.core.clock import utc_now
from app.db.models import Job, User
from app.errors import Conflict
from app.services import accounts, audit, jobs, sessions, source_overview
from app.services.source_overview import SourceOverview

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
    seen = sessions.last_seen(session, [user.id for user in found])
    items = [_user_out(user, seen.get(user.id)) for user in found]
    return UserList(items=items, next=following, total=total)


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
    return _user_out(user, sessions.last_seen(session, [user_id]).get(user_id))


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


@router.get("/admin/jobs", operation_id="list_jobs")
def list_jobs(
    session: SessionDep,
    state: JobState | None = None,
    kind: Annotated[str | None, Query(max_length=60, pattern=r"^[a-z_]+$")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> JobList:
    """The work that is kept, the newest first, and how much of it is in each state."""
    page, following = jobs.list_page(session, state=state, kind=kind, cursor=cursor, limit=limit)
    counted = jobs.count(session)
    counts = dict.fromkeys(JobCounts.model_fields, 0)
    for (each, its_state), many in counted.items():
        if kind in (None, each):
            counts[its_state] += many
    return JobList(
        items=[_job_row(job) for job in page],
        next=following,
        total=sum(counts.values()) if state is None else counts[state],
        counts=JobCounts(**counts),
        kinds=sorted({each for each, _ in counted}),
    )


@router.post("/admin/jobs/{job_id}/retry", operation_id="retry_job", responses=declared(404, 409))
def retry_job(job_id: UUID, session: SessionDep, actor: ActorDep) -> JobRow:
    """Queue a job that failed or died anew, with all its attempts before it."""
    job = jobs.queue_anew(session, job_id)
    audit.note(
        session,
        "admin.job_retried",
        actor,
        subject=job.id,
        details={"kind": job.kind},
        now=utc_now(),
    )
    return _job_row(job)


@router.get("/admin/sources", operation_id="list_sources")
def list_sources(session: SessionDep, settings: SettingsDep) -> SourceList:
    """Every source: how well it is read and why, its calls of today, its last scans, what it brought."""
    found = source_overview.list_overviews(session, settings, now=utc_now())
    return SourceList(items=[_source_out(each) for each in found], next=None, total=len(found))


def _job_row(job: Job) -> JobRow:
    return JobRow.model_validate(
        {
            "id": job.id,
            "kind": job.kind,
            "state": job.state,
            "attempts": job.attempts,
            "max_attempts": job.max_attempts,
            "next_attempt_at": job.next_attempt_at if job.state == "queued" else None,
            "last_error": job.last_error,
            "progress": job.progress,
            "result": job.result,
            "created_at": job.created_at,
            "started_at": job.started_at,
            "finished_at": job.finished_at,
        }
    )


def _source_out(found: SourceOverview) -> SourceOut:
    marketplace = found.marketplace
    return SourceOut.model_validate(
        {
            "id": marketplace.policy.source,
            "name": marketplace.policy.name,
            "simulated": marketplace.simulated,
            "state": marketplace.state,
            "reason": marketplace.reason,
            "state_since": found.state_since,
            "last_scan_at": marketplace.last_scan_at,
            "last_success_at": found.last_success_at,
            "comps_refreshed_at": found.comps_refreshed_at,
            "sales_state": marketplace.sales.state,
            "sales_reason": marketplace.sales.reason,
            "listings": found.listings,
            "live_listings": marketplace.live_listings,
            "budgets": [
                BudgetOut(
                    service=budget.service,
                    used=budget.used,
                    allowed=budget.allowed,
                    resets_at=budget.resets_at,
                )
                for budget in found.budgets
            ],
            "cycles": [
                CycleOut(
                    at=cycle["at"],
                    calls=cycle["calls"],
                    failed=cycle["failed"],
                    rows=cycle["rows"],
                    readable=cycle["parsed"],
                    problem=cycle["problem"],
                )
                for cycle in found.cycles
            ],
        }
    )


def _user_out(user: User, seen_at: datetime | None) -> UserOut:
    return UserOut.model_validate(
        {
            "id": user.id,
            "email": user.email,
            "display_name": user.display_name,
            "roles": user.roles,
            "email_verified_at": user.email_verified_at,
            "second_factor_since": user.totp_confirmed_at,
            "disabled_at": user.disabled_at,
            "last_seen_at": seen_at,
            "created_at": user.created_at,
        }
    )
