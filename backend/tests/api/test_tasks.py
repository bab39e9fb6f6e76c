"""What an admin sets going: queued as rows, found at their address."""

import threading
import time
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.clock import utc_now
from app.db.session import transaction
from app.services import jobs


def test_a_scan_is_queued_once_per_request_and_found_at_its_address(
    client: TestClient, admin: dict[str, str]
) -> None:
    reply = client.post("/tasks/scan", headers=admin)
    assert reply.status_code == 202
    job = client.get(reply.json()["job"]["address"], headers=admin).json()
    assert (job["kind"], job["state"], job["attempts"]) == ("scan", "queued", 0)


def test_recomputing_comparables_is_queued(client: TestClient, admin: dict[str, str]) -> None:
    reply = client.post("/tasks/recompute-comps", headers=admin)
    assert reply.status_code == 202
    job = client.get(reply.json()["job"]["address"], headers=admin).json()
    assert job["kind"] == "refresh_comps"


def test_running_a_scan_waits_and_then_gives_its_address(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.tasks.WAIT_S", 0.5)
    reply = client.post("/scan/run", headers=admin)
    assert reply.status_code == 202
    assert reply.json()["job"]["address"].startswith("/jobs/")


def test_running_a_scan_gives_the_counts_when_it_ends_in_time(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # another thread plays the worker
    def work() -> None:
        for _ in range(100):
            time.sleep(0.05)
            with transaction() as session:
                waiting = list(jobs.due(session))
            for job_id in waiting:
                with transaction() as session:
                    claimed = jobs.claim(session, job_id, owner="test")
                if claimed:
                    with transaction() as session:
                        jobs.complete(session, claimed, {"new": 3})
                    return

    worker = threading.Thread(target=work)
    worker.start()
    reply = client.post("/scan/run", headers=admin)
    worker.join()
    assert reply.status_code == 200
    assert reply.json()["counts"] == {"new": 3}
    assert reply.json()["state"] == "done"


def test_the_scan_plan_can_be_seen_and_changed(client: TestClient, admin: dict[str, str]) -> None:
    made = client.post("/scan/plan", json={"query": "leica m6", "priority": 5}, headers=admin)
    assert made.status_code == 201
    entry = made.json()
    address = f"/scan/plan/{entry['id']}"
    again = client.post("/scan/plan", json={"query": "Leica  M6"}, headers=admin)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    off = client.patch(address, json={"enabled": False}, headers=admin).json()
    assert (off["enabled"], off["priority"]) == (False, 5)
    listed = client.get("/scan/plan", headers=admin).json()
    assert entry["id"] in [item["id"] for item in listed["items"]]
    assert client.delete(address, headers=admin).status_code == 204
    assert client.delete(address, headers=admin).status_code == 404


def test_a_plan_entry_needs_words_or_a_category_and_takes_no_wildcards(
    client: TestClient, admin: dict[str, str]
) -> None:
    for body in ({}, {"query": "  "}, {"query": "leica*"}, {"category_id": "x"}, {"foo": 1}):
        reply = client.post("/scan/plan", json=body, headers=admin)
        assert reply.status_code == 422, body


def test_an_unknown_job_is_not_found(client: TestClient, admin: dict[str, str]) -> None:
    reply = client.get("/jobs/00000000-0000-7000-8000-000000000000", headers=admin)
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


def test_health_says_what_is_wrong_and_stays_up_without_a_worker(
    client: TestClient, admin: dict[str, str]
) -> None:
    reply = client.get("/health", headers=admin)
    checks = reply.json()["checks"]
    assert reply.status_code == 200
    assert checks["postgres"]["status"] == "ok"
    assert checks["worker"]["status"] == "starting"
    assert reply.json()["status"] == "degraded"  # no object store in this test
    assert client.get("/readyz").status_code == 200


def test_strangers_are_told_only_whether_we_serve(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.api.health import kept_serving
    from app.services import health

    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer é"}):
        sent = {name: value.encode() for name, value in headers.items()}
        kept_serving.forget()
        reply = client.get("/health", headers=sent)
        assert (reply.status_code, reply.json()) == (200, {"status": "ok"})  # degraded serves
    down = {"postgres": health.Check("down", "does not answer")}
    looks: list[int] = []

    def report(*_: Any, **__: Any) -> Any:
        looks.append(1)
        return down

    monkeypatch.setattr(health, "report", report)
    kept_serving.forget()
    for _ in range(5):
        reply = client.get("/health")
        assert (reply.status_code, reply.json()) == (503, {"status": "not_ok"})
    assert len(looks) == 1  # asking often does not make us look often
    kept_serving.forget()


def test_an_admin_is_told_what_is_down(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.services import health

    down = {"postgres": health.Check("down", "does not answer")}
    monkeypatch.setattr(health, "report", lambda *_, **__: down)
    reply = client.get("/health", headers=admin)
    assert reply.status_code == 503
    assert reply.json()["checks"] == {"postgres": {"status": "down", "detail": "does not answer"}}


def test_a_job_that_finished_lately_makes_the_worker_healthy(
    client: TestClient, admin: dict[str, str]
) -> None:
    with transaction() as session:
        job_id = jobs.enqueue(session, "housekeeping", {}, now=utc_now()).id
    with transaction() as session:
        claimed = jobs.claim(session, job_id, owner="test")
    assert claimed
    with transaction() as session:
        jobs.complete(session, claimed, {})
    health = client.get("/health", headers=admin).json()
    assert health["checks"]["worker"]["status"] == "ok"
