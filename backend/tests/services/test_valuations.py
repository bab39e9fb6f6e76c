"""Valuing: every live listing that waits, once, whole chunks or nothing, by any number of workers."""

import contextlib
import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from app.core.settings import Settings, get_settings
from app.db.models import Comp, Deal, Job, Listing, Source, Valuation
from app.db.session import Session, transaction
from app.jobs import comps as comps_job
from app.jobs import runner
from app.jobs import value as value_job
from app.ports import NotGranted, Ports, SearchQuery, SoldItem, SoldPage, Unavailable
from app.services import comps, deals, ingest, jobs, revaluing, scan_plan, valuations
from tests.domain.making import NOW
from tests.services.valuing import (
    CATEGORY,
    OBJECTS,
    Past,
    deal_of,
    evidence_of,
    fit_all,
    listed,
    make_raw,
    make_sale,
    make_valuer,
    many_sales,
    value_all,
)

CANON = "v1|91|0"


@pytest.fixture(autouse=True)
def _fresh(valkey: redis.Redis) -> None:
    value_job.process_valuer.cache_clear()


def test_a_cheap_listing_becomes_a_deal_with_its_evidence(
    session: Session, settings: Settings
) -> None:
    listed(session, [make_raw(1)], many_sales())
    assert value_all(session, make_valuer(settings)) == 1
    deal, shown = deal_of(session, CANON), evidence_of(session, CANON)
    assert deal.active
    assert deal.simulated
    assert deal.fair_value_cents is not None
    assert deal.score is not None
    assert deal.fair_value_cents == pytest.approx(15_000, rel=0.05)
    assert deal.discount == pytest.approx(1 - 9_949 / deal.fair_value_cents, abs=1e-4)
    assert deal.score == sum(part["points"] for part in shown["score_parts"])
    assert deal.score > 60
    assert deal.no_score_reason is None
    assert deal.evidence_count == shown["estimate"]["used"] > 10
    assert deal.distribution == shown["distribution"]
    assert deal.interval_low_cents == shown["estimate"]["low_cents"]
    assert shown["verdict"].startswith("Likely $1")
    assert value_all(session, make_valuer(settings)) == 0


def test_a_deal_tells_what_selling_it_again_would_leave(
    session: Session, settings: Settings
) -> None:
    others = [
        make_raw(n, title=f"Nikon FM2 {n}", price_cents=10_000, shipping_cents=700)
        for n in range(100, 140)
    ]
    listed(session, [make_raw(1), make_raw(2, shipping_cents=None), *others], many_sales())
    value_all(session, make_valuer(settings))
    deal, flip = deal_of(session, CANON), evidence_of(session, CANON)["flip"]
    lines = {line["name"]: line["cents"] for line in flip["lines"]}
    assert lines["resale"] == deal.fair_value_cents
    assert lines["cost"] == -9_949
    assert lines["shipping"] == pytest.approx(-0.07 / 1.07 * lines["resale"], rel=0.02)
    assert lines["fee"] == pytest.approx(-0.136 * lines["resale"], abs=1)
    assert deal.profit_cents == flip["profit_cents"] == sum(lines.values())
    assert deal.roi == flip["roi"] == pytest.approx(deal.profit_cents / 9_949, abs=1e-4)
    untold = deal_of(session, "v1|92|0")
    assert (untold.profit_cents, untold.roi) == (None, None)
    assert evidence_of(session, "v1|92|0")["flip"]["reason"] == "shipping_unknown"


def test_the_same_state_and_clock_store_the_same_bytes(
    session: Session, settings: Settings
) -> None:
    listed(session, [make_raw(1)], many_sales())

    def stored() -> str:
        session.execute(sa.update(Listing).values(needs_valuation=True))
        value_all(session, make_valuer(settings))
        return session.scalars(sa.select(sa.cast(Valuation.evidence, sa.Text))).one()

    assert stored() == stored()


