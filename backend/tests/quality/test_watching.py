"""The whole way from scans to chances, on a simulated market whose clock is moved through four days.

Every two hours all that is for sale is read, stored, valued and watched, and lost listings are given up; at the
end the sales are refreshed. New listings of the last hours are then asked about, and the market tells how they end.
"""

import json
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from app.adapters.ebay.marketplace import EbayMarketplace
from app.core.cache import Cache
from app.core.settings import Settings, get_settings
from app.db.models import Deal, ListingSpell, Source
from app.db.session import Session, transaction
from app.ports import Marketplace, SearchQuery
from app.services import comps, ingest, scan_plan, scanning, selling_speeds, spells, valuations
from app.services.markets import Markets
from app.services.valuations import Valuer
from ebay_sim import ids
from ebay_sim.world.clock import stamp
from ebay_sim.world.economy import Economy
from tests.ebay_sim.serving import NOON, Served, serve
from tests.services.valuing import OBJECTS, fit_all

LISTINGS, SEED = 2_500, 7
STEP = timedelta(hours=2)
STEPS = 44
START = datetime.fromtimestamp(NOON, UTC)


def read_all(marketplace: Marketplace, categories: list[str], *, now: datetime) -> None:
    """One look at everything for sale."""
    for category_id in categories:
        for offset in range(0, 10_000, 200):
            page = marketplace.search(SearchQuery(category_id=category_id, offset=offset))
            with transaction() as session:
                ingest.store(session, page.listings, page.rejected, now=now, source="ebay")
            if not page.has_more:
                break


def refresh_sales(marketplace: Marketplace, *, now: datetime) -> None:
    """Read all new sales of all categories."""
    with transaction() as session:
        asks = comps.refresh_plan(session, "ebay")
    for ask in asks:
        for offset in range(0, comps.MAX_SALES, comps.PAGE):
            page = marketplace.sold(ask.page(offset))
            with transaction() as session:
                comps.store_sales(session, page.sales, now=now)
            if not page.has_more:
                break
    with transaction() as session:
        comps.note_refreshed(session, "ebay", now=now)


def value_and_watch(valuer: Valuer, *, now: datetime) -> None:
    """Value what is new and begin its spells."""
    with transaction() as session:
        waiting = valuations.waiting(session)
    for category_id in waiting:
        count = 1
        while count:
            with transaction() as session:
                count = valuer.value_chunk(session, category_id, now=now)
    with transaction() as session:
        spells.begin(session, ["ebay"])


def new_offers(session: Session, *, since: datetime) -> list[tuple[str, str, float]]:
    """(id, category, log price ratio) of the fixed-price listings since then that have a value."""
    rows = session.execute(
        sa.select(
            Deal.external_id,
            Deal.category_id,
            sa.func.ln(
                sa.cast(Deal.price_cents + Deal.shipping_cents, sa.Double) / Deal.fair_value_cents
            ),
        )
        .where(
            Deal.active,
            Deal.listed_at >= since,
            Deal.buying_option == "fixed_price",
            Deal.fair_value_cents.is_not(None),
            Deal.shipping_cents.is_not(None),
            Deal.no_score_reason.is_distinct_from("far_below_interval"),
        )
        .order_by(Deal.external_id)
    )
    return [(external_id, category, float(ratio)) for external_id, category, ratio in rows]


def is_sold(external_id: str) -> bool:
    """How the market ends this listing."""
    serial = ids.find_serial_of_item(external_id)
    assert serial is not None
    return bool(Economy(SEED, LISTINGS).draw(np.array([serial])).sold[0])


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_watching_a_market_for_four_days_tells_how_fast_it_sells(
    process: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(listings=LISTINGS, seed=SEED) as served:
        found = _watch(served, monkeypatch)
    with capsys.disabled():
        sys.stdout.write(json.dumps(found) + "\n")
    assert found["basis"] == ["spells"]
    assert abs(float(str(found["error"]))) < 0.1
    assert float(str(found["mean_absolute_error_by_band"])) < 0.12


def _watch(served: Served, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    for name, value in {
        "DEMO_MODE": "true",
        "EBAY_APP_ID": "demo-app",
        "EBAY_CLIENT_SECRET": "demo-secret",
        "MARKETPLACE_CACHE_TTL_S": "0",
        **{f"EBAY_{name}_BASE": served.base for name in ("API", "APIZ", "APIM", "AUTH")},
    }.items():
        monkeypatch.setenv(name, value)
    get_settings.cache_clear()
    cache = Cache.from_settings(get_settings())
    marketplace = EbayMarketplace.from_settings(
        get_settings(), cache=cache, spend=lambda service: None
    )
    valuer = Valuer(
        markets=Markets(permitted=True, storage=OBJECTS),
        cache=cache,
        cache_ttl_s=600,
        simulated=True,
    )
    served.http.post("/sim/limits", json={"browse": 1_000_000})
    with transaction() as session:
        scan_plan.seed(session, "ebay", now=START)
        categories = [entry.category_id for entry in scan_plan.enabled_entries(session, "ebay")]
        session.merge(Source(id="ebay", state="healthy", state_since=START, recent_cycles=[]))
    refresh_sales(marketplace, now=START)
    with transaction() as session:
        fit_all(session)
    now = START
    for step in range(STEPS):
        now = START + step * STEP
        served.http.post("/sim/clock", json={"now": stamp(now.timestamp())})
        read_all(marketplace, categories, now=now)
        value_and_watch(valuer, now=now)
        with transaction() as session:
            scanning.sweep_stale(session, "ebay", max_age=timedelta(hours=6), now=now)
    refresh_sales(marketplace, now=now)
    with transaction() as session:
        outcomes = dict(
            session.execute(
                sa.select(ListingSpell.outcome, sa.func.count()).group_by(ListingSpell.outcome)
            ).all()
        )
        offers = new_offers(session, since=now - STEP)
        told, basis = [], set()
        for _, category_id, ratio in offers:
            lent = valuer.markets.lend(session, category_id=category_id, currency="USD", now=now)
            speed = selling_speeds.speed_of(
                session, cache, lent, category_id=category_id, currency="USD",
                sources=["ebay"], now=now,
            )  # fmt: skip
            basis.add(speed.basis)
            course = speed.course(np.array([ratio]))
            told.append(float(course.sold_by[0, 1]) if course is not None else float("nan"))
    truth = np.array([is_sold(external_id) for external_id, *_ in offers])
    ratios, chances = np.array([ratio for *_, ratio in offers]), np.array(told)
    bands = np.searchsorted([-0.1, 0.0, 0.1, 0.2], ratios)
    errors = [
        round(float(chances[bands == band].mean() - truth[bands == band].mean()), 3)
        for band in range(5)
    ]
    return {
        "spells": outcomes,
        "basis": sorted(basis),
        "recorded_share": round(speed.recorded_share, 4),
        "offers": len(offers),
        "sold": round(float(truth.mean()), 3),
        "error": round(float(chances.mean() - truth.mean()), 3),
        "errors_by_band": errors,
        "mean_absolute_error_by_band": round(float(np.abs(errors).mean()), 3),
    }
