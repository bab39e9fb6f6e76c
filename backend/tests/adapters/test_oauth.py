"""One token for all, minted as eBay's own client does it, renewed when eBay no longer takes it."""

import json
import threading

import pytest

from app.adapters.ebay.oauth import BASE_SCOPE, INSIGHTS_SCOPE, ApplicationTokens, Credentials
from app.adapters.http import HttpClient, Policy
from app.ports import NotGranted, Rejected, SearchQuery, Unavailable
from tests.adapters.ebay_client import ebay_at
from tests.adapters.loopback import Loopback, loopback, says
from tests.contract.openapi_contract import CONTRACTS_DIR, needs_contracts
from tests.ebay_sim.serving import Served, serve

TOKEN = says(
    200, b'{"access_token": "t-1", "expires_in": 7200, "token_type": "Application Access Token"}'
)
LATER = says(
    200, b'{"access_token": "t-2", "expires_in": 7200, "token_type": "Application Access Token"}'
)
CAMERAS = SearchQuery(category_id="15230")


def tokens_at(server: Loopback, clock: list[float] | None = None) -> ApplicationTokens:
    return ApplicationTokens(
        HttpClient("ebay", Policy(read_s=2)),
        server.url,
        Credentials("CID", "SEC"),
        spend=lambda service: None,
        clock=(lambda: clock[0]) if clock is not None else (lambda: 0.0),
    )


@needs_contracts
def test_the_request_is_byte_for_byte_what_ebays_own_client_sends() -> None:
    golden = json.loads((CONTRACTS_DIR / "ebay_oauth_golden_requests.json").read_text())
    wanted = golden["requests"][0]
    with loopback(TOKEN) as server:
        assert tokens_at(server).get() == "t-1"
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {
        name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])
    }
    assert lines[0] == f"{wanted['method']} {wanted['path']} HTTP/1.1"
    assert body.decode() == wanted["body"]
    for name, value in wanted["headers"].items():
        assert headers[name.lower()] == str(value)


def test_parallel_callers_mint_once() -> None:
    with loopback(TOKEN, LATER) as server:
        tokens = tokens_at(server)
        barrier = threading.Barrier(20)
        got: list[str] = []

        def ask() -> None:
            barrier.wait()
            got.append(tokens.get())

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert got == ["t-1"] * 20
    assert len(server.requests) == 1


def test_a_token_is_renewed_before_it_ends() -> None:
    clock = [0.0]
    with loopback(TOKEN, LATER) as server:
        tokens = tokens_at(server, clock)
        assert tokens.get() == "t-1"
        clock[0] = 6000.0
        assert tokens.get() == "t-1"
        clock[0] = 7000.0
        assert tokens.get() == "t-2"


def test_dropping_an_old_token_keeps_a_newer_one() -> None:
    with loopback(TOKEN, LATER) as server:
        tokens = tokens_at(server)
        tokens.drop(tokens.get())
        assert tokens.get() == "t-2"
        tokens.drop("t-1")
        assert tokens.get() == "t-2"
    assert len(server.requests) == 2


def test_wrong_keys_are_explained_and_not_tried_again_and_again() -> None:
    clock = [0.0]
    refusal = says(401, b'{"error": "invalid_client", "error_description": "x"}')
    with loopback(refusal, TOKEN) as server:
        tokens = tokens_at(server, clock)
        for _ in range(5):
            with pytest.raises(Rejected, match="account deletion") as info:
                tokens.get()
        assert info.value.code == "" or info.value.code == "invalid_client"
        assert len(server.requests) == 1
        clock[0] = 61.0
        assert tokens.get() == "t-1"


def test_missing_keys_are_said_without_a_call() -> None:
    with loopback(TOKEN) as server:
        tokens = ApplicationTokens(
            HttpClient("ebay"), server.url, Credentials("", ""), spend=lambda service: None
        )
        with pytest.raises(Rejected, match="EBAY_APP_ID"):
            tokens.get()
    assert server.requests == []


@pytest.mark.parametrize("body", [b"{}", b"[]", b"<html>", b'{"access_token": 1, "expires_in": 2}'])
def test_an_answer_without_a_token_is_no_answer(body: bytes) -> None:
    with loopback(says(200, body)) as server, pytest.raises(Unavailable):
        tokens_at(server).get()


def test_a_scope_that_is_not_granted_is_named_so() -> None:
    refusal = says(400, b'{"error": "invalid_scope", "error_description": "x"}')
    with loopback(refusal) as server, pytest.raises(NotGranted):
        tokens_at(server).get(BASE_SCOPE, INSIGHTS_SCOPE)


def mints(served: Served) -> int:
    counters = served.http.get("/sim/ledger").json()["counters"]
    return int(counters["calls"].get("oauth.token", 0))


def test_a_token_that_ebay_no_longer_takes_is_renewed_once_and_the_call_repeated() -> None:
    with serve() as served:
        market = ebay_at(served.base)
        assert market.search(CAMERAS).listings
        before = mints(served)
        served.http.post("/sim/tokens/expire")
        assert market.search(CAMERAS).listings
        assert mints(served) == before + 1