def test_a_price_cut_is_valued_again_and_never_scores_less(
    session: Session, settings: Settings
) -> None:
    listed(session, [make_raw(1, price_cents=12_000)], many_sales())
    valuer = make_valuer(settings)
    value_all(session, valuer)
    before = deal_of(session, CANON).score
    ingest.store(
        session, [make_raw(1, price_cents=9_500)], [], now=NOW + timedelta(minutes=5), source="ebay"
    )
    assert value_all(session, valuer) == 1
    after = deal_of(session, CANON)
    assert after.price_cents == 9_500
    assert (after.score or 0) > (before or 0)
    assert session.scalar(sa.select(sa.func.count()).select_from(Deal)) == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"title": "Lot of 3 Canon AE-1 Program"}, "lot"),
        ({"title": "Strap for Canon AE-1 Program"}, "accessory"),
        ({"condition": "for_parts"}, "for_parts"),
        ({"shipping_cents": None}, "shipping_unknown"),
        ({"price_cents": 1_500}, "far_below_interval"),
        ({"currency": "EUR"}, "no_estimate"),
        ({"category_id": "177"}, "no_estimate"),
    ],
)
def test_listings_without_a_score_say_why(
    session: Session, settings: Settings, changes: dict[str, Any], reason: str
) -> None:
    listed(session, [make_raw(1, **changes)], many_sales())
    value_all(session, make_valuer(settings))
    deal = deal_of(session, CANON)
    assert (deal.score, deal.no_score_reason) == (None, reason)
    assert evidence_of(session, CANON)["no_score_explanation"]
    assert (deal.fair_value_cents is None) == (
        reason in {"lot", "accessory", "for_parts", "no_estimate"}
    )


def test_a_running_auction_is_valued_but_neither_scored_nor_counted_as_a_bargain(
    session: Session, settings: Settings
) -> None:
    ends_at = NOW + timedelta(days=6, hours=1)
    low = make_raw(1, buying_option="auction", price_cents=500, bid_count=2, ends_at=ends_at)
    listed(session, [low], many_sales())
    value_all(session, make_valuer(settings))
    deal, shown = deal_of(session, CANON), evidence_of(session, CANON)
    assert deal.fair_value_cents == pytest.approx(15_000, rel=0.05)
    assert (deal.score, deal.no_score_reason) == (None, "running_auction")
    assert (deal.discount, deal.profit_cents, deal.roi) == (None, None, None)
    assert deal.bid_limit_cents == int(deal.fair_value_cents / 1.25) - 950
    assert (deal.bid_count, deal.risk_code) == (2, None)
    assert shown["estimate"]["low_cents"] == deal.interval_low_cents is not None
    assert shown["flip"]["reason"] == "running_auction"
    detail = deals.get_deal(session, deal.listing_id, now=NOW)
    assert "Bids can still rise: 6 days left, 2 bids." in (detail.no_score_explanation or "")


def test_a_new_bid_is_valued_and_the_last_hour_brings_a_score(
    session: Session, settings: Settings
) -> None:
    ends_at = NOW + timedelta(hours=3)
    auction = make_raw(1, buying_option="auction", bid_count=4, ends_at=ends_at)
    listed(session, [auction], many_sales())
    valuer = make_valuer(settings)
    value_all(session, valuer)
    assert deal_of(session, CANON).no_score_reason == "running_auction"
    listed(session, [replace(auction, bid_count=5)])
    assert valuations.waiting(session) == {CATEGORY: 1}
    value_all(session, valuer)
    assert deal_of(session, CANON).bid_count == 5

    late = ends_at - timedelta(minutes=40)
    assert revaluing.mark_ending(session, "ebay", now=ends_at - timedelta(hours=2)) == 0
    assert revaluing.mark_ending(session, "ebay", now=late) == 1
    rung = sa.select(sa.func.count()).where(Job.kind == "value", Job.state == "queued")
    assert session.scalar(rung) == 1
    assert valuer.value_chunk(session, CATEGORY, now=late) == 1
    deal = deal_of(session, CANON)
    assert deal.score is not None
    assert deal.discount is not None
    assert revaluing.mark_ending(session, "ebay", now=late) == 0
    assert "the current bid is $99.49 with shipping" in evidence_of(session, CANON)["verdict"]


