"""The Celery application: `celery -A app.worker worker` and `celery -A app.worker beat`.

Tasks are two: look at one job, and ring again for whatever is due. A prefork child opens its own
connections; nothing is inherited over the fork.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

import structlog
from celery import Celery
from celery.signals import setup_logging, worker_process_init, worker_process_shutdown
from prometheus_client import multiprocess

from app.core.logging import configure_logging
from app.core.queue import QUEUE, RUN_TASK, SWEEP_TASK, celery_config, queue_depth
from app.core.settings import get_settings
from app.db.session import DatabaseError, forget_engine, transaction
from app.jobs.beat import BEAT_SCHEDULE
from app.jobs.runner import run
from app.ports import Ports
from app.services import jobs
from app.wiring import build_ports

log = structlog.get_logger(__name__)

ENOUGH_RUNG = 200

celery = Celery("deal_scout")
celery.conf.update(celery_config(get_settings()))
celery.conf.beat_schedule = BEAT_SCHEDULE
celery.conf.beat_scheduler = "app.jobs.beat:SlotScheduler"
app = celery


@setup_logging.connect
def _log_as_we_do(**_: Any) -> None:
    configure_logging(get_settings())


@worker_process_init.connect
def _open_own_connections(**_: Any) -> None:
    forget_engine()
    ports.cache_clear()


@worker_process_shutdown.connect
def _drop_live_gauges(pid: int, **_: Any) -> None:
    if get_settings().prometheus_multiproc_dir:
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]  # untyped library


@lru_cache
def ports() -> Ports:
    """This process's adapters."""
    return build_ports(get_settings())


@celery.task(name=RUN_TASK)
def run_job(job_id: str) -> None:
    """Look at one job."""
    try:
        run(UUID(job_id), ports())
    except DatabaseError as error:
        # The row is untouched or its lease runs out: the sweep rings again for it.
        log.warning("job.database_unavailable", job_id=job_id, error=str(error).splitlines()[0])


@celery.task(name=SWEEP_TASK)
def sweep() -> None:
    """Ring for jobs whose bell was lost, whose pause is over, or whose worker died."""
    if queue_depth() > ENOUGH_RUNG:
        return
    try:
        with transaction() as session:
            jobs.ring_due(session)
    except DatabaseError as error:
        log.warning("sweep.database_unavailable", error=str(error).splitlines()[0])


__all__ = ["QUEUE", "app", "celery", "run_job", "sweep"]
