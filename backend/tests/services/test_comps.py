"""The store of comparables: each sale once, kept as long as allowed, lent only where permitted."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from app.core.cache import Cache
from app.core.ids import new_id
from app.core.settings import Settings
from app.db.models import Comp, Job, Listing
from app.db.session import Session
from app.domain.titles import read_title
from app.services import comps, revaluing, scan_plan
from app.services.markets import MIN_MARKET, Lent, Markets, find_matches
from tests.domain.making import NOW
from tests.services.valuing import (
    CATEGORY,
    OBJECTS,
    fit_all,
    listed,
    make_raw,
    make_sale,
    many_sales,
)


def stored(session: Session) -> list[tuple[str, int]]:
    return list(
        session.execute(sa.select(Comp.external_id, Comp.price_cents).order_by(Comp.external_id))
    )


def test_a_sale_is_stored_once_however_often_it_is_reported(session: Session) -> None:
    sale = make_sale(1)
    assert comps.store_sales(session, [sale, sale], now=NOW) == {CATEGORY}
    assert comps.store_sales(session, [sale], now=NOW + timedelta(hours=1)) == set()
    assert stored(session) == [("v1|1|0", 15_000)]


def test_a_corrected_sale_replaces_the_old_one(session: Session) -> None:
    comps.store_sales(session, [make_sale(1)], now=NOW)
    changed = comps.store_sales(session, [make_sale(1, price_cents=16_000)], now=NOW)
    assert changed == {CATEGORY}
    assert stored(session) == [("v1|1|0", 16_000)]


def test_sales_older_than_the_policy_allows_are_not_kept(session: Session) -> None:
    old = make_sale(1, sold_at=NOW - timedelta(days=91))
    young = make_sale(2, sold_at=NOW - timedelta(days=89))
    comps.store_sales(session, [old, young], now=NOW)
    assert [key for key, _ in stored(session)] == ["v1|2|0"]
    assert comps.forget_expired(session, now=NOW) == 0
    assert comps.forget_expired(session, now=NOW + timedelta(days=2)) == 1
    assert comps.forget_expired(session, now=NOW + timedelta(days=2)) == 0
    assert stored(session) == []
    assert revaluations(session) == [{"categories": [CATEGORY]}]


def test_a_refresh_asks_for_what_is_new_with_an_overlap(session: Session) -> None:
    scan_plan.seed(session, "ebay", now=NOW)
    assert {ask.since for ask in comps.refresh_plan(session, "ebay")} == {None}
    comps.store_sales(session, [make_sale(1), make_sale(2, sold_at=NOW)], now=NOW)
    asks = {ask.category_id: ask.since for ask in comps.refresh_plan(session, "ebay")}
    assert asks.pop(CATEGORY) == NOW - comps.OVERLAP
    assert set(asks.values()) == {None}


def test_words_in_the_plan_are_asked_as_words_and_a_category_once(session: Session) -> None:
    scan_plan.create_entry(session, source="ebay", query="leica m6", now=NOW)
    scan_plan.create_entry(session, source="ebay", query="zeiss", category_id="3323", now=NOW)
    scan_plan.create_entry(session, source="ebay", category_id="3323", now=NOW)
    asks = comps.refresh_plan(session, "ebay")
    assert sorted((ask.words, ask.category_id) for ask in asks) == [("", "3323"), ("leica m6", "")]


def revaluations(session: Session) -> list[dict[str, Any]]:
    kinds = sa.select(Job.payload).where(Job.kind == "revalue").order_by(Job.created_at, Job.id)
    return list(session.scalars(kinds))


def test_what_a_category_learns_has_its_listings_valued_again(session: Session) -> None:
    listed(session, [make_raw(1), make_raw(2, category_id="177"), make_raw(3)])
    session.execute(sa.update(Listing).values(needs_valuation=False))
    marked = revaluing.mark_chunk(session, [CATEGORY], after=None, now=NOW, limit=1)
    assert marked.listings == 1
    marked = revaluing.mark_chunk(session, [CATEGORY], after=marked.last, now=NOW, limit=1)
    assert marked.listings == 1
    left = revaluing.mark_chunk(session, [CATEGORY], after=marked.last, now=NOW, limit=1)
    assert (left.last, left.listings) == (None, 0)
    waiting = session.scalars(
        sa.select(Listing.category_id).where(Listing.needs_valuation).order_by(Listing.id)
    ).all()
    assert waiting == [CATEGORY, CATEGORY]
    assert session.scalar(sa.select(sa.func.count()).where(Job.kind == "value")) == 1
    assert revaluing.mark_chunk(session, None, after=None, now=NOW).listings == 3


def test_revaluing_asked_for_twice_before_it_begins_is_one_job(session: Session) -> None:
    first = revaluing.request(session, {"177", CATEGORY}, now=NOW)
    second = revaluing.request(session, [CATEGORY, "177"], now=NOW)
    assert first is not None
    assert second is not None
    assert first.id == second.id
    assert revaluing.request(session, [], now=NOW) is None
    assert revaluations(session) == [{"categories": [CATEGORY, "177"]}]


def test_a_changed_choice_is_followed_once(session: Session) -> None:
    scan_plan.seed(session, "ebay", now=NOW)
    assert comps.follow_choice(session, permitted=False, now=NOW) is None  # none was made before
    comps.note_choice(session, "ebay", permitted=True)
    assert comps.follow_choice(session, permitted=True, now=NOW) is None
    job = comps.follow_choice(session, permitted=False, now=NOW)
    assert job is not None
    assert (job.kind, job.payload) == ("refresh_comps", {"revalue": "all"})
    assert comps.follow_choice(session, permitted=False, now=NOW) is None


def test_a_requested_refresh_is_a_job_that_revalues_everything(session: Session) -> None:
    job = comps.request_refresh(session, now=NOW)
    assert (job.kind, job.payload) == ("refresh_comps", {"revalue": "all"})


def make_comp(**changes: Any) -> Comp:
    """An imported sale of ten days ago."""
    comp = Comp(
        id=new_id(),
        source="import:mine",
        external_id=new_id().hex,
        kind="imported",
        title="Canon AE-1 Program 35mm film camera",
        price_cents=15_000,
        shipping_cents=None,
        currency="USD",
        condition="used",
        category_id=CATEGORY,
        sold_at=NOW - timedelta(days=10),
        observed_at=NOW,
        changed_at=NOW,
        licence="imported",
        expires_at=None,
    )
    for name, value in changes.items():
        setattr(comp, name, value)
    return comp


def asking(**changes: Any) -> Comp:
    """A price that was asked today."""
    return make_comp(**{"kind": "asking", "licence": "imported_asking", "sold_at": None, **changes})


class Lender:
    """A process's markets, and workers that have fitted what is lent."""

    def __init__(self, *, permitted: bool) -> None:
        self.permitted = permitted
        self.markets = Markets(permitted=permitted, storage=OBJECTS)