def test_without_permission_listings_appear_without_a_score(
    session: Session, settings: Settings
) -> None:
    listed(session, [make_raw(1)], many_sales())
    value_all(session, make_valuer(settings, permitted=False), permitted=False)
    deal = deal_of(session, CANON)
    assert (deal.score, deal.no_score_reason, deal.fair_value_cents) == (
        None,
        "not_permitted",
        None,
    )
    shown = evidence_of(session, CANON)
    assert shown["estimate"]["reason"] == "not_permitted"
    assert shown["comps"] == []


def test_listings_that_are_not_live_wait(session: Session, settings: Settings) -> None:
    listed(session, [make_raw(1)], many_sales())
    session.execute(sa.update(Listing).values(state="stale"))
    assert value_all(session, make_valuer(settings)) == 0


def test_chunks_cover_everything_once(session: Session, settings: Settings) -> None:
    listed(session, [make_raw(i, price_cents=9_000 + i) for i in range(1, 26)], many_sales())
    assert value_all(session, make_valuer(settings), limit=7) == 25
    assert session.scalar(sa.select(sa.func.count()).select_from(Deal)) == 25
    assert valuations.waiting(session) == {}


def test_the_cache_may_be_away(session: Session, settings: Settings) -> None:
    away = settings.model_copy(update={"cache_url": "redis://127.0.0.1:1/0"})
    listed(session, [make_raw(1)], many_sales())
    assert value_all(session, make_valuer(away)) == 1
    assert deal_of(session, CANON).score is not None


# --- jobs, on committed rows --------------------------------------------------------------------


def claimed(kind: str, payload: dict[str, Any] | None = None) -> jobs.ClaimedJob:
    with transaction() as session:
        job_id = jobs.enqueue(session, kind, payload or {}, now=NOW).id
    with transaction() as session:
        held = jobs.claim(session, job_id, owner="test")
    assert held is not None
    return held


def run_all(kind: str) -> list[dict[str, Any]]:
    """Run every waiting job of a kind as a worker would; gives their results."""
    with transaction() as session:
        ids = session.scalars(
            sa.select(Job.id)
            .where(Job.kind == kind, Job.state == "queued")
            .order_by(Job.created_at)
        ).all()
    results = []
    for job_id in ids:
        runner.run(job_id, ports(Past([])))
        with transaction() as session:
            results.append(jobs.get(session, job_id).result or {})
    return results


def refit() -> None:
    """Fit what has changed and mark what is valued by it."""
    assert [result["revalued"] for result in run_all("revalue")] == [0]
    assert [result["active"] for result in run_all("fit_model")] == [True]
    run_all("revalue")


def ports(past: Past) -> Ports:
    return Ports(marketplaces={"ebay": past}, storage=OBJECTS)


@pytest.fixture
def recent() -> list[SoldItem]:
    """Sales of the last days by the wall clock, which jobs read."""
    from app.core.clock import utc_now

    shift = utc_now() - NOW
    return [
        make_sale(
            i, title=s.title, price_cents=s.price_cents, condition=s.condition,
            sold_at=s.sold_at + shift,
        )
        for i, s in enumerate(many_sales())
    ]  # fmt: skip


def count(query: sa.Select[int]) -> int:
    with transaction() as session:
        return session.scalar(query) or 0


def test_two_workers_share_the_work_and_double_nothing(process: Settings) -> None:
    with transaction() as session:
        listed(session, [make_raw(i) for i in range(1, 301)], many_sales(10))
        fit_all(session)
    done: list[int] = []

    def work() -> None:
        valuer = make_valuer(process)
        while True:
            with transaction() as session:
                valued = valuer.value_chunk(session, CATEGORY, now=NOW, limit=20)
            if not valued:
                return
            done.append(valued)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 300
    assert count(sa.select(sa.func.count()).select_from(Deal)) == 300
    assert count(sa.select(sa.func.count()).select_from(Valuation)) == 300


