"""Every operation by every kind of caller, held against a table of its own.

EXPECTED says what each caller gets, written by hand: it is not derived from `app.api.access_rules`,
so that a slip there shows. An operation of the OpenAPI document without a row fails. Whoever is
refused, and whoever only reads, must leave the database as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.core.clock import utc_now
from app.db.session import transaction
from app.main import create_app
from app.services import jobs, scan_plan, sessions
from app.services.sessions import Origin
from tests.people import PASSWORD, Person, make_key, make_person

CALLERS: Final = (
    "anonymous",  # nobody
    "expired",  # the owner's session after its end
    "no_role",  # signed in, with none of the roles
    "other",  # signed in as buyer and seller, owns nothing here
    "owner",  # signed in as buyer and seller, owns what is asked for
    "admin",  # signed in as admin, owns nothing here
    "read_key",  # a key of the owner's with scope `read`
    "task_key",  # a key of an admin's with scope `admin:tasks`
)
EVERYBODY: Final = "ok ok ok ok ok ok ok ok"
ACCOUNT: Final = "401 401 ok ok ok ok 403 403"
OWNED: Final = "401 401 404 404 ok 404 403 403"
SELLERS: Final = "401 401 403 ok ok ok 403 403"
ADMINS: Final = "401 401 403 403 403 ok 403 403"
TASKS: Final = "401 401 403 403 403 ok 403 ok"
METRICS: Final = "401 401 403 403 403 ok 403 403"

EXPECTED: Final[dict[str, str]] = {
    # operation: what each of CALLERS gets; "ok" is any answer that is not a refusal
    "list_deals": EVERYBODY,
    "get_deal": EVERYBODY,
    "list_listings": EVERYBODY,
    "list_marketplaces": EVERYBODY,
    "list_categories": EVERYBODY,
    "get_liveness": EVERYBODY,
    "get_readiness": EVERYBODY,
    "get_health": EVERYBODY,
    "register": EVERYBODY,
    "verify_email": EVERYBODY,
    "sign_in": EVERYBODY,
    "sign_out": EVERYBODY,
    "get_session": EVERYBODY,
    "request_password_reset": EVERYBODY,
    "reset_password": EVERYBODY,
    "get_account": ACCOUNT,
    "change_account": ACCOUNT,
    "change_password": ACCOUNT,
    "change_email": ACCOUNT,
    "export_account": ACCOUNT,
    "delete_account": ACCOUNT,
    "list_sessions": ACCOUNT,
    "end_session": OWNED,
    "end_other_sessions": ACCOUNT,
    "begin_second_factor": ACCOUNT,
    "confirm_second_factor": ACCOUNT,
    "remove_second_factor": ACCOUNT,
    "list_api_keys": ACCOUNT,
    "make_api_key": ACCOUNT,
    "rotate_api_key": OWNED,
    "revoke_api_key": OWNED,
    "suggest_price": SELLERS,
    "queue_scan": TASKS,
    "queue_comps_refresh": TASKS,
    "run_scan": TASKS,
    "get_job": TASKS,
    "import_comps": TASKS,
    "get_metrics": METRICS,
    "get_setup": ADMINS,
    "list_comps": ADMINS,
    "delete_comps_import": ADMINS,
    "list_scan_plan": ADMINS,
    "create_scan_plan_entry": ADMINS,
    "change_scan_plan_entry": ADMINS,
    "delete_scan_plan_entry": ADMINS,
    "list_users": ADMINS,
    "change_user": ADMINS,
    "list_audit_events": ADMINS,
    "list_jobs": ADMINS,
    "retry_job": ADMINS,
    "list_sources": ADMINS,
}


@dataclass
class World:
    """Who and what there is when an operation is called."""

    owner: Person
    people: dict[str, Person]
    ids: dict[str, UUID] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """How an operation is called so that nothing but the caller can be wrong with it."""

    body: dict[str, Any] | None = None
    query: dict[str, str] = field(default_factory=dict)
    csv: bytes | None = None
    path: Callable[[World], dict[str, object]] = lambda _: {}


NO_ID: Final = "00000000-0000-7000-8000-000000000000"
CALLS: Final[dict[str, Call]] = {
    "get_deal": Call(path=lambda _: {"deal_id": NO_ID}),
    "register": Call({"email": "new@people.example", "password": PASSWORD, "display_name": "New"}),
    "verify_email": Call({"token": "x" * 43}),
    "sign_in": Call({"email": "nobody@people.example", "password": PASSWORD}),
    "request_password_reset": Call({"email": "nobody@people.example"}),
    "reset_password": Call({"token": "x" * 43, "password": PASSWORD}),
    "change_account": Call({"display_name": "Another"}),
    "change_password": Call({"current_password": PASSWORD, "password": "another long password"}),
    "change_email": Call({"current_password": PASSWORD, "email": "moved@people.example"}),
    "delete_account": Call({"current_password": PASSWORD}),
    "begin_second_factor": Call({"current_password": PASSWORD}),
    "confirm_second_factor": Call({"code": "000000"}),
    "remove_second_factor": Call({"current_password": PASSWORD, "code": "000000"}),
    "end_session": Call(path=lambda world: {"session_id": world.ids["session"]}),
    "make_api_key": Call({"name": "reader", "scopes": ["read"]}),
    "rotate_api_key": Call({}, path=lambda world: {"key_id": world.ids["key"]}),
    "revoke_api_key": Call(path=lambda world: {"key_id": world.ids["key"]}),
    "suggest_price": Call(
        {"title": "Canon AE-1 Program 35mm SLR", "condition": "used", "goal": "balanced"}
    ),
    "get_job": Call(path=lambda world: {"job_id": world.ids["job"]}),
    "retry_job": Call(path=lambda world: {"job_id": world.ids["failed_job"]}),
    "import_comps": Call(query={"name": "mine"}, csv=b"title,price\nCanon AE-1,100\n"),
    "delete_comps_import": Call(query={"name": "mine"}),
    "create_scan_plan_entry": Call({"query": "leica m6"}),
    "change_scan_plan_entry": Call(
        {"enabled": False}, path=lambda world: {"entry_id": world.ids["entry"]}
    ),
    "delete_scan_plan_entry": Call(path=lambda world: {"entry_id": world.ids["entry"]}),
    "change_user": Call({"disabled": True}, path=lambda world: {"user_id": world.owner.id}),
}


def operations() -> dict[str, tuple[str, str]]:
    """Every operation of the document: its method and path by its id."""
    document = create_app().openapi()
    return {
        operation["operationId"]: (method, path)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    }


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(operations()) == set(EXPECTED)


def test_no_route_escapes_the_document_but_the_documents_own() -> None:
    hidden = {
        getattr(route, "path", "")
        for route in create_app().routes
        if not getattr(route, "include_in_schema", True)
    }
    assert hidden <= {"/docs", "/docs/start.js", "/openapi.json"}


@pytest.mark.parametrize("operation", sorted(EXPECTED))
def test_an_operation_answers_whom_it_should(operation: str, client: TestClient) -> None:
    method, path = operations()[operation]
    call = CALLS.get(operation, Call())
    outcomes = {}
    for caller in CALLERS:
        world = make_world()
        headers = headers_of(caller, world)
        target = path.format(**call.path(world))
        before = contents()
        reply = send(client, method, target, call, headers)
        outcomes[caller] = outcome(reply.status_code, operation)
        assert reply.status_code < 500, f"{caller}: {reply.text}"
        if outcomes[caller] != "ok" or method == "get":
            assert contents() == before, f"{operation} by {caller} changed the database"
    assert outcomes == dict(zip(CALLERS, EXPECTED[operation].split(), strict=True))


def outcome(status: int, operation: str) -> str:
    """A refusal's status, or "ok". What everybody may call may answer 401 or 404 for reasons of its own."""
    refusals = {401, 403, 404} if EXPECTED[operation] == OWNED else {401, 403}
    return str(status) if status in refusals and EXPECTED[operation] != EVERYBODY else "ok"


