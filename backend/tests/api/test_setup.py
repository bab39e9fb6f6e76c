"""The choice about eBay's prices: what it lets through, both ways, and how everybody is told."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
import sqlalchemy as sa
from fastapi.testclient import TestClient

from app.api.marketplaces import kept_marketplaces
from app.api.setup import kept_setup
from app.core.clock import utc_now
from app.core.settings import Settings, get_settings
from app.db.models import Comp, Deal, Job, Listing, Valuation
from app.db.session import transaction
from app.domain.pricing_choice import now_on
from app.domain.valuation import ASKING_CONFIDENCE_CAP
from app.jobs import runner
from app.jobs import value as value_job
from app.ports import Ports
from app.services import comps, jobs, scan_plan
from tests.domain.making import MODELS, NOW
from tests.services.valuing import CATEGORY, OBJECTS, Past, listed, make_raw, many_sales

CSV = {"Content-Type": "text/csv"}


@pytest.fixture(autouse=True)
def _fresh(valkey: redis.Redis) -> Iterator[None]:
    value_job.process_valuer.cache_clear()
    kept_setup.forget()
    kept_marketplaces.forget()
    yield
    value_job.process_valuer.cache_clear()


def choose(monkeypatch: pytest.MonkeyPatch, permitted: bool) -> None:
    """Restart with another choice, as far as one process can."""
    monkeypatch.setenv("EBAY_CONTENT_PRICING_PERMITTED", str(permitted).lower())
    get_settings.cache_clear()
    value_job.process_valuer.cache_clear()
    kept_setup.forget()
    kept_marketplaces.forget()


def work(past: Past) -> None:
    """Do all jobs that wait, as workers would."""
    ports = Ports(marketplaces={"ebay": past}, storage=OBJECTS)
    for _ in range(20):
        with transaction() as session:
            waiting = list(jobs.due(session))
        if not waiting:
            return
        for job_id in waiting:
            runner.run(job_id, ports)
    raise AssertionError("work never ends")


def recent_sales() -> list[Any]:
    from dataclasses import replace

    shift = utc_now() - NOW
    return [replace(sale, sold_at=sale.sold_at + shift) for sale in many_sales()]


def fresh_listing() -> Any:
    return make_raw(1, listed_at=utc_now() - timedelta(hours=5))


def thousand_rows() -> str:
    dice = random.Random(7)
    models = list(MODELS.items())
    today = utc_now().date()
    lines = ["external_id,title,price,shipping,currency,condition,category,sold_at"]
    for i in range(1_000):
        model, worth = models[i % len(models)]
        price = worth * dice.lognormvariate(0, 0.07) / 100
        day = today - timedelta(days=dice.randrange(1, 80))
        lines.append(
            f'L{i},{model} 35mm film camera,"{price:,.2f}",0,USD,Used,{CATEGORY},{day.isoformat()}'
        )
    return "\n".join(lines) + "\n"


def deal() -> tuple[Deal, dict[str, Any]]:
    with transaction() as session:
        row = session.scalars(sa.select(Deal)).one()
        return row, session.scalars(sa.select(Valuation.evidence)).one()


def test_without_permission_deals_come_from_what_was_imported_alone(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, False)
    past = Past(recent_sales())
    with transaction() as session:
        listed(session, [fresh_listing()], past.sales)
        session.execute(sa.update(Comp).values(price_cents=1_000_000))  # must never be seen
        session.execute(sa.text("update listing_sightings set seen_at = now()"))
        jobs.enqueue(session, "value", {}, now=utc_now())
    work(past)
    row, evidence = deal()
    assert (row.score, row.no_score_reason, row.fair_value_cents) == (None, "not_permitted", None)
    assert "without its permission" in evidence["no_score_explanation"]
    assert (evidence["estimate"]["kinds"], evidence["comps"]) == ({}, [])

    answer = client.post(
        "/comps/import?name=ledger", content=thousand_rows(), headers={**admin, **CSV}
    )
    assert answer.json()["stored"] == 1_000
    work(past)
    row, evidence = deal()
    assert row.fair_value_cents == pytest.approx(15_000, rel=0.05)
    assert row.score is not None
    assert row.score > 50
    assert evidence["estimate"]["kinds"] == {"imported": 1_000}
    assert {comp["kind"] for comp in evidence["comps"]} == {"imported"}
    shown = client.get(f"/buyer/deals/{row.listing_id}").json()
    assert shown["estimate"]["kinds"] == {"imported": 1_000}
    assert past.asked == []


def test_where_only_asking_prices_are_known_the_value_says_so_and_is_trusted_little(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, False)
    with transaction() as session:
        listed(session, [fresh_listing()])
    rows = [line.rsplit(",", 1)[0] for line in thousand_rows().splitlines()]
    asked = "\n".join([f"{rows[0]},kind", *(f"{row},asking" for row in rows[1:])])
    client.post("/comps/import?name=seen", content=asked, headers={**admin, **CSV})
    work(Past([]))
    row, evidence = deal()
    assert row.fair_value_cents == pytest.approx(15_000, rel=0.05)
    assert row.confidence is not None
    assert row.confidence <= ASKING_CONFIDENCE_CAP
    assert "asking prices of similar things, not sales" in evidence["estimate"]["explanation"]
    assert evidence["estimate"]["kinds"] == {"asking": 1_000}
    assert {(comp["kind"], comp["sold_at"]) for comp in evidence["comps"]} == {("asking", None)}


def test_with_permission_both_are_known_and_only_one_kind_is_used(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, True)
    past = Past(recent_sales())
    with transaction() as session:
        listed(session, [fresh_listing()])
        comps.request_refresh(session, now=utc_now())
    work(past)
    _, evidence = deal()
    assert evidence["estimate"]["kinds"] == {"sold": len(past.sales)}
    assert {comp["kind"] for comp in evidence["comps"]} == {"sold"}
    client.post("/comps/import?name=ledger", content=thousand_rows(), headers={**admin, **CSV})
    work(past)
    _, evidence = deal()
    assert evidence["estimate"]["kinds"] == {"imported": 1_000, "sold": len(past.sales)}
    assert {comp["kind"] for comp in evidence["comps"]} == {"imported"}


def test_switching_it_off_deletes_what_came_from_ebay_and_values_again(
    process: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, True)
    past = Past(recent_sales())
    with transaction() as session:
        listed(session, [fresh_listing()])
        comps.request_refresh(session, now=utc_now())
    work(past)
    assert deal()[0].score is not None

    choose(monkeypatch, False)
    asked = len(past.asked)
    with transaction() as session:
        jobs.enqueue(session, "follow_choice", {}, now=utc_now())
    work(past)
    row, evidence = deal()
    assert (row.score, row.fair_value_cents, row.no_score_reason) == (None, None, "not_permitted")
    assert evidence["estimate"]["reason"] == "not_permitted"
    assert len(past.asked) == asked
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Comp)) == 0
        assert not session.scalars(sa.select(Listing.id).where(Listing.needs_valuation)).all()
        refreshes = session.scalar(sa.select(sa.func.count()).where(Job.kind == "refresh_comps"))

    with transaction() as session:
        jobs.enqueue(session, "follow_choice", {}, now=utc_now())
    work(past)
    with transaction() as session:
        again = session.scalar(sa.select(sa.func.count()).where(Job.kind == "refresh_comps"))
    assert again == refreshes

    choose(monkeypatch, True)
    with transaction() as session:
        jobs.enqueue(session, "follow_choice", {}, now=utc_now())
    work(past)
    assert deal()[0].score is not None


def test_admins_read_the_choice_and_its_source_and_no_secret(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch, process: Settings
) -> None:
    monkeypatch.setenv("EBAY_MARKETPLACE_INSIGHTS_ENABLED", "false")
    choose(monkeypatch, False)
    body = client.get("/setup", headers=admin).json()
    pricing = body["pricing"]
    assert (pricing["setting"], pricing["permitted"]) == ("EBAY_CONTENT_PRICING_PERMITTED", False)
    assert pricing["now"].endswith("the choice is off.")  # the tests' marketplace is simulated
    assert pricing["source"]["url"] == "https://developer.ebay.com/join/api-license-agreement"
    assert pricing["source"]["read_on"] == "2026-11-23"
    assert "EBAY_CONTENT_PRICING_PERMITTED" in pricing["how_to_change"]
    assert (body["insights"]["state"], body["insights"]["reason"]) == ("off", None)
    assert body["comparables"] == []
    assert process.session_key
    assert process.session_key.get_secret_value() not in client.get("/setup", headers=admin).text
    choose(monkeypatch, True)
    assert (
        client.get("/setup", headers=admin).json()["pricing"]["now"].endswith("the choice is on.")
    )
    assert now_on(permitted=False, simulated=False).startswith("Off: nothing read from eBay")
    assert "written permission" in now_on(permitted=True, simulated=False)
    assert client.get("/marketplaces").json()["items"][0]["pricing_permitted"] is True


def test_a_refused_look_at_past_sales_is_seen_everywhere(
    client: TestClient, admin: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EBAY_MARKETPLACE_INSIGHTS_ENABLED", "true")
    choose(monkeypatch, True)

    def seen() -> tuple[str, str, str]:
        kept_setup.forget()
        kept_marketplaces.forget()
        return (
            client.get("/marketplaces").json()["items"][0]["sales_state"],
            client.get("/setup", headers=admin).json()["insights"]["state"],
            client.get("/health", headers=admin).json()["checks"]["sales:ebay"]["status"],
        )

    with transaction() as session:
        scan_plan.seed(session, "ebay", now=utc_now())
    assert seen() == ("not_asked", "not_asked", "ok")
    with transaction() as session:
        comps.note_sales_state(session, "ebay", "not_granted", "no scope", now=utc_now())
    assert seen() == ("not_granted", "not_granted", "degraded")
    assert client.get("/marketplaces").json()["items"][0]["sales_reason"] == "no scope"
    assert (
        "no scope" in client.get("/health", headers=admin).json()["checks"]["sales:ebay"]["detail"]
    )
    with transaction() as session:
        comps.note_refreshed(session, "ebay", now=utc_now())
    assert seen() == ("granted", "granted", "ok")