def lend(session: Session, lender: Lender, currency: str = "USD") -> Lent:
    fit_all(session, permitted=lender.permitted)
    return lender.markets.lend(session, category_id=CATEGORY, currency=currency, now=NOW)


def test_a_market_is_kept_until_the_store_changes(session: Session) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    markets = Lender(permitted=True)
    first = lend(session, markets)
    assert lend(session, markets) is first
    comps.store_sales(session, [make_sale(1)], now=NOW + timedelta(minutes=1))
    second = lend(session, markets)
    assert second.market is not None
    assert first.market is not None
    assert len(second.market) == len(first.market) + 1


def test_without_permission_nothing_of_ebay_is_lent(session: Session) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    lent = lend(session, Lender(permitted=False))
    assert (lent.market, lent.reason) == (None, "not_permitted")
    own = make_comp(kind="own_sale", source="own", licence="own")
    session.add_all([own, make_comp(kind="own_sale", source="own", licence="nobody wrote it")])
    session.flush()
    market = lend(session, Lender(permitted=False)).market
    assert market is not None
    assert [comp.id for comp in market.comps] == [own.id]


def test_kinds_are_never_mixed_and_the_trusted_one_is_used_when_there_is_enough(
    session: Session,
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    session.execute(
        sa.update(Comp)
        .where(Comp.id.in_(sa.select(Comp.id).limit(MIN_MARKET - 1)))
        .values(kind="imported")
    )
    market = lend(session, Lender(permitted=True)).market
    assert market is not None
    assert {comp.kind for comp in market.comps} == {"sold"}
    session.execute(
        sa.update(Comp)
        .where(Comp.id.in_(sa.select(Comp.id).where(Comp.kind == "sold").limit(1)))
        .values(kind="imported")
    )
    market = lend(session, Lender(permitted=True)).market
    assert market is not None
    assert {comp.kind for comp in market.comps} == {"imported"}


def test_what_is_lent_tells_how_many_of_each_kind_there_are(session: Session) -> None:
    session.add_all([make_comp() for _ in range(MIN_MARKET)])
    session.add_all([asking() for _ in range(3)])
    session.flush()
    markets = Lender(permitted=True)
    first = lend(session, markets)
    assert first.kinds == {"imported": MIN_MARKET, "asking": 3}
    session.add(asking())
    session.flush()
    second = lend(session, markets)
    assert second.kinds == {"imported": MIN_MARKET, "asking": 4}
    assert second.market is first.market


def test_asking_prices_make_a_market_only_where_there_are_no_sales_and_for_90_days(
    session: Session,
) -> None:
    old = asking(observed_at=NOW - timedelta(days=91))
    session.add_all([*(asking() for _ in range(MIN_MARKET)), old])
    session.flush()
    market = lend(session, Lender(permitted=False)).market
    assert market is not None
    assert {comp.kind for comp in market.comps} == {"asking"}
    assert old.id not in {comp.id for comp in market.comps}
    assert {(comp.sold_at, comp.dated) for comp in market.comps} == {(NOW, False)}
    session.add_all([make_comp() for _ in range(MIN_MARKET)])
    session.flush()
    market = lend(session, Lender(permitted=False)).market
    assert market is not None
    assert {comp.kind for comp in market.comps} == {"imported"}


def test_a_changed_row_makes_a_new_market_though_none_was_added(session: Session) -> None:
    rows = [make_comp() for _ in range(5)]
    session.add_all(rows)
    session.flush()
    markets = Lender(permitted=False)
    first = lend(session, markets)
    rows[0].price_cents, rows[0].changed_at = 17_000, NOW + timedelta(seconds=1)
    session.flush()
    second = lend(session, markets)
    assert second.market is not None
    assert max(comp.price_cents for comp in second.market.comps) == 17_000
    assert second.version != first.version


def test_another_currency_has_no_market(session: Session) -> None:
    comps.store_sales(session, many_sales(5), now=NOW)
    assert lend(session, Lender(permitted=True), "EUR").reason == "too_few"


def test_usual_shipping_comes_from_listings_that_state_it_once_there_are_enough(
    session: Session,
) -> None:
    rows = [make_raw(i, price_cents=10_000, shipping_cents=1_000) for i in range(40)]
    listed(session, [rows[0], make_raw(99, shipping_cents=None)], many_sales(5))
    markets = Lender(permitted=True)
    assert lend(session, markets).usual_shipping is None
    listed(session, rows)
    assert lend(session, markets).usual_shipping == pytest.approx(0.1)


def test_without_permission_not_even_usual_shipping_comes_from_listings_of_ebay(
    session: Session,
) -> None:
    listed(session, [make_raw(i, price_cents=10_000, shipping_cents=1_000) for i in range(40)])
    session.add_all([make_comp() for _ in range(MIN_MARKET)])
    session.flush()
    assert lend(session, Lender(permitted=True)).usual_shipping == pytest.approx(0.1)
    without = lend(session, Lender(permitted=False))
    assert without.market is not None
    assert without.usual_shipping is None


def test_comparable_sets_come_from_the_cache_until_it_forgets_them(
    session: Session, settings: Settings, valkey: redis.Redis
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    lent = lend(session, Lender(permitted=True))
    cache = Cache.from_settings(settings)

    def sets() -> bytes:
        found = find_matches(cache, lent, ["Canon AE-1 Program"], category_id=CATEGORY, ttl_s=60)
        return found["Canon AE-1 Program"].to_bytes()

    first = sets()
    (key,) = valkey.keys("*comparables*")
    assert valkey.get(key) == first
    assert lent.market is not None
    poor = lent.market.search(read_title("Leica M6"), limit=3)
    valkey.set(key, poor.to_bytes())
    assert sets() == poor.to_bytes()
    valkey.delete(key)
    assert sets() == first


def test_matches_of_another_store_state_are_not_used(
    session: Session, settings: Settings, valkey: redis.Redis
) -> None:
    comps.store_sales(session, many_sales(10), now=NOW)
    lent = lend(session, Lender(permitted=True))
    cache = Cache.from_settings(settings)
    find_matches(cache, lent, ["Canon AE-1"], category_id=CATEGORY, ttl_s=60)
    other = replace(lent, version="later")
    find_matches(cache, other, ["Canon AE-1"], category_id=CATEGORY, ttl_s=60)
    assert len(valkey.keys("*comparables*")) == 2
