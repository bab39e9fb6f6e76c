"""A POST sent again under its Idempotency-Key has one effect and one answer."""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import sqlalchemy as sa
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from fastapi.testclient import TestClient

from app.api import problems
from app.api.deps import SessionDep
from app.api.idempotent import Router, answer_shows_a_secret, owner_of
from app.core.clock import utc_now
from app.core.settings import Settings, get_settings
from app.db.models import Job, ScanPlanEntry, StoredAnswer
from app.db.session import transaction
from app.errors import Conflict
from app.services import idempotency, jobs
from tests.people import make_person

Reply = httpx2.Response


def count(table: type[Any], *where: Any) -> int:
    with transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0


def keyed(headers: dict[str, str], key: str) -> dict[str, str]:
    return {**headers, "Idempotency-Key": key}


def same(first: Reply, again: Reply) -> bool:
    """Whether an answer is the other one given again."""
    facts = [(r.status_code, r.content, r.headers.get("content-type")) for r in (first, again)]
    return facts[0] == facts[1] and again.headers.get("idempotent-replayed") == "true"


def test_sent_again_it_makes_one_thing_and_answers_the_same(
    client: TestClient, admin: dict[str, str]
) -> None:
    body = {"query": "leica m6", "priority": 5}
    first = client.post("/scan/plan", json=body, headers=keyed(admin, "plan-1"))
    assert first.status_code == 201
    assert "idempotent-replayed" not in first.headers
    again = client.post("/scan/plan", json=body, headers=keyed(admin, "plan-1"))
    assert same(first, again)
    assert count(ScanPlanEntry, ScanPlanEntry.query == "leica m6") == 1

    jobs_before = count(Job)
    queued = client.post("/tasks/scan", headers=keyed(admin, "scan-1"))
    assert same(queued, client.post("/tasks/scan", headers=keyed(admin, "scan-1")))
    assert count(Job) == jobs_before + 1
    assert client.post("/tasks/scan", headers=admin).json() != queued.json()
    assert count(Job) == jobs_before + 2


def test_a_key_is_for_one_request_alone(client: TestClient, admin: dict[str, str]) -> None:
    headers = keyed(admin, "plan-1")
    client.post("/scan/plan", json={"query": "leica m6"}, headers=headers)
    for path, body in (
        ("/scan/plan", {"query": "leica m7"}),
        ("/scan/plan", {"query": "leica m6", "priority": 5}),
        ("/scan/plan", {"query": 7}),
        ("/tasks/scan", None),
        ("/scan/run", None),
    ):
        reply = client.post(path, json=body, headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_reused")
    assert count(ScanPlanEntry, ScanPlanEntry.query.like("leica%")) == 1
    assert count(Job) == 0


def test_refusals_are_not_kept_so_the_key_is_good_for_another_try(
    client: TestClient, admin: dict[str, str]
) -> None:
    headers = keyed(admin, "plan-1")
    assert client.post("/scan/plan", json={"priority": -1}, headers=headers).status_code == 422
    assert client.post("/scan/plan", json={"query": "leica m6"}, headers=admin).status_code == 201
    refused = client.post("/scan/plan", json={"query": "leica m6"}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert count(StoredAnswer) == 0
    assert client.post("/scan/plan", json={"query": "leica m7"}, headers=headers).status_code == 201


def test_who_is_not_let_in_gets_no_answer_of_another(
    client: TestClient, admin: dict[str, str]
) -> None:
    client.post("/tasks/scan", headers=keyed(admin, "scan-1"))
    stranger = {"Authorization": "Bearer someone-else-0123456789"}
    for headers in ({}, stranger):
        reply = client.post("/tasks/scan", headers=keyed(headers, "scan-1"))
        assert reply.status_code == 401
        assert "idempotent-replayed" not in reply.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "ümlaut", "tab\there", "\x7f"])
