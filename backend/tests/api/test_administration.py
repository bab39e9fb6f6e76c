"""What an administrator is shown and sets going, and that the audit log has it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.core.clock import utc_now
from app.core.queue import QUEUE, broker
from app.core.settings import get_settings
from app.db.models import Job
from app.db.session import transaction
from app.services import comp_import, jobs, quotas, scan_plan, sources
from app.services.sources import CycleReport
from tests.people import Person, make_person

CSV = {"Content-Type": "text/csv"}


def make_job(kind: str = "housekeeping", **columns: Any) -> UUID:
    with transaction() as session:
        job = jobs.enqueue(session, kind, {}, now=utc_now(), delay_s=3600)
        for name, value in columns.items():
            setattr(job, name, value)
        return job.id


def noted(client: TestClient, admin: dict[str, str], kind: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = client.get(
        "/admin/audit", params={"kind": kind}, headers=admin
    ).json()["items"]
    return events


def test_accounts_tell_when_they_were_last_seen(
    client: TestClient, admin: dict[str, str], administrator: Person
) -> None:
    away = make_person("buyer")
    with transaction() as session:
        session.execute(sa.text("delete from user_sessions where user_id = :id"), {"id": away.id})
    listed = client.get("/admin/users", headers=admin).json()["items"]
    seen = {user["id"]: user["last_seen_at"] for user in listed}
    assert seen[str(away.id)] is None
    assert seen[str(administrator.id)] is not None


def test_jobs_are_listed_by_state_and_kind_with_counts(
    client: TestClient, admin: dict[str, str]
) -> None:
    for _ in range(3):
        make_job("scan", state="failed", last_error="eBay did not answer", attempts=8)
    make_job("value")
    listed = client.get("/admin/jobs", params={"state": "failed"}, headers=admin).json()
    assert [job["last_error"] for job in listed["items"]] == ["eBay did not answer"] * 3
    assert (listed["items"][0]["attempts"], listed["items"][0]["max_attempts"]) == (8, 8)
    assert listed["items"][0]["next_attempt_at"] is None
    assert (listed["counts"]["failed"], listed["counts"]["queued"]) == (3, 1)
    assert listed["kinds"] == ["scan", "value"]
    of_kind = client.get("/admin/jobs", params={"kind": "value"}, headers=admin).json()
    assert [job["kind"] for job in of_kind["items"]] == ["value"]
    assert of_kind["items"][0]["next_attempt_at"] is not None
    assert of_kind["counts"] == {"queued": 1, "running": 0, "done": 0, "failed": 0, "dead": 0}


def test_jobs_page_by_keyset_each_once(client: TestClient, admin: dict[str, str]) -> None:
    made = [str(make_job()) for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        page = client.get(
            "/admin/jobs",
            params={"limit": 2, **({"cursor": cursor} if cursor else {})},
            headers=admin,
        ).json()
        seen += [job["id"] for job in page["items"]]
        if len(seen) == 2:
            make_job()  # what comes in later moves nothing
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == made[::-1]


@pytest.mark.parametrize("state", ["failed", "dead"])
def test_a_failed_job_is_queued_anew_with_all_its_attempts(
    state: str, client: TestClient, admin: dict[str, str], administrator: Person
) -> None:
    job_id = make_job("scan", state=state, attempts=8, last_error="no", finished_at=utc_now())
    broker().flushdb()
    reply = client.post(f"/admin/jobs/{job_id}/retry", headers=admin)
    assert reply.status_code == 200
    assert (reply.json()["state"], reply.json()["attempts"]) == ("queued", 0)
    assert (reply.json()["finished_at"], reply.json()["last_error"]) == (None, "no")
    assert broker().llen(QUEUE) == 1
    with transaction() as session:
        claimed = jobs.claim(session, job_id, owner="test")
    assert claimed is not None
    assert claimed.attempt == 1
    (event,) = noted(client, admin, "admin.job_retried")
    assert (event["actor"], event["subject"]) == (administrator.email, str(job_id))
    assert event["details"] == {"kind": "scan"}


@pytest.mark.parametrize("state", ["queued", "running", "done"])
def test_a_job_that_has_not_failed_is_not_tried_again(
    state: str, client: TestClient, admin: dict[str, str]
) -> None:
    job_id = make_job("scan", state=state, attempts=3)
    reply = client.post(f"/admin/jobs/{job_id}/retry", headers=admin)
    assert (reply.status_code, reply.json()["code"]) == (409, "conflict")
    with transaction() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.attempts) == (state, 3)
    assert noted(client, admin, "admin.job_retried") == []


def test_a_retry_of_nothing_is_not_found(client: TestClient, admin: dict[str, str]) -> None:
    reply = client.post("/admin/jobs/00000000-0000-7000-8000-000000000000/retry", headers=admin)
    assert reply.status_code == 404


def test_a_source_tells_its_state_its_calls_of_today_and_its_last_scans(
    client: TestClient, admin: dict[str, str]
) -> None:
    never = client.get("/admin/sources", headers=admin).json()["items"][0]
    assert (never["id"], never["state"], never["cycles"]) == ("ebay", "starting", [])
    now = utc_now()
    with transaction() as session:
        scan_plan.seed(session, "ebay", now=now)
        for minutes in (20, 10):
            report = CycleReport()
            report.not_answered("no answer in 10 s")
            sources.record_cycle(
                session, "ebay", report, name="eBay", now=now - timedelta(minutes=minutes)
            )
        for _ in range(3):
            quotas.spend(session, "ebay_browse", 10, now=now)
    source = client.get("/admin/sources", headers=admin).json()["items"][0]
    assert source["state"] == "degraded"
    assert "no answer in 10 s" in source["reason"]
    newest, older = source["cycles"]
    assert newest["at"] > older["at"]
    assert (newest["calls"], newest["failed"], newest["rows"]) == (1, 1, 0)
    browse = source["budgets"][0]
    assert (browse["service"], browse["used"]) == ("ebay_browse", 3)
    assert browse["allowed"] == get_settings().ebay_browse_daily_budget
    assert source["last_success_at"] is None


def test_what_admins_set_going_is_noted_with_who_did_it(
    client: TestClient,
    admin: dict[str, str],
    administrator: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.api.tasks.WAIT_S", 0)
    scan = client.post("/tasks/scan", headers=admin).json()["job"]["id"]
    run = client.post("/scan/run", headers=admin).json()["job"]["id"]
    refresh = client.post("/tasks/recompute-comps", headers=admin).json()["job"]["id"]
    queued = noted(client, admin, "admin.scan_queued")
    assert [event["subject"] for event in queued] == [run, scan]
    assert {event["actor"] for event in queued} == {administrator.email}
    assert [e["subject"] for e in noted(client, admin, "admin.comps_refresh_queued")] == [refresh]


def test_changes_of_the_scan_plan_are_noted_and_refused_ones_are_not(
    client: TestClient, admin: dict[str, str]
) -> None:
    entry = client.post("/scan/plan", json={"query": "leica m6"}, headers=admin).json()
    address = f"/scan/plan/{entry['id']}"
    assert client.post("/scan/plan", json={"query": "leica m6"}, headers=admin).status_code == 409
    client.patch(address, json={"enabled": False}, headers=admin)
    client.delete(address, headers=admin)
    assert client.delete(address, headers=admin).status_code == 404
    events = noted(client, admin, "admin.scan_plan_changed")[::-1]
    assert [event["details"]["change"] for event in events] == ["added", "changed", "deleted"]
    assert [event["details"]["enabled"] for event in events] == [True, False, False]
    assert events[2]["details"]["query"] == "leica m6"


def test_an_import_and_its_deletion_are_noted_with_counts(
    client: TestClient, admin: dict[str, str]
) -> None:
    body = b"title,price\nCanon AE-1,100\nNikon FM2,no price\n"
    client.post("/comps/import?name=mine", content=body, headers={**admin, **CSV})
    client.delete("/comps/import?name=mine", headers=admin)
    assert client.delete("/comps/import?name=other", headers=admin).status_code == 404
    (event,) = noted(client, admin, "admin.comps_imported")
    assert event["subject"] == "mine"
    assert event["details"] == {
        "finished": True,
        "stored": 1,
        "updated": 0,
        "unchanged": 0,
        "rejected": 1,
    }
    assert [e["subject"] for e in noted(client, admin, "admin.comps_deleted")] == ["mine"]


def test_an_import_of_many_batches_is_noted_when_it_begins_and_when_it_ends(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comp_import, "BATCH", 2)
    rows = "".join(f"Canon AE-1 number {n},100\n" for n in range(6))
    body = ("title,price\n" + rows).encode()
    client.post("/comps/import?name=mine", content=body, headers={**admin, **CSV})
    ended, begun = noted(client, admin, "admin.comps_imported")
    assert (begun["details"]["finished"], begun["details"]["stored"]) == (False, 2)
    assert (ended["details"]["finished"], ended["details"]["stored"]) == (True, 6)


def test_a_change_whose_note_fails_is_not_made(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("the log cannot be written")

    monkeypatch.setattr("app.services.audit.note", refuse)
    assert client.post("/tasks/scan", headers=admin).status_code == 500
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Job)) == 0
