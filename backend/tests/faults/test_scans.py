"""Scans survive whatever the marketplace does: nothing lost, nothing doubled, no price invented.

Random sequences of scripted faults, each with a seed that is its name. While they last, prices
change and items come and go; when they have ended and some cycles have run, the store must be the
market's live set.
"""

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa

from app.adapters.http import Policy
from app.core.clock import utc_now
from app.core.settings import Settings, get_settings
from app.db.models import Job, Listing, ListingSighting, PriceObservation, Source
from app.db.session import transaction
from app.jobs import runner
from app.ports import Marketplace, Ports
from app.services import jobs, scan_plan
from app.stack.part import ROOT
from tests.adapters.ebay_client import USUAL, ebay_at
from tests.adapters.loopback import loopback, resets
from tests.ebay_sim.serving import Served, serve

CATEGORIES = ("15230", "9355", "31387")
HASTY = Policy(
    connect_s=1, read_s=0.3, attempt_s=0.4, deadline_s=1.5, pause_s=0.01, longest_pause_s=0.02,
    max_body_bytes=4_000_000,
)  # fmt: skip
FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "timeout", "delay_s": 0.6},
    {"kind": "reset"},
    {"kind": "429", "retry_after": "0"},
    {"kind": "429", "retry_after": "30"},
    {"kind": "500"},
    {"kind": "503"},
    {"kind": "truncated"},
    {"kind": "html"},
    {"kind": "empty_next"},
    {"kind": "drip"},
    {"kind": "huge", "size_mb": 8},
    {"kind": "renamed_field", "field": "price", "to": "priceInfo"},
    {"kind": "renamed_field", "field": "itemId", "to": "id"},
    {"kind": "renamed_field", "field": "title", "to": "name"},
    {"kind": "renamed_field", "field": "value", "to": "amount"},
    {"kind": "renamed_field", "field": "itemSummaries", "to": "items"},
)
ROUTES = ("browse.search", "browse.search", "browse", "oauth.token")


@pytest.fixture(scope="module")
def market() -> Iterator[Served]:
    """A market that stands still but for what tests do to it; ~450 live listings a category."""
    with serve(listings=8_000, now=time.time()) as served:
        # forty long sequences ask for more in minutes than eBay grants in a day
        served.http.post("/sim/limits", json={"browse": 1_000_000, "clear": True})
        yield served


@pytest.fixture
def eight_calls(process: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCAN_CALLS_PER_CYCLE", "8")
    monkeypatch.setenv("EBAY_BROWSE_DAILY_BUDGET", "1000000")
    monkeypatch.setenv("MARKETPLACE_CACHE_TTL_S", "0")
    get_settings.cache_clear()
    with transaction() as session:
        scan_plan.seed(session, "ebay", now=utc_now())
        for entry in scan_plan.list_entries(session):
            if entry.category_id not in CATEGORIES:
                scan_plan.delete_entry(session, entry.id)


def scan(marketplace: Marketplace) -> str:
    """One scan as a worker does it; gives the job's state afterwards."""
    ports = Ports(marketplaces={"ebay": marketplace}, storage=None)  # type: ignore[arg-type]
    with transaction() as session:
        job_id = jobs.enqueue(session, "scan", {}, now=utc_now()).id
    runner.run(job_id, ports)
    with transaction() as session:
        return jobs.get(session, job_id).state


def live_set(served: Served) -> dict[str, int]:
    """Every live listing of the plan's categories that can be read, with its price.

    The market stands still, the product's clock does not: auctions that end meanwhile do not count.
    """
    found: dict[str, int] = {}
    for category in CATEGORIES:
        offset, more = 0, True
        while more:
            page = served.search(
                category_ids=category,
                limit="200",
                offset=str(offset),
                sort="newlyListed",
                filter="buyingOptions:{FIXED_PRICE|AUCTION}",
            )
            for row in page.get("itemSummaries", []):
                is_auction = "AUCTION" in row.get("buyingOptions", [])
                amount = row.get("currentBidPrice") if is_auction else row.get("price")
                ends = row.get("itemEndDate")
                if ends and datetime.fromisoformat(ends) <= utc_now():
                    continue
                if row.get("title") and amount:
                    found[row["itemId"]] = round(float(amount["value"]) * 100)
            offset, more = offset + 200, "next" in page
    return found


def stored() -> dict[str, int]:
    with transaction() as session:
        rows = session.execute(
            sa.select(Listing.external_id, Listing.price_cents).where(
                Listing.state == "live",
                sa.or_(Listing.ends_at.is_(None), Listing.ends_at > utc_now()),
            )
        ).all()
    assert len({row[0] for row in rows}) == len(rows)
    return {row.external_id: row.price_cents for row in rows}


def check_history(prices: dict[str, list[int]]) -> None:
    """Each history ends at the current price, has no repeats in a row, and holds true prices in their true order."""
    with transaction() as session:
        current = {
            row.id: (row.external_id, row.price_cents, row.shipping_cents)
            for row in session.execute(
                sa.select(
                    Listing.id, Listing.external_id, Listing.price_cents, Listing.shipping_cents
                )
            )
        }
        seen = set(session.scalars(sa.select(ListingSighting.listing_id)))
        observed: dict[Any, list[tuple[int, int | None]]] = {}
        for row in session.scalars(
            sa.select(PriceObservation).order_by(PriceObservation.observed_at)
        ):
            observed.setdefault(row.listing_id, []).append((row.price_cents, row.shipping_cents))
    assert set(observed) == set(current) == seen
    for listing_id, (external_id, cents, shipping) in current.items():
        history = observed[listing_id]
        assert history[-1] == (cents, shipping)
        assert all(a != b for a, b in itertools.pairwise(history))
        truth = iter(prices.get(external_id, [cents]))
        assert all(price in truth for price, _ in history), (external_id, history)


def settle(served: Served) -> None:
    """Scan without faults until the store is the live set, as a working product does all day."""
    served.http.delete("/sim/faults")
    patient = ebay_at(served.base, policy=USUAL, checked=False)
    for _ in range(12):
        assert scan(patient) == "done"
        if stored() == live_set(served):
            return
    assert stored() == live_set(served)


def suffer(served: Served, seed: int, cycles: int) -> None:
    rng = random.Random(seed)
    hasty = ebay_at(served.base, policy=HASTY, checked=False)
    prices = {item: [cents] for item, cents in live_set(served).items()}
    for _ in range(cycles):
        for _ in range(rng.randint(1, 3)):
            times = rng.choice((1, 2, 3, 12))
            served.script(
                route=rng.choice(ROUTES), times=times, skip=rng.randint(0, 6), **rng.choice(FAULTS)
            )
        for item in rng.sample(sorted(prices), 5):
            cents = rng.randint(500, 50_000)
            answer = served.http.post(f"/sim/items/{item}/price", json={"price_cents": cents})
            if answer.status_code == 200:
                prices[item].append(cents)
        planted = served.http.post("/sim/list", json={"category": rng.choice(CATEGORIES)}).json()
        scan(hasty)
        served.http.delete("/sim/faults")
        fresh = live_set(served)
        prices.setdefault(planted["id"], [fresh[planted["id"]]])
        for item, cents in fresh.items():
            known = prices.setdefault(item, [cents])
            if known[-1] != cents:  # an auction keeps its bid, whatever price it is given
                known.append(cents)
    settle(served)
    check_history(prices)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_scans_survive_a_sequence_of_faults(market: Served, eight_calls: None, seed: int) -> None:
    suffer(market, seed, cycles=5)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(100, 140))