def test_a_refresh_fills_the_store_and_has_the_listings_valued(
    process: Settings, recent: list[SoldItem]
) -> None:
    with transaction() as session:
        listed(session, [make_raw(1)])
    value_job.value(claimed("value"), ports(Past([])))
    past = Past(recent)
    result = comps_job.refresh(claimed("refresh_comps"), ports(past))
    assert result == {"sales": len(recent), "revalued": 1, "ebay": len(recent)}
    refit()
    assert count(sa.select(sa.func.count()).select_from(Comp)) == len(recent)
    assert value_job.value(claimed("value"), ports(past)) == {"valued": 1}
    with transaction() as session:
        assert deal_of(session, CANON).score is not None
        assert session.scalars(sa.select(Source)).one().comps_refreshed_at is not None
    again = comps_job.refresh(claimed("refresh_comps"), ports(past))
    assert again["sales"] < len(recent)
    assert run_all("revalue") == []
    assert value_job.value(claimed("value"), ports(past)) == {"valued": 0}
    comps_job.refresh(claimed("refresh_comps", {"revalue": "all"}), ports(past))
    assert run_all("revalue") == [{"revalued": 1, "fitting": []}]


def test_pages_are_read_to_the_end_and_no_further_than_the_marketplace_gives(
    process: Settings, recent: list[SoldItem]
) -> None:
    more = [replace(sale, external_id=f"v1|x{i}|0") for i, sale in enumerate(recent)]
    many = (recent + more)[: comps.PAGE + 1]
    past = Past(many)
    comps_job.refresh(claimed("refresh_comps"), ports(past))
    offsets = [query.offset for query in past.asked if query.category_id == CATEGORY]
    assert offsets == [0, comps.PAGE]
    assert count(sa.select(sa.func.count()).select_from(Comp)) == len(many)


def test_a_refresh_that_may_not_read_says_so_and_keeps_what_it_has(
    process: Settings, recent: list[SoldItem]
) -> None:
    with transaction() as session:
        comps.store_sales(session, recent, now=max(sale.sold_at for sale in recent))
    with pytest.raises(NotGranted):
        comps_job.refresh(claimed("refresh_comps"), ports(Past([], failure=NotGranted("no scope"))))
    assert count(sa.select(sa.func.count()).select_from(Comp)) == len(recent)
    with transaction() as session:
        source = session.scalars(sa.select(Source)).one()
        assert (source.sales_state, source.sales_reason) == ("not_granted", "no scope")
    comps_job.refresh(claimed("refresh_comps"), ports(Past(recent)))
    with transaction() as session:
        source = session.scalars(sa.select(Source)).one()
        assert (source.sales_state, source.sales_reason) == ("granted", None)


@dataclass
class Stumbling(Past):
    """A marketplace at whose nth question the attempt ends: by a failure, or with its worker."""

    stumbles_at: int = 5
    by: BaseException = field(default_factory=lambda: Unavailable("cut off"))

    def sold(self, query: SearchQuery) -> SoldPage:
        """Like Past, until it stumbles; once."""
        page = super().sold(query)
        if len(self.asked) == self.stumbles_at:
            raise self.by
        return page