def send(client: TestClient, method: str, path: str, call: Call, headers: dict[str, str]) -> Any:
    client.cookies.clear()
    if call.csv is not None:
        headers = {**headers, "Content-Type": "text/csv"}
        return client.request(method, path, params=call.query, content=call.csv, headers=headers)
    return client.request(method, path, params=call.query, json=call.body, headers=headers)


def make_world() -> World:
    owner = make_person("buyer", "seller")
    people = {
        "owner": owner,
        "other": make_person("buyer", "seller"),
        "no_role": make_person(),
        "admin": make_person("admin", "buyer", "seller"),
    }
    world = World(owner, people)
    now = utc_now()
    with transaction() as session:
        browser, _ = sessions.open_session(
            session, owner.id, origin=Origin("127.0.0.1", "x"), second_factor=False, now=now
        )
        world.ids["session"] = browser.id
        world.ids["job"] = jobs.enqueue(session, "housekeeping", {}, now=now, delay_s=3600).id
        failed = jobs.enqueue(session, "housekeeping", {}, now=now, delay_s=3600)
        failed.state = "failed"
        world.ids["failed_job"] = failed.id
        entries = scan_plan.list_entries(session)
        world.ids["entry"] = (
            entries[0].id
            if entries
            else scan_plan.create_entry(session, source="ebay", query="canon", now=now).id
        )
    key = make_key(owner, "read")["Authorization"]
    with transaction() as session:
        world.ids["key"] = session.execute(
            sa.text("select id from api_keys where public_id = :it"),
            {"it": key.split("_")[2]},
        ).scalar_one()
    return world


def headers_of(caller: str, world: World) -> dict[str, str]:
    match caller:
        case "anonymous":
            return {}
        case "expired":
            with transaction() as session:
                session.execute(
                    sa.text("update user_sessions set expires_at = now() where id = :id"),
                    {"id": world.owner.session_id},
                )
            return world.owner.headers
        case "read_key":
            return make_key(world.owner, "read")
        case "task_key":
            return make_key(world.people["admin"], "admin:tasks")
        case _:
            return world.people[caller].headers


STAMPS: Final = {"user_sessions": "last_seen_at", "api_keys": "last_used_at"}
"""What reading may change: when a session or a key was seen last."""

COUNTERS: Final = {"throttle_hits", "alembic_version"}
"""Tables that count attempts, refused ones too."""


def contents() -> dict[str, str]:
    """A digest of every table's rows."""
    with transaction() as session:
        tables = session.scalars(
            sa.text("select tablename from pg_tables where schemaname = 'public' order by 1")
        ).all()
        digests = {}
        for table in tables:
            if table in COUNTERS:
                continue
            row = f"to_jsonb(t) - '{STAMPS[table]}'" if table in STAMPS else "to_jsonb(t)"
            digests[table] = session.execute(
                sa.text(
                    f"select md5(string_agg(({row})::text, '|' order by ({row})::text)) from {table} t"
                )
            ).scalar()
        return digests
