"""Jobs: claimed by one, finished by the holder, never lost."""

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.clock import utc_now
from app.core.queue import QUEUE, bell, broker
from app.core.settings import Settings, get_settings
from app.db.models import Job
from app.db.session import transaction
from app.services import jobs
from app.services.jobs import LeaseLost


@pytest.fixture(autouse=True)
def _empty_queue(process: Settings) -> Iterator[None]:
    broker().flushdb()
    yield
    broker().flushdb()


def make_job(kind: str = "housekeeping", **options: object) -> UUID:
    with transaction() as session:
        return jobs.enqueue(session, kind, {"n": 1}, now=utc_now(), **options).id  # type: ignore[arg-type]


def claim(job_id: UUID) -> jobs.ClaimedJob | None:
    with transaction() as session:
        return jobs.claim(session, job_id, owner="test")


def expire_lease(job_id: UUID) -> None:
    with transaction() as session:
        session.execute(
            sa.update(Job)
            .where(Job.id == job_id)
            .values(lease_until=sa.text("now() - interval '1 second'"))
        )


def state_of(job_id: UUID) -> str:
    with transaction() as session:
        return jobs.get(session, job_id).state


def test_the_bell_rings_after_the_commit_and_only_then() -> None:
    with transaction() as session:
        jobs.enqueue(session, "housekeeping", {}, now=utc_now())
        assert broker().llen(QUEUE) == 0
    assert broker().llen(QUEUE) == 1


def test_a_rolled_back_change_leaves_neither_row_nor_bell() -> None:
    def change_and_fail() -> None:
        with transaction() as session:
            jobs.enqueue(session, "housekeeping", {}, now=utc_now())
            session.flush()
            raise ValueError("changed my mind")

    with pytest.raises(ValueError, match="changed my mind"):
        change_and_fail()
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0
    assert broker().llen(QUEUE) == 0


def test_a_known_dedupe_key_gives_the_job_that_is_there() -> None:
    assert make_job(dedupe_key="once") == make_job(dedupe_key="once")


def test_of_many_claimants_one_gets_the_job() -> None:
    job_id = make_job()
    got: list[jobs.ClaimedJob | None] = []
    barrier = threading.Barrier(6)

    def try_to_claim() -> None:
        barrier.wait()
        got.append(claim(job_id))

    threads = [threading.Thread(target=try_to_claim) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in got) == 1


def test_an_expired_lease_is_taken_over_and_the_late_result_is_refused() -> None:
    job_id = make_job()
    first = claim(job_id)
    assert first
    assert claim(job_id) is None
    expire_lease(job_id)
    second = claim(job_id)
    assert second
    with transaction() as session, pytest.raises(LeaseLost):
        jobs.complete(session, first, {"by": "the zombie"})
    with pytest.raises(LeaseLost):
        jobs.extend(first)
    with transaction() as session:
        jobs.complete(session, second, {"by": "the living"})
    with transaction() as session:
        assert jobs.get(session, job_id).result == {"by": "the living"}


def test_a_retry_waits_and_the_last_one_buries_the_job_visibly() -> None:
    job_id = make_job()
    for attempt in range(1, 9):
        claimed = claim(job_id)
        assert claimed
        assert claimed.attempt == attempt
        with transaction() as session:
            jobs.retry(session, claimed, error=f"failure {attempt}", after_s=0)
    assert state_of(job_id) == "dead"
    with transaction() as session:
        assert jobs.get(session, job_id).last_error == "failure 8"
    assert claim(job_id) is None


def test_a_job_whose_worker_dies_every_time_ends_as_dead() -> None:
    job_id = make_job()
    for _ in range(8):
        assert claim(job_id)
        expire_lease(job_id)
    assert claim(job_id) is None
    assert state_of(job_id) == "dead"


def test_a_job_that_waits_for_later_is_not_due_and_one_with_an_expired_lease_is() -> None:
    later, stuck = make_job(delay_s=60), make_job()
    claim(stuck)
    expire_lease(stuck)
    with transaction() as session:
        assert list(jobs.due(session)) == [stuck]
    assert claim(later) is None


def test_a_lost_broker_costs_a_warning_and_keeps_the_row(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    get_settings.cache_clear()
    bell.cache_clear()
    job_id = make_job()
    assert state_of(job_id) == "queued"
