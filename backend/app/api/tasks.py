"""What an admin can set going, how it goes, and the plan of what scans ask for."""

from time import monotonic, sleep
from uuid import UUID

from fastapi import Response

from app.api.deps import SessionDep
from app.api.idempotent import (
    CallDep,
    Router,
    claim,
    json_response,
    keep,
    keeps_its_own_answer,
)
from app.api.origin import ActorDep
from app.api.problems import declared
from app.api.schemas.operations import (
    JobAccepted,
    JobAddress,
    JobOut,
    ScanFinished,
    ScanPlan,
    ScanPlanEntryChange,
    ScanPlanEntryIn,
    ScanPlanEntryOut,
)
from app.core.clock import utc_now
from app.db.models import Job, ScanPlanEntry
from app.db.session import Session, transaction
from app.services import audit, comps, jobs, scan_plan
from app.services.audit import Actor

router = Router(responses=declared(401, 403, 413, 422, 429, 503))

WAIT_S = 25.0
LOOK_EVERY_S = 0.2


def _address(job_id: UUID) -> JobAddress:
    return JobAddress(id=job_id, address=f"/jobs/{job_id}")


@router.post(
    "/tasks/scan",
    status_code=202,
    operation_id="queue_scan",
    tags=["tasks"],
    responses=declared(413),
)
def queue_scan(session: SessionDep, actor: ActorDep) -> JobAccepted:
    """Queue a scan of every marketplace."""
    return JobAccepted(job=_address(_queue_scan(session, actor)))


@router.post(
    "/tasks/recompute-comps",
    status_code=202,
    operation_id="queue_comps_refresh",
    tags=["tasks"],
    responses=declared(413),
)
def queue_comps_refresh(session: SessionDep, actor: ActorDep) -> JobAccepted:
    """Queue a refresh of the comparable sales; everything that changes is valued again."""
    job = comps.request_refresh(session, now=utc_now())
    audit.note(session, "admin.comps_refresh_queued", actor, subject=job.id, now=utc_now())
    return JobAccepted(job=_address(job.id))


@router.post(
    "/scan/run",
    operation_id="run_scan",
    tags=["tasks"],
    response_model=ScanFinished | JobAccepted,
    responses={
        202: {"model": JobAccepted, "description": "Still running after 25 s"},
        **declared(413),
    },
)
@keeps_its_own_answer
def run_scan(call: CallDep, actor: ActorDep) -> Response:
    """Queue a scan and wait up to 25 s for it: 200 with its counts, or 202 with its address.

    Sent again under its key while it waits, the answer is 202 with the address.
    """
    with transaction() as session:
        claim(session, call)
        job_id = _queue_scan(session, actor)
        accepted = json_response(202, JobAccepted(job=_address(job_id)))
        keep(session, call, accepted)
    deadline = monotonic() + WAIT_S
    while monotonic() < deadline:
        sleep(LOOK_EVERY_S)
        with transaction() as session:
            job: Job = jobs.get(session, job_id)
            if job.state in ("done", "failed", "dead"):
                finished = ScanFinished.model_validate(
                    {
                        "job": _address(job_id),
                        "state": job.state,
                        "counts": job.result or {},
                        "last_error": job.last_error,
                    }
                )
                answer = json_response(200, finished)
                keep(session, call, answer)
                return answer
    return accepted


@router.get("/jobs/{job_id}", operation_id="get_job", tags=["tasks"], responses=declared(404))
def get_job(job_id: UUID, session: SessionDep) -> JobOut:
    """How far a piece of work is."""
    return JobOut.model_validate(jobs.get(session, job_id))


@router.get("/scan/plan", operation_id="list_scan_plan", tags=["scan plan"])
def list_scan_plan(session: SessionDep) -> ScanPlan:
    """What scans ask for, in the order in which a cycle spends its calls."""
    items = [ScanPlanEntryOut.model_validate(e) for e in scan_plan.list_entries(session)]
    return ScanPlan(items=items, next=None, total=len(items))


@router.post(
    "/scan/plan",
    status_code=201,
    operation_id="create_scan_plan_entry",
    tags=["scan plan"],
    responses=declared(409, 413),
)
def create_scan_plan_entry(
    body: ScanPlanEntryIn, session: SessionDep, actor: ActorDep
) -> ScanPlanEntryOut:
    """Let scans ask for something more."""
    entry = scan_plan.create_entry(
        session,
        source=body.source,
        query=body.query,
        category_id=body.category_id,
        priority=body.priority,
        enabled=body.enabled,
        now=utc_now(),
    )
    _note_plan(session, actor, "added", entry)
    return ScanPlanEntryOut.model_validate(entry)


@router.patch(
    "/scan/plan/{entry_id}",
    operation_id="change_scan_plan_entry",
    tags=["scan plan"],
    responses=declared(404, 413),
)
def change_scan_plan_entry(
    entry_id: UUID, body: ScanPlanEntryChange, session: SessionDep, actor: ActorDep
) -> ScanPlanEntryOut:
    """Change an entry's priority, or switch it on or off."""
    entry = scan_plan.update_entry(
        session, entry_id, priority=body.priority, enabled=body.enabled, now=utc_now()
    )
    _note_plan(session, actor, "changed", entry)
    return ScanPlanEntryOut.model_validate(entry)


@router.delete(
    "/scan/plan/{entry_id}",
    status_code=204,
    operation_id="delete_scan_plan_entry",
    tags=["scan plan"],
    responses=declared(404, 413),
)
def delete_scan_plan_entry(entry_id: UUID, session: SessionDep, actor: ActorDep) -> None:
    """Let scans ask for this no longer."""
    _note_plan(session, actor, "deleted", scan_plan.delete_entry(session, entry_id))


def _queue_scan(session: Session, actor: Actor) -> UUID:
    job = jobs.enqueue(session, "scan", {}, now=utc_now())
    audit.note(session, "admin.scan_queued", actor, subject=job.id, now=utc_now())
    return job.id


def _note_plan(session: Session, actor: Actor, change: str, entry: ScanPlanEntry) -> None:
    audit.note(
        session,
        "admin.scan_plan_changed",
        actor,
        subject=entry.id,
        details={
            "change": change,
            "source": entry.source,
            "query": entry.query,
            "category": entry.category_id,
            "priority": entry.priority,
            "enabled": entry.enabled,
        },
        now=utc_now(),
    )
