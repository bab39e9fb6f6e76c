"""What is known around a listing: twins by photo and by words, prices over time, and waking the older twin."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import redis
import sqlalchemy as sa

from app.core.settings import Settings
from app.db.models import Listing
from app.db.session import Session
from app.domain.twins import words_key
from app.ports import RawListing
from app.services import ingest, surroundings
from tests.domain.making import NOW
from tests.services.valuing import (
    deal_of,
    evidence_of,
    listed,
    make_raw,
    make_valuer,
    many_sales,
    value_all,
)

TITLE = "Canon AE-1 Program camera body tested"
HERE = {"city": "Austin", "region": "TX", "postal_code": "787**"}
THERE = {"city": "Miami", "region": "FL", "postal_code": "331**"}
CANON, OTHER = "v1|91|0", "v1|92|0"


@pytest.fixture(autouse=True)
def _fresh(valkey: redis.Redis) -> None:
    """Nothing remembered from another test."""


def make_twin(number: int, **changes: Any) -> RawListing:
    """One of several offers that differ in price only."""
    words = changes.get("title", TITLE), changes.get("description")
    return make_raw(
        number,
        **{
            "title": TITLE,
            "price_cents": 9_000 + number,
            "seller_key": number,
            "photo_key": 1_000 + number,
            "words_key": words_key(*words),
            **HERE,
            **changes,
        },
    )


def around(session: Session, rows: Sequence[RawListing]) -> dict[str, Any]:
    """The surroundings of these listings, by their ids at the marketplace."""
    listed(session, rows)
    found = session.scalars(sa.select(Listing).order_by(Listing.external_id)).all()
    known = surroundings.look_around(session, found).known
    return {listing.external_id: known[listing.id] for listing in found}


def test_the_same_photo_at_another_seller_is_seen_from_both_sides(session: Session) -> None:
    rows = [make_twin(1, photo_key=7), make_twin(2, photo_key=7, title="other"), make_twin(3)]
    known = around(session, rows)
    assert (known[CANON].photo_sellers, known[CANON].photo_title) == (1, "other")
    assert (known[OTHER].photo_sellers, known[OTHER].photo_title) == (1, TITLE)
    assert known["v1|93|0"].photo_sellers == 0


@pytest.mark.parametrize(
    "changes",
    [{"seller_key": 1}, {"seller_key": None}, {"photo_key": None}],
    ids=["same seller", "seller not told", "no photo"],
)
def test_no_photo_of_another_seller(session: Session, changes: dict[str, Any]) -> None:
    known = around(
        session, [make_twin(1, photo_key=7), make_twin(2, **{"photo_key": 7, **changes})]
    )
    assert known[CANON].photo_sellers == known[OTHER].photo_sellers == 0


def test_listings_that_ended_are_no_twins(session: Session) -> None:
    listed(session, [make_twin(1, photo_key=7), make_twin(2, photo_key=7)])
    session.execute(sa.update(Listing).where(Listing.external_id == OTHER).values(state="ended"))
    listing = session.scalars(sa.select(Listing).where(Listing.external_id == CANON)).one()
    assert surroundings.look_around(session, [listing]).known[listing.id].photo_sellers == 0


@pytest.mark.parametrize(
    ("changes", "sellers", "places"),
    [
        (THERE, 1, ("Miami, FL",)),
        ({**THERE, "seller_key": 1}, 0, ("Miami, FL",)),
        ({**THERE, "seller_key": None}, 0, ("Miami, FL",)),
        ({**THERE, "city": None}, 1, ("FL",)),
        (HERE, 0, ()),
        ({"city": None, "region": None, "postal_code": None}, 0, ()),
        ({**THERE, "listed_at": NOW - timedelta(days=20)}, 0, ()),
        ({**THERE, "description": "in other words"}, 0, ()),
    ],
)
def test_the_same_words_from_another_place(
    session: Session, changes: dict[str, Any], sellers: int, places: tuple[str, ...]
) -> None:
    known = around(session, [make_twin(1), make_twin(2, **changes)])
    assert (known[CANON].text_sellers, known[CANON].text_places) == (sellers, places)


def test_many_twins_are_looked_at_up_to_a_limit(session: Session) -> None:
    known = around(session, [make_twin(i, photo_key=7) for i in range(1, 60)])
    assert known[CANON].photo_sellers == surroundings.MAX_TWINS


def test_prices_come_in_order(session: Session) -> None:
    for minutes, cents in ((0, 9_000), (5, 11_000), (10, 8_900)):
        raw = make_twin(1, price_cents=cents)
        ingest.store(session, [raw], [], now=NOW + timedelta(minutes=minutes), source="ebay")
    listing = session.scalars(sa.select(Listing)).one()
    known = surroundings.look_around(session, [listing]).known[listing.id]
    assert [asked.price_cents for asked in known.asked] == [9_000, 11_000, 8_900]


def test_a_twin_that_comes_later_has_the_older_one_judged_again(
    session: Session, settings: Settings
) -> None:
    valuer = make_valuer(settings)
    listed(session, [make_twin(1, photo_key=7)], many_sales())
    value_all(session, valuer)
    assert deal_of(session, CANON).risk_code is None
    later = NOW + timedelta(minutes=5)
    copy = make_twin(2, photo_key=7, listed_at=NOW, **THERE)
    ingest.store(session, [copy], [], now=later, source="ebay")
    assert value_all(session, valuer) == 2
    for external_id, reason, level in ((CANON, None, "elevated"), (OTHER, "too_risky", "high")):
        deal = deal_of(session, external_id)
        assert (deal.risk_code, deal.no_score_reason) == ("photo_reused", reason)
        shown = evidence_of(session, external_id)
        assert [flag["code"] for flag in shown["risk_flags"]] == ["photo_reused", "text_copied"]
        assert shown["risk_level"] == level
    assert value_all(session, valuer) == 0


def test_a_fake_discount_is_flagged_on_the_card_with_its_dates(
    session: Session, settings: Settings
) -> None:
    listed(session, [], many_sales())
    for hours, cents in ((0, 9_000), (5, 11_000), (10, 8_900)):
        raw = make_twin(1, price_cents=cents)
        ingest.store(session, [raw], [], now=NOW + timedelta(hours=hours), source="ebay")
    value_all(session, make_valuer(settings))
    deal = deal_of(session, CANON)
    assert deal.score is not None
    assert deal.risk_code == "fake_discount"
    (flag,) = evidence_of(session, CANON)["risk_flags"]
    assert flag["quote"] == (
        "$99.50 on 23 Nov 12:00, then $119.50 on 23 Nov 17:00, then $98.50 on 23 Nov 22:00"
    )
