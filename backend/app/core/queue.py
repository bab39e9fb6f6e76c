"""The doorbell: Celery over Valkey, which may lose or double any message.

A message carries a job's id and nothing else. What is to be done, and whether it was done, is in
the jobs table; a sweep rings again for whatever is due. See docs/architecture.md.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

import redis
import structlog
from celery import Celery
from kombu.exceptions import OperationalError

from app.core.settings import Settings, get_settings

log = structlog.get_logger(__name__)

RUN_TASK = "deal_scout.run_job"
SWEEP_TASK = "deal_scout.sweep"
QUEUE = "celery"
LATE = 9
"""The priority of what takes long: handed out when nothing else waits. The broker keeps it in a list of its own."""
_LISTS = (QUEUE, f"{QUEUE}\x06\x16{LATE}")

TIME_LIMIT_S = 600
VISIBILITY_TIMEOUT_S = 2 * TIME_LIMIT_S


def celery_config(settings: Settings) -> dict[str, Any]:
    """Celery's settings. Those marked [M] were measured to matter under faults."""
    transport = {
        "visibility_timeout": VISIBILITY_TIMEOUT_S,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,  # [M] a killed worker's messages return in seconds
        "socket_timeout": 10,  # [M] without it a half-open link parks the worker for good
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "retry_on_timeout": True,
        "max_retries": 1,
        "interval_start": 0,
        "interval_max": 0.2,
    }
    return {
        "broker_url": settings.redis_url,
        "broker_transport_options": transport,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "result_backend": None,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_default_queue": QUEUE,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_time_limit": TIME_LIMIT_S,
        "task_soft_time_limit": TIME_LIMIT_S - 30,
        "task_publish_retry": True,
        "task_publish_retry_policy": {
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.1,
            "interval_max": 0.2,
        },
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_max_tasks_per_child": 500,
        "worker_soft_shutdown_timeout": 5,
        "worker_hijack_root_logger": False,
        "worker_send_task_events": False,
        "enable_utc": True,
        "timezone": "UTC",
        "beat_max_loop_interval": 5,
    }


@lru_cache
def bell() -> Celery:
    """A Celery that only sends; the worker makes its own from the same settings."""
    app = Celery("deal_scout")
    app.conf.update(celery_config(get_settings()))
    return app


def ring(job_id: UUID, *, late: bool = False) -> None:
    """Tell the workers to look at a job now; `late`: after all others that are rung for.

    When the broker is away the sweep finds the row later.
    """
    try:
        bell().send_task(RUN_TASK, args=[str(job_id)], queue=QUEUE, priority=LATE if late else None)
    except OperationalError as error:
        log.warning("job.bell_failed", job_id=str(job_id), error=str(error))


@lru_cache
def broker() -> "redis.Redis":
    """A client of the broker, for looking at the queue."""
    return redis.Redis.from_url(
        get_settings().redis_url, socket_timeout=2, socket_connect_timeout=2
    )


def queue_depth() -> int:
    """Messages waiting or handed out and not yet acknowledged; 0 when the broker is away."""
    try:
        pipeline = broker().pipeline(transaction=False)
        for name in _LISTS:
            pipeline.llen(name)
        pipeline.hlen("unacked")
        return sum(int(count) for count in pipeline.execute())
    except redis.RedisError:
        return 0


def ping() -> None:
    """Reach the broker, or raise redis.RedisError."""
    broker().ping()
