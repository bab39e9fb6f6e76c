"""What holds for every operation: problems, request ids, limits, headers, no unknown parameters."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.settings import Settings
from tests.people import Person, make_key

METHODS = ("get", "post", "put", "patch", "delete")
SOME_ID = "00000000-0000-7000-8000-000000000000"


def operations(client: TestClient) -> list[tuple[str, str, dict[str, Any]]]:
    document = client.get("/openapi.json").json()
    return [
        (method, re.sub(r"\{[^}]+\}", SOME_ID, path), operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def test_every_operation_refuses_an_unknown_query_parameter(
    client: TestClient, admin: dict[str, str]
) -> None:
    for method, path, operation in operations(client):
        reply = client.request(method, path, params={"no_such_filter": "1"}, headers=admin)
        assert reply.status_code == 422, f"{method} {path}: {reply.text}"
        assert reply.json()["code"] == "invalid_input", operation["operationId"]
        assert reply.json()["errors"][0]["loc"] == ["query", "no_such_filter"]


def test_every_operation_has_a_readable_name_and_says_how_it_fails(client: TestClient) -> None:
    for _, path, operation in operations(client):
        assert re.fullmatch(r"[a-z][a-z_]+", operation["operationId"]), path
        assert operation["summary"], path
        assert operation["description"], path


def test_a_key_that_is_none_opens_nothing(client: TestClient) -> None:
    guarded = [
        (method, path)
        for method, path, operation in operations(client)
        if operation.get("security")
    ]
    assert {path for _, path in guarded} >= {
        "/tasks/scan",
        "/tasks/recompute-comps",
        "/scan/run",
        "/scan/plan",
        f"/jobs/{SOME_ID}",
    }
    for method, path in guarded:
        wrong = "ds_live_0123456789abcdef_" + "x" * 43
        for given in ("Bearer wrong", "Basic eDp5", "Bearer", f"Bearer {wrong}"):
            headers = {"Authorization": given}
            reply = client.request(method, path, headers=headers, json={})
            assert reply.status_code == 401, f"{method} {path}"
            assert reply.json()["code"] == "unauthenticated"
            assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/no/such/page", 404, "not_found"),
        ("DELETE", "/buyer/deals", 405, "method_not_allowed"),
        ("GET", "/buyer/deals?limit=abc", 422, "invalid_input"),
        ("GET", "/buyer/deals/not-a-uuid", 422, "invalid_input"),
        ("GET", f"/buyer/deals/{SOME_ID}", 404, "not_found"),
    ],
)
def test_a_refusal_is_a_problem_with_a_stable_code(
    client: TestClient, method: str, path: str, status: int, code: str
) -> None:
    reply = client.request(method, path)
    problem = reply.json()
    assert reply.headers["content-type"] == "application/problem+json"
    assert (reply.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["request_id"] == reply.headers["x-request-id"]
    assert problem["title"]
    assert problem["detail"]


def test_a_request_id_is_taken_over_when_it_is_harmless_and_made_anew_when_not(
    client: TestClient,
) -> None:
    given = client.get("/livez", headers={"X-Request-Id": "trace-1234567890"})
    assert given.headers["x-request-id"] == "trace-1234567890"
    hostile = client.get("/livez", headers={"X-Request-Id": 'x"}\\n{"level":"error'})
    assert re.fullmatch(r"[0-9a-f]{32}", hostile.headers["x-request-id"])


def test_every_reply_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/livez", "/no/such/page", "/buyer/deals", "/openapi.json"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["referrer-policy"] == "no-referrer"


def test_a_body_over_the_limit_is_refused_before_it_is_read(
    client: TestClient, admin: dict[str, str]
) -> None:
    too_long = client.post("/scan/plan", content=b" " * 1_100_000, headers=admin)
    assert (too_long.status_code, too_long.json()["code"]) == (413, "payload_too_large")

    def endless() -> Any:
        for _ in range(2000):
            yield b" " * 1024

    streamed = client.post("/scan/plan", content=endless(), headers=admin)
    assert streamed.status_code == 413


def test_documentation_comes_from_our_own_origin(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "http" not in re.sub(r"<html[^>]*>", "", page.text).replace("http-equiv", "")
    for asset in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text):
        assert client.get(f"/{asset}").status_code == 200, asset


def test_metrics_name_routes_not_paths(client: TestClient, administrator: Person) -> None:
    client.get(f"/buyer/deals/{SOME_ID}")
    client.get("/no/such/page/12345")
    text = client.get("/metrics", headers=make_key(administrator, "metrics")).text
    assert 'route="/buyer/deals/{deal_id}"' in text
    assert SOME_ID not in text
    assert "such/page" not in text
    assert "ds_queue_depth" in text
    assert 'ds_schedule_period_seconds{job_name="scan"}' in text


def test_documentation_is_not_for_everybody_in_production(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.main import create_app

    for public, status in ((False, 404), (True, 200)):
        shown = process.model_copy(update={"environment": "production", "docs_public": public})
        with TestClient(create_app(shown), raise_server_exceptions=False) as client:
            for path in ("/docs", "/openapi.json"):
                assert client.get(path).status_code == status, (path, public)
