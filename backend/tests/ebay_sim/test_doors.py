"""Tokens, limits, faults, ledger and clock over real HTTP."""

import time
from pathlib import Path

import httpx
import pytest

from ebay_sim.auth import INSIGHTS_SCOPE, SCOPE
from tests.ebay_sim.serving import SMALL, Served, serve

SEARCH = "/buy/browse/v1/item_summary/search"
TOKEN = "/identity/v1/oauth2/token"
GRANT = {"grant_type": "client_credentials", "scope": SCOPE}
KEYS = ("demo-app", "demo-secret")


def test_a_token_lasts_two_hours_and_is_counted(sim: Served) -> None:
    before = sim.get("/sim/ledger").json()["counters"]["events"]["oauth.mint"]
    answer = httpx.post(sim.base + TOKEN, data=GRANT, auth=KEYS).json()
    assert (answer["expires_in"], answer["token_type"]) == (7200, "Application Access Token")
    assert "refresh_token" not in answer
    assert sim.get("/sim/ledger").json()["counters"]["events"]["oauth.mint"] == before + 1


@pytest.mark.parametrize(
    ("form", "keys", "status", "error"),
    [
        (GRANT, ("demo-app", "wrong"), 401, "invalid_client"),
        (GRANT, None, 401, "invalid_client"),
        ({**GRANT, "grant_type": "password"}, KEYS, 400, "unsupported_grant_type"),
        ({**GRANT, "scope": f"{SCOPE}/sell.everything"}, KEYS, 400, "invalid_scope"),
        ({**GRANT, "scope": ""}, KEYS, 400, "invalid_scope"),
        ({"grant_type": "authorization_code", "code": "c"}, KEYS, 400, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "r"}, KEYS, 400, "invalid_grant"),
    ],
)
def test_what_the_token_endpoint_refuses(
    sim: Served, form: dict[str, str], keys: tuple[str, str] | None, status: int, error: str
) -> None:
    answer = httpx.post(sim.base + TOKEN, data=form, auth=keys)
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_json_bodies_are_no_token_requests(sim: Served) -> None:
    answer = httpx.post(sim.base + TOKEN, json=GRANT, auth=KEYS)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_past_sales_need_a_scope_of_their_own(sim: Served) -> None:
    headers = {"Authorization": f"Bearer {sim.token(SCOPE)}"}
    answer = httpx.get(
        f"{sim.base}/buy/marketplace_insights/v1_beta/item_sales/search?category_ids=15230",
        headers=headers,
    )
    assert (answer.status_code, answer.json()["errors"][0]["errorId"]) == (403, 1100)


def test_a_keyset_without_insights_cannot_get_that_scope() -> None:
    with serve(insights=False) as sim:
        answer = httpx.post(sim.base + TOKEN, data={**GRANT, "scope": INSIGHTS_SCOPE}, auth=KEYS)
        assert answer.json()["error"] == "invalid_scope"
        assert (
            sim.get(
                "/buy/marketplace_insights/v1_beta/item_sales/search", category_ids="15230"
            ).status_code
            == 403
        )


def test_expired_tokens_answer_401_until_a_new_one_is_minted(sim: Served) -> None:
    sim.http.post("/sim/tokens/expire")
    assert sim.get(SEARCH, q="x").json()["errors"][0]["errorId"] == 1001
    sim.http.headers["Authorization"] = f"Bearer {sim.token(SCOPE, INSIGHTS_SCOPE)}"
    assert sim.get(SEARCH, q="x").status_code == 200


def test_the_day_counter_stops_calls_and_agrees_with_the_rate_limits(sim: Served) -> None:
    sim.http.post("/sim/limits", json={"browse": 3, "clear": True})
    assert [sim.get(SEARCH, q="x").status_code for _ in range(4)] == [200, 200, 200, 429]
    stopped = sim.get(SEARCH, q="x")
    assert stopped.json()["errors"][0]["errorId"] == 2001
    assert int(stopped.headers["Retry-After"]) > 0
    limits = sim.get(
        "/developer/analytics/v1_beta/rate_limit/", api_context="buy", api_name="browse"
    ).json()["rateLimits"]
    rate = limits[0]["resources"][0]["rates"][0]
    assert (rate["count"], rate["limit"], rate["remaining"], rate["timeWindow"]) == (
        3,
        3,
        0,
        86_400,
    )
    assert rate["reset"] == "2026-11-21T08:00:00.000Z"


def test_truth_needs_ids_and_leaves_out_what_it_does_not_know(sim: Served) -> None:
    assert sim.get("/sim/truth").status_code == 400
    known = sim.search(q="canon", limit=2)["itemSummaries"]
    answer = sim.get(
        "/sim/truth", ids=[row["itemId"] for row in known] + ["v1|1|0", "nonsense"]
    ).json()
    assert [row["id"] for row in answer] == [row["itemId"] for row in known]
    assert all(set(row) == {"id", "true_value_cents", "true_condition", "kind"} for row in answer)


