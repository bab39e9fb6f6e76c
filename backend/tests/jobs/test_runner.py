"""What each kind of failure does to a job."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.clock import utc_now
from app.core.settings import Settings
from app.db.models import Job
from app.db.session import transaction
from app.jobs import registry, runner
from app.ports import NotGranted, Ports, RateLimited, Rejected, Unavailable
from app.services import jobs
from app.services.jobs import ClaimedJob

NO_PORTS = Ports(marketplaces={}, storage=None)  # type: ignore[arg-type]


def outcome_of(monkeypatch: pytest.MonkeyPatch, raised: BaseException | None) -> Job:
    """Run one job whose handler raises, and give the row it leaves behind."""

    def handler(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
        if raised is not None:
            raise raised
        return {"seen": claimed.payload}

    monkeypatch.setattr(runner, "HANDLERS", {**registry.HANDLERS, "sample": handler})
    with transaction() as session:
        job_id: UUID = jobs.enqueue(session, "sample", {"n": 1}, now=utc_now()).id
    runner.run(job_id, NO_PORTS)
    with transaction() as session:
        return jobs.get(session, job_id)


def test_a_result_is_kept(process: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    job = outcome_of(monkeypatch, None)
    assert (job.state, job.result, job.attempts) == ("done", {"seen": {"n": 1}}, 1)
    assert job.finished_at is not None


@pytest.mark.parametrize(
    ("raised", "state"),
    [
        (Unavailable("no answer"), "queued"),
        (RateLimited("slow down", retry_after_s=30), "queued"),
        (KeyError("a fault of ours"), "queued"),
        (Rejected("bad filter"), "failed"),
        (NotGranted("not for you"), "failed"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_a_failure_leaves_its_reason(
    process: Settings, monkeypatch: pytest.MonkeyPatch, raised: Exception, state: str
) -> None:
    job = outcome_of(monkeypatch, raised)
    assert job.state == state
    assert job.last_error is not None
    assert type(raised).__name__ in job.last_error
    assert job.lease_until is None


def test_a_rate_limit_is_waited_out(process: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    job = outcome_of(monkeypatch, RateLimited("slow down", retry_after_s=120))
    with transaction() as session:
        wait = session.scalar(
            sa.select(sa.extract("epoch", Job.next_attempt_at - sa.func.now())).where(
                Job.id == job.id
            )
        )
    assert wait is not None
    assert 100 < wait <= 121


def test_a_finished_job_is_not_run_again_by_a_doubled_message(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = outcome_of(monkeypatch, None)
    runner.run(job.id, NO_PORTS)
    with transaction() as session:
        assert jobs.get(session, job.id).attempts == 1


def test_pauses_grow_and_stay_bounded() -> None:
    ceilings = [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 300.0, 300.0]
    for attempt, ceiling in enumerate(ceilings, start=1):
        pauses = [runner.pause_s(attempt) for _ in range(50)]
        assert all(ceiling / 2 <= pause <= ceiling for pause in pauses)