@pytest.mark.parametrize(
    ("by", "left"), [(Unavailable("cut off"), "queued"), (SystemExit(9), "running")], ids=type
)
def test_a_refresh_that_was_cut_off_goes_on_with_what_is_not_done(
    process: Settings, recent: list[SoldItem], by: BaseException, left: str
) -> None:
    past = Stumbling(recent, by=by)
    with transaction() as session:
        listed(session, [make_raw(1)])
        scan_plan.seed(session, "ebay", now=NOW)
        plan = [ask.category_id for ask in comps.refresh_plan(session, "ebay")]
        job_id = jobs.enqueue(session, "refresh_comps", {}, now=NOW).id
    with contextlib.suppress(SystemExit):
        runner.run(job_id, ports(past))
    with transaction() as session:
        job = jobs.get(session, job_id)
        assert (job.state, job.attempts) == (left, 1)
        assert job.progress is not None
        assert (job.progress["done"], job.progress["of"]) == (4, len(plan))
        assert job.progress["category"] == plan[4]
        due = sa.update(Job).where(Job.id == job_id)
        session.execute(due.values(next_attempt_at=NOW, lease_until=NOW))
    runner.run(job_id, ports(past))
    with transaction() as session:
        job = jobs.get(session, job_id)
        assert (job.state, job.attempts) == ("done", 2)
        assert job.result == {"sales": len(recent), "revalued": 1, "ebay": len(recent)}
        assert job.progress is not None
        assert job.progress["done"] == job.progress["of"] == len(plan)
    asked = [query.category_id for query in past.asked]
    assert asked == [*plan[:5], *plan[4:]]
    assert count(sa.select(sa.func.count()).select_from(Comp)) == len(recent)


def test_a_listing_that_is_being_valued_with_old_sales_is_marked_again(process: Settings) -> None:
    with transaction() as session:
        listed(session, [make_raw(1)], many_sales())
        fit_all(session)
    valuer = make_valuer(process)
    begun, marked = threading.Event(), threading.Event()

    def value() -> None:
        with transaction() as session:
            valuer.value_chunk(session, CATEGORY, now=NOW)
            begun.set()
            assert not marked.wait(1)  # marking waits for this transaction

    worker = threading.Thread(target=value)
    worker.start()
    begun.wait(30)
    with transaction() as session:
        revaluing.mark_chunk(session, [CATEGORY], after=None, now=NOW)
        marked.set()
    worker.join()
    assert count(sa.select(sa.func.count()).where(Listing.needs_valuation)) == 1


def test_a_cut_off_revaluation_goes_on_behind_the_last_chunk(process: Settings) -> None:
    with transaction() as session:
        listed(session, [make_raw(i) for i in range(1, 11)])
        session.execute(sa.update(Listing).values(needs_valuation=False))
        ids = session.scalars(sa.select(Listing.id).order_by(Listing.id)).all()
    held = claimed("revalue", {"categories": [CATEGORY]})
    later = replace(held, progress={"revalued": 6, "after": str(ids[5])})
    assert comps_job.revalue(later, ports(Past([]))) == {"revalued": 10, "fitting": []}
    with transaction() as session:
        waiting = session.scalars(
            sa.select(Listing.id).where(Listing.needs_valuation).order_by(Listing.id)
        ).all()
        assert waiting == ids[6:]
        assert jobs.get(session, held.id).progress == {"revalued": 10, "after": str(ids[9])}


def test_withdrawn_permission_deletes_what_came_from_ebay_without_asking_it(
    process: Settings, monkeypatch: pytest.MonkeyPatch, recent: list[SoldItem]
) -> None:
    with transaction() as session:
        listed(session, [make_raw(1)], [])
        comps.store_sales(session, recent, now=max(sale.sold_at for sale in recent))
    past = Past(recent)
    monkeypatch.setenv("EBAY_CONTENT_PRICING_PERMITTED", "false")
    get_settings.cache_clear()
    assert comps_job.refresh(claimed("refresh_comps"), ports(past))["ebay"] == "not_permitted"
    assert past.asked == []
    assert count(sa.select(sa.func.count()).select_from(Comp)) == 0
    run_all("revalue")
    value_job.value(claimed("value"), ports(past))
    with transaction() as session:
        assert evidence_of(session, CANON)["estimate"]["reason"] == "not_permitted"


def test_a_refresh_taken_over_by_another_worker_stores_nothing(
    process: Settings, recent: list[SoldItem]
) -> None:
    held = claimed("refresh_comps")
    with transaction() as session:
        scan_plan.seed(session, "ebay", now=NOW)
        session.execute(sa.update(Job).where(Job.id == held.id).values(fence=held.fence + 1))
    with pytest.raises(jobs.LeaseLost):
        comps_job.refresh(held, ports(Past(recent)))
    assert count(sa.select(sa.func.count()).select_from(Comp)) == 0
