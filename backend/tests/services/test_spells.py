"""Watching listings: spells begin when valued, end as sold or withdrawn, and obey their source's policy."""

import math
from datetime import timedelta

import pytest
import redis
import sqlalchemy as sa

from app.core.settings import Settings
from app.db.models import Deal, Listing, ListingSpell, Source
from app.db.session import Session
from app.services import comps, ingest, scanning, spells
from tests.domain.making import NOW
from tests.services.valuing import listed, make_raw, make_sale, make_valuer, many_sales, value_all

HOUR = timedelta(hours=1)


@pytest.fixture
def watched(session: Session, settings: Settings, valkey: redis.Redis) -> Session:
    """Three valued listings under watch: ids 91, 92, 93."""
    rows = [make_raw(number, price_cents=11_000 + 500 * number) for number in (1, 2, 3)]
    listed(session, rows, many_sales())
    value_all(session, make_valuer(settings))
    spells.begin(session, ["ebay"])
    return session


def spell(session: Session, number: int) -> ListingSpell:
    session.expire_all()
    return session.scalars(
        sa.select(ListingSpell).where(ListingSpell.external_id == f"v1|9{number}|0")
    ).one()


def test_a_spell_begins_with_the_first_valuation_at_the_listings_price(watched: Session) -> None:
    begun = spell(watched, 1)
    worth = watched.scalars(
        sa.select(Deal.fair_value_cents).where(Deal.external_id == "v1|91|0")
    ).one()
    assert worth
    assert begun.outcome == "live"
    assert begun.total_cents == 11_500 + 950
    assert begun.log_ratio == pytest.approx(math.log(12_450 / worth))
    assert (begun.listed_at, begun.first_seen_at) == (NOW - 5 * HOUR, NOW)


def test_a_price_cut_or_another_look_changes_nothing(watched: Session, settings: Settings) -> None:
    before = spell(watched, 1).log_ratio
    ingest.store(watched, [make_raw(1, price_cents=9_000)], [], now=NOW + HOUR)
    value_all(watched, make_valuer(settings))
    assert spells.begin(watched, ["ebay"]) == 0
    assert spell(watched, 1).log_ratio == before


@pytest.mark.parametrize(
    "changes",
    [
        {"buying_option": "auction", "ends_at": NOW + 9 * HOUR},
        {"shipping_cents": None},
        {"title": "Case for Canon AE-1 Program"},
        {"price_cents": 900, "shipping_cents": 0},
    ],
    ids=["auction", "unknown shipping", "no value", "too cheap to believe"],
)
def test_what_has_no_known_price_or_value_is_not_watched(
    session: Session, settings: Settings, valkey: redis.Redis, changes: dict[str, object]
) -> None:
    listed(session, [make_raw(1, **changes)], many_sales())
    value_all(session, make_valuer(settings))
    assert spells.begin(session, ["ebay"]) == 0


def test_a_recorded_sale_ends_the_spell_of_its_listing(watched: Session) -> None:
    sold_at = NOW + 3 * HOUR
    sale = make_sale(92, external_id="v1|92|0", sold_at=sold_at)
    comps.store_sales(watched, [sale], now=NOW + 5 * HOUR)
    assert (spell(watched, 2).outcome, spell(watched, 2).ended_at) == ("sold", sold_at)
    assert spell(watched, 1).outcome == "live"


def test_a_listing_that_vanishes_is_withdrawn_until_its_sale_is_known(watched: Session) -> None:
    ingest.store(watched, [make_raw(1, price_cents=11_500)], [], now=NOW + 2 * HOUR)
    scanning.remove_ended(watched, "ebay", "v1|91|0", now=NOW + 9 * HOUR)
    ended = spell(watched, 1)
    assert watched.scalars(sa.select(Listing).where(Listing.external_id == "v1|91|0")).all() == []
    assert (ended.outcome, ended.ended_at) == ("withdrawn", NOW + 2 * HOUR)
    sale = make_sale(91, external_id="v1|91|0", sold_at=NOW + 4 * HOUR)
    comps.store_sales(watched, [sale], now=NOW + 20 * HOUR)
    assert (spell(watched, 1).outcome, spell(watched, 1).ended_at) == ("sold", NOW + 4 * HOUR)


def test_spells_are_read_as_they_stood_when_all_was_known(watched: Session) -> None:
    later = [make_raw(n, price_cents=11_000 + 500 * n) for n in (1, 2, 3)]
    ingest.store(watched, later, [], now=NOW + 2 * HOUR)
    sales = [make_sale(91, external_id="v1|91|0", sold_at=NOW + 4 * HOUR)]
    comps.store_sales(watched, sales, now=NOW + 9 * HOUR)
    scanning.remove_ended(watched, "ebay", "v1|92|0", now=NOW + 9 * HOUR)
    read = spells.read(watched, "ebay", until=NOW + 5 * HOUR)
    by_exit = sorted(zip(read.exit * 24, read.sold, read.withdrawn, strict=True))
    assert [tuple(row) for row in by_exit] == [
        (pytest.approx(7.0), False, False),  # still there at the last look
        (pytest.approx(7.0), False, True),
        (pytest.approx(9.0), True, False),
    ]
    assert read.entry * 24 == pytest.approx([5.0, 5.0, 5.0])
    before = spells.read(watched, "ebay", until=NOW + HOUR)
    assert not before.sold.any()
    assert not before.withdrawn.any()
    assert before.exit * 24 == pytest.approx([6.0, 6.0, 6.0])


def test_endings_are_known_up_to_the_last_refresh_and_a_day_back(session: Session) -> None:
    assert spells.told_until(session, "ebay", now=NOW) is None
    source = Source(id="ebay", state_since=NOW, comps_refreshed_at=NOW - HOUR, recent_cycles=[])
    session.add(source)
    session.flush()
    assert spells.told_until(session, "ebay", now=NOW) == NOW - 25 * HOUR
    source.comps_refreshed_at = NOW - 30 * HOUR
    session.flush()
    assert spells.told_until(session, "ebay", now=NOW) == NOW - 30 * HOUR


def test_spells_are_forgotten_in_time_and_with_their_source(watched: Session) -> None:
    spells.forget_expired(watched, now=NOW + spells.KEEP - HOUR)
    assert watched.scalar(sa.select(sa.func.count()).select_from(ListingSpell)) == 3
    scanning.remove_ended(watched, "ebay", "v1|91|0", now=NOW + HOUR)
    spells.forget_expired(watched, now=NOW + spells.KEEP)
    assert watched.scalar(sa.select(sa.func.count()).select_from(ListingSpell)) == 0


def test_nothing_of_a_source_is_kept_that_may_not_feed_prices(watched: Session) -> None:
    spells.forget_source(watched, "ebay")
    assert watched.scalar(sa.select(sa.func.count()).select_from(ListingSpell)) == 0
    assert spells.begin(watched, []) == 0


def test_only_the_newest_spells_are_kept(watched: Session) -> None:
    watched.execute(
        sa.update(ListingSpell)
        .where(ListingSpell.external_id == "v1|93|0")
        .values(first_seen_at=NOW - HOUR)
    )
    spells.forget_expired(watched, now=NOW, most=2)
    left = watched.scalars(sa.select(ListingSpell.external_id).order_by(ListingSpell.external_id))
    assert left.all() == ["v1|91|0", "v1|92|0"]
