"""How the product is: one check per thing it leans on, each bounded in time."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
import sqlalchemy as sa

from app.core import metrics, queue
from app.core.settings import get_settings
from app.db.models import Job, Source
from app.db.session import DATABASE_AWAY, Session, transaction
from app.ports import Ports, Unavailable
from app.services import schedules
from app.services.setup import sales_access

PATIENCE_S = 3.0
SILENCE = timedelta(minutes=3)

_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


@dataclass(frozen=True, slots=True)
class Check:
    """`status` is ok, starting, degraded or down; `detail` says why in plain words."""

    status: str
    detail: str


def overall(checks: Mapping[str, Check]) -> str:
    """Down without the database, degraded when anything else is not well, else ok."""
    if checks["postgres"].status == "down":
        return "down"
    if any(check.status in ("degraded", "down") for check in checks.values()):
        return "degraded"
    return "ok"


def report(ports: Ports, *, now: datetime) -> Mapping[str, Check]:
    """Every check, run side by side; one that does not answer in time is down."""
    tasks: dict[str, Callable[[], Mapping[str, Check]]] = {
        "postgres": lambda: _postgres(now),
        "redis": _redis,
        "s3": lambda: _storage(ports),
    }
    running = {name: _threads.submit(task) for name, task in tasks.items()}
    checks: dict[str, Check] = {}
    for name, future in running.items():
        try:
            checks.update(future.result(timeout=PATIENCE_S))
        except TookTooLong:
            checks[name] = Check("down", f"no answer within {PATIENCE_S:.0f} s")
    for name in tasks:
        metrics.DEPENDENCY_UP.labels(name).set(checks[name].status == "ok")
    return checks


def database_answers() -> None:
    """One trivial statement with a second of patience; raises one of DATABASE_AWAY."""
    with transaction() as session:
        session.execute(sa.text("set local statement_timeout = 1000"))
        session.execute(sa.select(1))


def _postgres(now: datetime) -> Mapping[str, Check]:
    try:
        database_answers()
        with transaction() as session:
            return {
                "postgres": Check("ok", "answers"),
                "worker": _worker(session, now),
                "beat": _beat(session, now),
                **_sources(session),
            }
    except DATABASE_AWAY:
        return {"postgres": Check("down", "does not answer")}


def _redis() -> Mapping[str, Check]:
    try:
        queue.ping()
    except redis.RedisError:
        return {"redis": Check("down", "does not answer; work goes on when it is back")}
    return {"redis": Check("ok", "answers")}


def _storage(ports: Ports) -> Mapping[str, Check]:
    try:
        ports.storage.check()
    except Unavailable as error:
        return {"s3": Check("down", str(error))}
    return {"s3": Check("ok", "answers")}


def _worker(session: Session, now: datetime) -> Check:
    """Judged by work done, not by a process being there: the sweep job runs every minute."""
    last = session.scalar(sa.select(sa.func.max(Job.finished_at)).where(Job.state == "done"))
    waiting = session.scalar(
        sa.select(sa.func.min(Job.created_at)).where(Job.state.in_(("queued", "running")))
    )
    if last is not None and now - last < SILENCE:
        return Check("ok", f"finished a job {_ago(now, last)}")
    if waiting is None or now - waiting < SILENCE:
        return Check("starting", "has not finished a job yet")
    return Check("down", f"jobs have been waiting since {_ago(now, waiting)}")


def _beat(session: Session, now: datetime) -> Check:
    slots = schedules.last_slots(session)
    if not slots:
        return Check("starting", "has not taken a slot yet")
    newest = max(slots.values())
    if now - newest < SILENCE:
        return Check("ok", f"took a slot {_ago(now, newest)}")
    return Check("down", f"last took a slot {_ago(now, newest)}")


def _sources(session: Session) -> Mapping[str, Check]:
    """How well each source is read, and whether past sales can be: refused ones are not made up for."""
    status = {"healthy": "ok", "starting": "starting", "degraded": "degraded"}
    settings = get_settings()
    checks = {}
    for source in session.scalars(sa.select(Source).order_by(Source.id)):
        checks[f"source:{source.id}"] = Check(status[source.state], source.reason or source.state)
        access = sales_access(source, settings)
        checks[f"sales:{source.id}"] = Check(
            "degraded" if access.state == "not_granted" else "ok",
            f"{access.state.replace('_', ' ')}{f': {access.reason}' if access.reason else ''}",
        )
    return checks


def _ago(now: datetime, then: datetime) -> str:
    return f"{max(0, int((now - then).total_seconds()))} s ago"