def test_scans_survive_many_sequences_of_faults(
    market: Served, eight_calls: None, seed: int
) -> None:
    suffer(market, seed, cycles=12)


def test_a_source_that_goes_silent_is_said_and_its_listings_stay(
    market: Served, eight_calls: None
) -> None:
    settle(market)
    before = stored()
    with loopback(resets) as nobody:
        silent = ebay_at(nobody.url, policy=HASTY, checked=False)
        assert [scan(silent) for _ in range(2)] == ["queued", "queued"]
        with transaction() as session:
            source = session.get_one(Source, "ebay")
            assert source.state == "degraded"
            assert "eBay" in str(source.reason)
    assert stored() == before
    settle(market)
    with transaction() as session:
        assert session.get_one(Source, "ebay").state == "healthy"


@pytest.mark.parametrize("field", ["price", "itemId"])
def test_rows_that_drift_degrade_the_source_within_two_cycles_and_end_nothing(
    market: Served, eight_calls: None, field: str
) -> None:
    settle(market)
    before = stored()
    market.script(route="browse.search", kind="renamed_field", field=field, to="renamed", times=999)
    patient = ebay_at(market.base, policy=USUAL, checked=False)
    for _ in range(2):
        scan(patient)
    market.http.delete("/sim/faults")
    with transaction() as session:
        source = session.get_one(Source, "ebay")
        assert (source.state, "can be read" in str(source.reason)) == ("degraded", True)
    assert stored() == before
    settle(market)


WORKER = """
import sys
from uuid import UUID
from app.jobs import runner
from app.ports import Ports
from tests.adapters.ebay_client import USUAL, ebay_at
market = ebay_at(sys.argv[1], policy=USUAL, checked=False)
print("ready", flush=True)
runner.run(UUID(sys.argv[2]), Ports(marketplaces={"ebay": market}, storage=None))
"""


def test_a_worker_killed_in_the_middle_of_a_scan_loses_and_doubles_nothing(
    market: Served, eight_calls: None
) -> None:
    rng = random.Random(11)
    for _ in range(3):
        with transaction() as session:
            job_id = jobs.enqueue(session, "scan", {}, now=utc_now()).id
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, market.base, str(job_id)],
            cwd=ROOT / "backend",
            env={**os.environ, "PYTHONPATH": str(ROOT / "backend")},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
        calls = market.http.get("/sim/ledger").json()["last"]
        deadline = time.monotonic() + 20
        wanted = calls + rng.randint(2, 6)
        while market.http.get("/sim/ledger").json()["last"] < wanted and worker.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    with transaction() as session:
        left = session.scalars(sa.select(Job).where(Job.kind == "scan", Job.state == "running"))
        for job in left:
            job.lease_until = sa.func.now() - sa.text("interval '1 second'")  # type: ignore[assignment]
    with transaction() as session:
        waiting = [id for id in jobs.due(session) if jobs.get(session, id).kind == "scan"]
    patient = ebay_at(market.base, policy=USUAL, checked=False)
    for job_id in waiting:
        runner.run(job_id, Ports(marketplaces={"ebay": patient}, storage=None))  # type: ignore[arg-type]
        with transaction() as session:
            assert jobs.get(session, job_id).state == "done"
    settle(market)
    check_history({})
