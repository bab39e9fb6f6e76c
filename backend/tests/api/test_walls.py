"""What the edge says to browsers: headers on every reply, known hosts, other origins."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.core.settings import Settings
from tests.api.serving import serve

NO_DEAL = "/buyer/deals/00000000-0000-7000-8000-000000000000"
APP = "https://app.example.com"


def test_every_reply_carries_every_security_header(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch, RATE_LIMIT_ANONYMOUS="40") as client:
        replies = {
            200: client.get("/livez"),
            304: client.get(
                "/buyer/deals",
                headers={"If-None-Match": client.get("/buyer/deals").headers["etag"]},
            ),
            400: client.get("/buyer/deals", headers={"Host": "evil.example"}),
            401: client.post("/tasks/scan"),
            404: client.get("/no/such/page"),
            405: client.put("/buyer/deals"),
            413: client.post("/scan/plan", content=b" " * 1_100_000),
            422: client.get("/buyer/deals?limit=x"),
        }
        docs = [client.get(path) for path in ("/openapi.json", "/docs/assets/swagger-ui.css")]
        while (over := client.get("/marketplaces")).status_code == 200:
            pass
        replies[429] = over
    for status, reply in [*replies.items(), *((200, reply) for reply in docs)]:
        assert reply.status_code == status, reply.url
        headers = reply.headers
        assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "geolocation=()" in headers["permissions-policy"]
        assert headers["x-request-id"]
        assert "strict-transport-security" not in headers
        assert "access-control-allow-origin" not in headers


def test_a_crash_carries_them_too(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.services import deals

    async def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("bug")

    monkeypatch.setattr(deals, "read_page", broken)
    reply = client.get("/buyer/deals")
    assert (reply.status_code, reply.json()["code"]) == (500, "internal_error")
    assert reply.headers["content-security-policy"].startswith("default-src 'none'")
    assert reply.headers["cache-control"] == "no-store"


def test_the_documentation_keeps_its_own_policy(client: TestClient) -> None:
    headers = client.get("/docs").headers
    assert "script-src 'self'" in headers["content-security-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"


def test_browsers_keep_to_https_where_that_is_the_address(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch, PUBLIC_ORIGIN="https://deals.example.com") as client:
        for path in ("/livez", "/buyer/deals", "/no/such/page"):
            told = client.get(path).headers["strict-transport-security"]
            assert told == "max-age=31536000; includeSubDomains"


def test_only_what_everybody_may_read_may_be_kept(
    client: TestClient, admin: dict[str, str]
) -> None:
    for path in ("/buyer/deals", "/listings", "/marketplaces", "/categories"):
        assert "cache-control" not in client.get(path).headers, path
    for path in ("/setup", "/comps", "/scan/plan", "/health", "/livez"):
        assert client.get(path, headers=admin).headers["cache-control"] == "no-store", path
    for path in (NO_DEAL, "/no/such/page", "/buyer/deals?limit=x"):
        assert client.get(path).headers["cache-control"] == "no-store", path


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "testserver@evil.example", "", "testserver:x"],
)
def test_we_answer_for_our_own_names_only(client: TestClient, host: str) -> None:
    for method, path in (("GET", "/buyer/deals"), ("GET", "/health"), ("POST", "/tasks/scan")):
        reply = client.request(method, path, headers={"Host": host})
        assert (reply.status_code, reply.json()["code"]) == (400, "unknown_host")
        assert reply.headers["content-type"] == "application/problem+json"
    for path in ("/livez", "/readyz"):  # balancers ask by address
        assert client.get(path, headers={"Host": host}).status_code == 200


def test_two_hosts_are_none(client: TestClient) -> None:
    twice = [("Host", "testserver"), ("Host", "evil.example")]
    assert client.get("/buyer/deals", headers=twice).status_code == 400  # type: ignore[arg-type]
    again = [("Host", "evil.example"), ("Host", "testserver")]
    assert client.get("/buyer/deals", headers=again).status_code == 400  # type: ignore[arg-type]


def test_by_default_our_names_are_the_public_one_and_the_loopback_ones(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRUSTED_HOSTS")
    with serve(
        monkeypatch,
        PUBLIC_ORIGIN="https://deals.example.com",
        API_ORIGIN="http://backend:8000",
    ) as client:

        def status(host: str) -> int:
            return client.get("/buyer/deals", headers={"Host": host}).status_code

        for host in ("deals.example.com", "DEALS.example.com:443", "localhost:8000"):
            assert status(host) == 200, host
        for host in ("127.0.0.1:8000", "[::1]:8000", "backend:8000"):
            assert status(host) == 200, host
        for host in ("testserver", "example.com", "www.deals.example.com", "0.0.0.0"):
            assert status(host) == 400, host


def test_a_proxy_of_ours_says_which_host_was_asked_for(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"Host": "testserver", "X-Forwarded-Host": "evil.example"}
    with serve(monkeypatch, peer="203.0.113.9", TRUSTED_PROXIES="10.0.0.0/8") as client:
        assert client.get("/buyer/deals", headers=asked).status_code == 200
    with serve(monkeypatch, peer="10.0.0.7", TRUSTED_PROXIES="10.0.0.0/8") as client:
        for _ in range(2):
            assert client.get("/buyer/deals").status_code == 200
            assert client.get("/buyer/deals", headers=asked).status_code == 400


PREFLIGHT = {
    "Origin": APP,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "content-type, authorization",
}


def test_no_other_origin_is_let_in_unless_listed(client: TestClient) -> None:
    reply = client.get("/buyer/deals", headers={"Origin": APP})
    assert not [name for name in reply.headers if name.startswith("access-control")]
    asked = client.options("/seller/pricing/suggest", headers=PREFLIGHT)
    assert asked.status_code == 405
    assert not [name for name in asked.headers if name.startswith("access-control")]


def test_a_listed_origin_may_read_and_ask_and_gets_no_cookies(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch, CORS_ORIGINS=f"{APP}, https://other.example.com:8443") as client:
        for path, status in (("/buyer/deals", 200), ("/no/such/page", 404)):
            reply = client.get(path, headers={"Origin": APP})
            assert reply.status_code == status
            assert reply.headers["access-control-allow-origin"] == APP
            assert reply.headers["vary"] == "Origin"
            assert "Retry-After" in reply.headers["access-control-expose-headers"]
            assert "access-control-allow-credentials" not in reply.headers
        asked = client.options("/seller/pricing/suggest", headers=PREFLIGHT)
        assert (asked.status_code, asked.content) == (204, b"")
        assert asked.headers["access-control-allow-origin"] == APP
        assert asked.headers["access-control-allow-methods"] == "POST"
        assert asked.headers["access-control-allow-headers"] == "authorization, content-type"
        assert asked.headers["content-security-policy"].startswith("default-src 'none'")
        # an OPTIONS that is no preflight is a request like any other
        assert client.options("/buyer/deals", headers={"Origin": APP}).status_code == 405


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com:8443",
        "https://app.example.com.evil.example",
        "https://APP.example.com",
        "null",
        "",
    ],
)
def test_an_origin_that_is_nearly_listed_is_not(
    process: Settings, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    with serve(monkeypatch, CORS_ORIGINS=APP) as client:
        reply = client.get("/buyer/deals", headers={"Origin": origin})
        asked = client.options("/seller/pricing/suggest", headers={**PREFLIGHT, "Origin": origin})
        for answer in (reply, asked):
            assert not [name for name in answer.headers if name.startswith("access-control")]
            assert "Origin" in answer.headers["vary"]


def test_a_preflight_is_told_nothing_of_methods_and_headers_that_are_not_ours(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(monkeypatch, CORS_ORIGINS=APP) as client:
        for wrong in (
            {"Access-Control-Request-Method": "TRACE"},
            {"Access-Control-Request-Headers": "x-csrf-token"},
            {"Access-Control-Request-Headers": "cookie"},
        ):
            asked = client.options("/setup", headers={**PREFLIGHT, **wrong})
            assert "access-control-allow-methods" not in asked.headers
            assert "access-control-allow-headers" not in asked.headers
