"""Runs one job from claim to end: the only place that decides what a failure means.

Unavailable and RateLimited are retried from the row with growing pauses; Rejected, NotGranted and
AuthExpired end the job with their reason; anything unforeseen is logged with its traceback and
retried until the attempts are used up.
"""

import os
import random
import socket
from time import monotonic
from uuid import UUID

import structlog

from app.core import metrics
from app.core.logging import bind_correlation_id, unbind_correlation_id
from app.db.session import transaction
from app.jobs.registry import HANDLERS
from app.ports import (
    AuthExpired,
    NotGranted,
    PortError,
    Ports,
    QuotaExhausted,
    RateLimited,
    Rejected,
)
from app.services import jobs
from app.services.jobs import ClaimedJob, LeaseLost

log = structlog.get_logger(__name__)

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0


def run(job_id: UUID, ports: Ports) -> None:
    """Do the job if it is due and free; nothing otherwise."""
    with transaction() as session:
        claimed = jobs.claim(session, job_id, owner=f"{socket.gethostname()}:{os.getpid()}")
    if claimed is None:
        return
    bind_correlation_id(claimed.correlation_id or f"job-{claimed.id}")
    metrics.JOB_ATTEMPTS.labels(claimed.kind).inc()
    started = monotonic()
    log.info("job.started", job_id=str(claimed.id), kind=claimed.kind, attempt=claimed.attempt)
    try:
        outcome = _attempt(claimed, ports)
    except LeaseLost:
        outcome = "lease_lost"
    finally:
        metrics.JOB_DURATION.labels(claimed.kind).observe(monotonic() - started)
    metrics.JOB_RUNS.labels(claimed.kind, outcome).inc()
    log.info(
        "job.ended",
        job_id=str(claimed.id),
        kind=claimed.kind,
        outcome=outcome,
        duration_s=round(monotonic() - started, 3),
    )
    unbind_correlation_id()


def pause_s(attempt: int) -> float:
    """Seconds to wait after a failed attempt: full jitter under a doubling ceiling."""
    ceiling = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (attempt - 1))
    return random.uniform(ceiling / 2, ceiling)


def _attempt(claimed: ClaimedJob, ports: Ports) -> str:
    try:
        result = HANDLERS[claimed.kind](claimed, ports)
        with transaction() as session:
            jobs.complete(session, claimed, result)
    except LeaseLost:
        raise
    except RateLimited as error:
        after_s = max(error.retry_after_s, pause_s(claimed.attempt))
        return _retry(claimed, f"RateLimited: {error}", after_s)
    except (Rejected, NotGranted, AuthExpired, QuotaExhausted) as error:
        with transaction() as session:
            jobs.fail(session, claimed, reason=f"{type(error).__name__}: {error}")
        log.warning("job.failed", kind=claimed.kind, job_id=str(claimed.id), error=str(error))
        return "failed"
    except PortError as error:
        return _retry(claimed, f"{type(error).__name__}: {error}", pause_s(claimed.attempt))
    except Exception as error:
        # The boundary of a job: whatever went wrong inside must not take the worker down.
        log.exception("job.crashed", kind=claimed.kind, job_id=str(claimed.id))
        return _retry(claimed, f"{type(error).__name__}: {error}"[:500], pause_s(claimed.attempt))
    return "done"


def _retry(claimed: ClaimedJob, error: str, after_s: float) -> str:
    with transaction() as session:
        state = jobs.retry(session, claimed, error=error, after_s=after_s)
    log.warning(
        "job.will_be_retried" if state == "queued" else "job.died",
        kind=claimed.kind,
        job_id=str(claimed.id),
        error=error,
        after_s=round(after_s, 1),
    )
    return "retried" if state == "queued" else "dead"