@pytest.mark.parametrize("kind", ["429", "500", "503"])
def test_scripted_statuses_come_as_often_as_told(sim: Served, kind: str) -> None:
    sim.script(route="browse.search", kind=kind, times=2, skip=1, retry_after=7)
    answers = [sim.get(SEARCH, q="x") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, int(kind), int(kind), 200]
    assert answers[1].headers["Retry-After"] == "7"
    assert answers[1].json()["errors"]


@pytest.mark.parametrize("kind", ["reset", "timeout"])
def test_a_connection_can_be_torn_down(sim: Served, kind: str) -> None:
    sim.script(route="browse.search", kind=kind, delay_s=0.1)
    with pytest.raises(httpx.ReadError):
        sim.get(SEARCH, q="x")
    assert sim.get(SEARCH, q="x").status_code == 200
    assert sim.get("/sim/ledger", route="browse.search").json()["effects"][-2]["status"] == kind


def test_a_silent_server_outlasts_the_client(sim: Served) -> None:
    sim.script(route=SEARCH, kind="timeout")
    with pytest.raises(httpx.ReadTimeout):
        sim.http.get(SEARCH, params={"q": "x"}, timeout=0.3)


def test_answers_can_be_spoilt(sim: Served) -> None:
    good = sim.search(q="canon", limit=3)
    sim.script(route="browse.search", kind="truncated")
    assert (
        sim.get(SEARCH, q="canon", limit=3).text
        == httpx.Response(200, content=sim.get(SEARCH, q="canon", limit=3).content).text[
            : len(sim.get(SEARCH, q="canon", limit=3).text) // 2
        ]
    )
    sim.script(route="browse", kind="html")
    html = sim.get(SEARCH, q="canon")
    assert (html.status_code, html.headers["content-type"]) == (200, "text/html; charset=utf-8")
    sim.script(route="browse.search", kind="empty_next")
    empty = sim.search(q="canon", limit=3)
    assert "itemSummaries" not in empty
    assert empty["next"]
    sim.script(route="browse.search", kind="renamed_field", field="price", to="cost")
    renamed = sim.search(q="canon", limit=3)["itemSummaries"]
    assert ["cost" in row for row in renamed] == ["price" in row for row in good["itemSummaries"]]
    sim.script(route="browse.search", kind="huge", size_mb=2)
    assert len(sim.get(SEARCH, q="canon", limit=1).content) > 2 * 1_048_576


def test_a_dripping_answer_takes_its_time(sim: Served) -> None:
    sim.script(route="/commerce/taxonomy", kind="drip", delay_s=0.005)
    started = time.monotonic()
    answer = sim.get("/commerce/taxonomy/v1/get_default_category_tree_id", marketplace_id="EBAY_US")
    assert answer.json()["categoryTreeId"] == "0"
    assert time.monotonic() - started > 0.2


def test_unknown_faults_are_refused_and_scripts_can_be_cleared(sim: Served) -> None:
    assert sim.http.post("/sim/faults", json={"kind": "gremlins"}).status_code == 400
    assert sim.http.post("/sim/faults", json={"kind": "500", "colour": "red"}).status_code == 400
    sim.script(route="browse", kind="500", times=99)
    sim.http.delete("/sim/faults")
    assert sim.get(SEARCH, q="x").status_code == 200


def test_the_ledger_tells_what_came_in(sim: Served) -> None:
    last = sim.get("/sim/ledger").json()["last"]
    sim.http.get(SEARCH, params={"q": "leica m6"}, headers={"X-EBAY-C-MARKETPLACE-ID": "EBAY_GB"})
    effect = sim.get("/sim/ledger", since=last).json()["effects"][0]
    assert (effect["route"], effect["params"], effect["marketplace"], effect["status"]) == (
        "browse.search",
        {"q": "leica m6"},
        "EBAY_GB",
        200,
    )


def test_moving_the_clock_brings_new_listings_and_ends_old_ones(tmp_path: Path) -> None:
    state = tmp_path / "sim-state.json"
    options = {"now": None, "speed": 1.0, "state": state}
    with serve(SMALL, **options) as sim:
        before = sim.search(category_ids="15230", sort="newlyListed", limit=20)
        sim.http.post("/sim/clock", json={"advance_s": 3 * 86_400})
        after = sim.search(category_ids="15230", sort="newlyListed", limit=20)
        assert not {row["itemId"] for row in before["itemSummaries"]} & {
            row["itemId"] for row in after["itemSummaries"]
        }
        offset = sim.get("/sim/clock").json()["offset_s"]
    with serve(SMALL, **options) as again:
        assert again.get("/sim/clock").json()["offset_s"] == pytest.approx(offset, abs=1)


@pytest.mark.parametrize("body", [{"now": "soon"}, {"speed": -1}, {"advance_s": "x"}, [1]])
def test_a_clock_that_cannot_be_set_says_so(sim: Served, body: object) -> None:
    assert sim.http.post("/sim/clock", json=body).status_code == 400