def test_a_key_is_1_to_255_printable_ascii_characters(
    client: TestClient, admin: dict[str, str], key: str
) -> None:
    headers = [(name.encode(), value.encode()) for name, value in admin.items()]
    headers.append((b"Idempotency-Key", key.encode()))
    reply = client.post("/tasks/scan", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (422, "invalid_input")
    assert count(Job) == 0
    assert client.post("/tasks/scan", headers=keyed(admin, "x" * 255)).status_code == 202


def test_two_keys_at_once_are_refused(client: TestClient, admin: dict[str, str]) -> None:
    headers = [*admin.items(), ("Idempotency-Key", "a"), ("Idempotency-Key", "b")]
    assert client.post("/tasks/scan", headers=headers).status_code == 422
    assert count(Job) == 0


def test_twenty_at_once_have_one_effect_and_one_answer(
    client: TestClient, admin: dict[str, str]
) -> None:
    begin = threading.Barrier(20)

    def send(_: int) -> Reply:
        begin.wait()
        return client.post("/scan/plan", json={"query": "contax"}, headers=keyed(admin, "at-once"))

    with ThreadPoolExecutor(20) as pool:
        replies = list(pool.map(send, range(20)))
    answered = [reply for reply in replies if reply.status_code == 201]
    waiting = [reply for reply in replies if reply.status_code != 201]
    assert len([r for r in answered if "idempotent-replayed" not in r.headers]) == 1
    assert len({reply.content for reply in answered}) == 1
    for reply in waiting:
        assert (reply.status_code, reply.json()["code"]) == (409, "idempotency_in_progress")
        assert reply.headers["retry-after"] == "1"
    assert count(ScanPlanEntry, ScanPlanEntry.query == "contax") == 1
    late = client.post("/scan/plan", json={"query": "contax"}, headers=keyed(admin, "at-once"))
    assert same(answered[0], late)


def test_after_a_day_the_key_is_new_and_the_answer_is_swept(
    client: TestClient, admin: dict[str, str]
) -> None:
    first = client.post("/tasks/scan", headers=keyed(admin, "scan-1"))
    with transaction() as session:
        session.execute(sa.update(StoredAnswer).values(expires_at=utc_now() - timedelta(seconds=1)))
    assert client.post("/tasks/scan", headers=keyed(admin, "scan-1")).json() != first.json()
    with transaction() as session:
        assert idempotency.forget_expired(session, now=utc_now()) == 0
        assert idempotency.forget_expired(session, now=utc_now() + timedelta(hours=25)) == 1


def test_a_scan_that_is_waited_for_is_one_scan_however_often_it_is_sent(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.tasks.WAIT_S", 5.0)
    headers = keyed(admin, "run-1")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, "/scan/run", headers=headers)
        until(lambda: count(StoredAnswer) == 1)
        during = client.post("/scan/run", headers=headers)
        assert (during.status_code, during.headers["idempotent-replayed"]) == (202, "true")
        with transaction() as session:
            [job_id] = jobs.due(session)
            claimed = jobs.claim(session, job_id, owner="test")
        assert claimed is not None
        with transaction() as session:
            jobs.complete(session, claimed, {"new": 3})
        reply = first.result()
    assert (reply.status_code, reply.json()["counts"]) == (200, {"new": 3})
    assert same(reply, client.post("/scan/run", headers=headers))
    assert during.json()["job"] == reply.json()["job"]
    assert count(Job) == 1


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not found():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_imports_refuse_keys_instead_of_half_keeping_them(
    client: TestClient, admin: dict[str, str]
) -> None:
    headers = keyed({**admin, "Content-Type": "text/csv"}, "import-1")
    reply = client.post("/comps/import", content=b"title,price\nLeica,5\n", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_not_taken")


def test_every_operation_that_creates_declares_the_header(client: TestClient) -> None:
    found = []
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        operation = operations.get("post")
        if operation is None or not {"201", "202"} & set(operation["responses"]):
            continue
        names = {p["name"]: p for p in operation.get("parameters", ()) if p["in"] == "header"}
        assert "Idempotency-Key" in names, f"POST {path}: its router is not a `Router`"
        assert names["Idempotency-Key"]["required"] is False
        assert {"409", "422"} <= set(operation["responses"]), path
        found.append(path)
    assert {"/scan/plan", "/scan/run", "/tasks/scan", "/tasks/recompute-comps"} <= set(found)


# What the shipped operations do not show: an application of the test's own, on the same mechanism.


class Broken(Exception):
    """Something nobody foresaw."""


def operations() -> Router:
    router = Router()

    def note(session: SessionDep, words: str) -> None:
        jobs.enqueue(session, words, {}, now=utc_now())

    @router.post("/made", status_code=201)
    def made(session: SessionDep, response: Response, n: int = 0) -> dict[str, str]:
        note(session, "made")
        response.headers["Location"] = "/made/7"
        response.headers["Set-Cookie"] = "secret=1"
        return {"id": str(uuid4())}

    @router.post("/breaks", status_code=201)
    def breaks(session: SessionDep) -> None:
        note(session, "breaks")
        raise Broken

    @router.post("/answers-503", status_code=201)
    def answers_503(session: SessionDep) -> Response:
        return JSONResponse({}, 503)

    @router.post("/conflicts", status_code=201)
    def conflicts(session: SessionDep) -> None:
        note(session, "conflicts")
        raise Conflict("No.")

    @router.post("/key", status_code=201)
    @answer_shows_a_secret
    def key(session: SessionDep) -> dict[str, str]:
        note(session, "key")
        return {"key": "ds_live_shown_once"}

    async def read_in_pieces(request: Request) -> None:
        request.state.bytes = sum([len(piece) async for piece in request.stream()])

    @router.post("/upload", status_code=201, dependencies=[Depends(read_in_pieces)])
    async def upload(request: Request) -> dict[str, int]:
        return {"bytes": request.state.bytes}

    @router.post("/slow", status_code=202)
    def slow(session: SessionDep) -> None:
        note(session, "slow")
        session.flush()
        time.sleep(1.0)

    @router.post("/late-fault", status_code=201)
    def late_fault(session: SessionDep, request: Request) -> dict[str, str]:
        """Fails as it is committed, after the answer was written."""
        note(session, "late")
        session.execute(
            sa.text(
                "create temp table once (a int unique deferrable initially deferred) on commit drop"
            )
        )
        session.execute(sa.text("insert into once values (1), (1)"))
        return {}

    return router


@pytest.fixture
def small(process: Settings) -> Iterator[TestClient]:
    app = FastAPI(telemetry={"tracing": False, "metrics": False, "logs": False})
    problems.install(app)
    app.include_router(operations())
    with TestClient(app, raise_server_exceptions=False) as made:
        yield made


def test_the_place_of_what_was_made_is_told_again_but_no_cookie(small: TestClient) -> None:
    first = small.post("/made", headers={"Idempotency-Key": "a"})
    again = small.post("/made", headers={"Idempotency-Key": "a"})
    assert same(first, again)
    assert again.headers["location"] == first.headers["location"] == "/made/7"
    assert "set-cookie" in first.headers
    assert "set-cookie" not in again.headers
    other = small.post("/made?n=1", headers={"Idempotency-Key": "a"})
    assert other.json()["code"] == "idempotency_key_reused"


def test_another_callers_key_is_another_key(client: TestClient) -> None:
    people = [make_person("buyer") for _ in range(3)]
    body = {"name": "reader", "scopes": ["read"]}
    replies = [
        client.post("/account/keys", json=body, headers=keyed(person.headers, "a"))
        for person in people
    ]
    assert len({reply.json()["key"]["id"] for reply in replies}) == 3
    assert all("idempotent-replayed" not in reply.headers for reply in replies)
    again = client.post("/account/keys", json=body, headers=keyed(people[0].headers, "a"))
    assert (again.status_code, again.json()["code"]) == (409, "idempotent_answer_not_kept")
    with transaction() as session:
        held = session.scalars(sa.select(StoredAnswer)).all()
        assert {row.owner for row in held} == {f"user:{person.id}" for person in people}
        idempotency.forget_owner(session, held[0].owner)
    assert count(StoredAnswer) == 2


def test_strangers_behind_a_proxy_of_ours_are_told_apart(settings: Settings) -> None:
    ours = settings.model_copy(update={"trusted_proxies": "10.0.0.0/8"})

    def owner(forwarded: str, told: Settings) -> str:
        headers = [(b"x-forwarded-for", forwarded.encode())]
        scope = {"type": "http", "client": ("10.0.0.1", 1), "headers": headers, "state": {}}
        return owner_of(Request(scope), told)

    assert owner("203.0.113.7", ours) != owner("203.0.113.8", ours)
    assert owner("203.0.113.7", settings) == owner("203.0.113.8", settings)  # nobody's word for it


@pytest.mark.parametrize("path", ["/breaks", "/answers-503", "/conflicts", "/late-fault"])
def test_without_an_effect_nothing_is_kept(small: TestClient, path: str) -> None:
    for _ in range(2):
        reply = small.post(path, headers={"Idempotency-Key": "a"})
        assert reply.status_code >= 400
        assert "idempotent-replayed" not in reply.headers
    assert (count(StoredAnswer), count(Job)) == (0, 0)


def test_where_the_answer_cannot_be_kept_there_is_no_effect(
    small: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise Broken

    monkeypatch.setattr(idempotency, "keep", refuse)
    assert small.post("/made", headers={"Idempotency-Key": "a"}).status_code == 500
    assert (count(StoredAnswer), count(Job)) == (0, 0)


def test_a_secret_is_shown_once_and_never_stored(small: TestClient) -> None:
    first = small.post("/key", headers={"Idempotency-Key": "a"})
    assert first.json() == {"key": "ds_live_shown_once"}
    again = small.post("/key", headers={"Idempotency-Key": "a"})
    assert (again.status_code, again.json()["code"]) == (409, "idempotent_answer_not_kept")
    assert count(Job) == 1
    with transaction() as session:
        assert session.scalars(sa.select(StoredAnswer.body)).all() == [None]


def test_a_password_in_a_body_cannot_be_guessed_from_what_is_stored(small: TestClient) -> None:
    content = b'{"password": "leica"}'
    small.post("/upload", content=content, headers={"Idempotency-Key": "a"})
    with transaction() as session:
        stored = session.scalars(sa.select(StoredAnswer.request_hash)).one()
    inner = hashlib.sha256(content).digest()
    for guess in (content, b"POST /upload?" + content, b"POST /upload?\0" + inner):
        assert stored != hashlib.sha256(guess).digest()
    keyed_by = get_settings().session_key
    assert keyed_by is not None
    secret = keyed_by.get_secret_value().encode()
    assert stored == hmac.digest(secret, b"POST /upload?\0" + inner, "sha256")


def test_a_body_that_is_read_piece_by_piece_is_hashed_as_it_passes(small: TestClient) -> None:
    def send(content: bytes) -> Reply:
        pieces = (content[i : i + 50_000] for i in range(0, len(content), 50_000))
        return small.post("/upload", content=pieces, headers={"Idempotency-Key": "a"})

    first = send(b"x" * 200_000)
    assert first.json() == {"bytes": 200_000}
    assert same(first, send(b"x" * 200_000))
    assert send(b"x" * 199_999 + b"y").json()["code"] == "idempotency_key_reused"


def test_who_comes_while_it_is_done_waits_or_is_told_to_come_back(
    small: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"Idempotency-Key": "a"}
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(small.post, "/slow", headers=headers)
        time.sleep(0.3)
        monkeypatch.setattr(idempotency, "WAIT_S", 0.1)
        hasty = small.post("/slow", headers=headers)
        assert (hasty.status_code, hasty.json()["code"]) == (409, "idempotency_in_progress")
        monkeypatch.setattr(idempotency, "WAIT_S", 5.0)
        patient = small.post("/slow", headers=headers)
        assert same(first.result(), patient)
    assert count(Job) == 1
