"""What is stored of what marketplaces offer: each listing once, prices over time, nothing invented."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from app.core.settings import Settings
from app.db.models import Category, Listing, ListingSighting, PriceObservation, QuarantinedRow
from app.db.session import Session, transaction
from app.ports import RawListing, RejectedRow
from app.services import ingest
from app.services.ingest import IngestCounts
from tests.services.listing_rows import NOW, make_raw

LATER = NOW + timedelta(minutes=5)


def one(session: Session) -> Listing:
    return session.scalars(sa.select(Listing)).one()


def history(session: Session) -> list[tuple[datetime, int, int | None]]:
    rows = session.execute(
        sa.select(
            PriceObservation.observed_at,
            PriceObservation.price_cents,
            PriceObservation.shipping_cents,
        ).order_by(PriceObservation.observed_at)
    )
    return [tuple(row) for row in rows]


def seen_at(session: Session) -> datetime | None:
    return session.scalar(sa.select(ListingSighting.seen_at))


def test_a_new_listing_is_stored_with_its_first_price_and_waits_for_a_valuation(
    session: Session,
) -> None:
    counts = ingest.store(session, [make_raw()], (), now=NOW)
    assert counts == IngestCounts(new=1, to_value=1)
    listing = one(session)
    assert (listing.title, listing.price_cents, listing.state) == ("Leica M6 body", 150_000, "live")
    assert listing.needs_valuation
    assert listing.created_at == listing.changed_at == NOW
    assert history(session) == [(NOW, 150_000, 900)]
    assert seen_at(session) == NOW
    assert session.get_one(Category, ("ebay", "15230")).name == "Film Cameras"


def test_seeing_it_again_unchanged_notes_just_that(session: Session) -> None:
    ingest.store(session, [make_raw()], (), now=NOW)
    one(session).needs_valuation = False
    counts = ingest.store(session, [make_raw()], (), now=LATER)
    assert counts == IngestCounts(unchanged=1)
    assert not one(session).needs_valuation
    assert one(session).changed_at == NOW
    assert len(history(session)) == 1
    assert seen_at(session) == LATER


@pytest.mark.parametrize(
    ("change", "in_history", "to_value"),
    [
        ({"price_cents": 140_000}, True, True),
        ({"shipping_cents": None}, True, True),
        ({"shipping_cents": 0}, True, True),
        ({"currency": "EUR"}, True, True),
        ({"title": "Leica M6 TTL body"}, False, True),
        ({"condition": "for_parts"}, False, True),
        ({"category_id": "3323"}, False, True),
        ({"image_url": "https://x/y.jpg"}, False, True),
        ({"description": "Tested, with strap"}, False, True),
        ({"seller_key": 5, "photo_key": -6, "words_key": 7}, False, True),
        ({"city": "Austin", "region": "TX", "postal_code": "787**"}, False, False),
        ({"bid_count": 3}, False, True),
        ({"seller_feedback_score": 101}, False, False),
    ],
)
def test_a_change_is_stored_and_history_grows_only_with_the_price(
    session: Session, change: dict[str, object], in_history: bool, to_value: bool
) -> None:
    ingest.store(session, [make_raw()], (), now=NOW)
    one(session).needs_valuation = False
    session.flush()
    counts = ingest.store(session, [make_raw(**change)], (), now=LATER)
    assert counts == IngestCounts(changed=1, to_value=int(to_value))
    listing = one(session)
    assert all(getattr(listing, name) == value for name, value in change.items())
    assert (listing.needs_valuation, listing.changed_at) == (to_value, LATER)
    assert len(history(session)) == (2 if in_history else 1)


def test_of_duplicates_in_a_batch_the_last_wins(session: Session) -> None:
    batch = [make_raw(price_cents=3), make_raw(price_cents=2), make_raw(price_cents=1)]
    assert ingest.store(session, batch, (), now=NOW) == IngestCounts(new=1, to_value=1)
    assert history(session) == [(NOW, 1, 900)]


def test_an_older_view_never_overwrites_a_newer_one(session: Session) -> None:
    ingest.store(session, [make_raw(price_cents=200)], (), now=LATER)
    counts = ingest.store(session, [make_raw(price_cents=100)], (), now=NOW)
    assert counts == IngestCounts(unchanged=1)
    assert one(session).price_cents == 200
    assert seen_at(session) == LATER
    assert len(history(session)) == 1


def test_a_stored_listing_without_a_sighting_gets_one_whatever_else_comes_with_it(
    session: Session,
) -> None:
    unsighted, newer, known = (make_raw(f"v1|{n}|0", price_cents=100) for n in (1, 2, 3))
    ingest.store(session, [unsighted, known], (), now=NOW)
    session.execute(
        sa.delete(ListingSighting).where(
            ListingSighting.listing_id.in_(
                sa.select(Listing.id).where(Listing.external_id == unsighted.external_id)
            )
        )
    )
    ingest.store(session, [newer], (), now=LATER + timedelta(minutes=5))
    batch = [make_raw(f"v1|{n}|0", price_cents=90) for n in (1, 2, 3, 4)]
    counts = ingest.store(session, batch, (), now=LATER)
    assert counts == IngestCounts(new=1, changed=2, unchanged=1, to_value=3)
    stored = session.execute(
        sa.select(Listing.external_id, Listing.price_cents, ListingSighting.seen_at)
        .join(ListingSighting, ListingSighting.listing_id == Listing.id)
        .order_by(Listing.external_id)
    ).all()
    assert [tuple(row) for row in stored] == [
        ("v1|1|0", 90, LATER),
        ("v1|2|0", 100, LATER + timedelta(minutes=5)),
        ("v1|3|0", 90, LATER),
        ("v1|4|0", 90, LATER),
    ]


@pytest.mark.parametrize("state", ["stale", "ended"])
def test_a_listing_that_is_seen_again_comes_back(session: Session, state: str) -> None:
    ingest.store(session, [make_raw()], (), now=NOW)
    listing = one(session)
    listing.state, listing.needs_valuation = state, False
    counts = ingest.store(session, [make_raw()], (), now=LATER)
    assert counts == IngestCounts(changed=1, to_value=1)
    assert (one(session).state, one(session).needs_valuation) == ("live", True)
    assert len(history(session)) == 1


def test_an_auction_that_is_over_is_not_stored(session: Session) -> None:
    over = make_raw(buying_option="auction", ends_at=NOW)
    assert ingest.store(session, [over], (), now=NOW) == IngestCounts()
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 0


def test_a_change_waiting_in_the_session_is_not_lost(session: Session) -> None:
    ingest.store(session, [make_raw()], (), now=NOW)
    other = Category(source="ebay", id="x", name="X")
    session.add(other)
    ingest.store(session, [make_raw(price_cents=1)], (), now=LATER)
    assert session.get_one(Category, ("ebay", "x")).name == "X"


def test_text_that_copy_could_trip_over_is_kept_as_it_is(session: Session) -> None:
    title = "tab\\t \\N back\\\\slash 'quote' \"double\" ünï 日本 🎸 {brace},"
    ingest.store(session, [make_raw(title=title)], (), now=NOW)
    assert one(session).title == title


def test_a_batch_may_be_empty(session: Session) -> None:
    assert ingest.store(session, [], (), now=NOW) == IngestCounts()


def test_unreadable_rows_are_kept_once_with_their_reason(session: Session) -> None:
    bad = RejectedRow(
        "v1|9|0", "no_price", {"itemId": "v1|9|0", "nul": "a\x00b", "n": float("nan")}
    )
    unnamed = RejectedRow(None, "no_id", {"title": "x"})
    counts = ingest.store(session, [], [bad, bad, unnamed], now=NOW, source="ebay")
    assert counts == IngestCounts(quarantined=3)
    ingest.store(session, [make_raw()], [bad], now=LATER, source="ebay")
    rows = {row.reason: row for row in session.scalars(sa.select(QuarantinedRow))}
    assert {reason: row.times_seen for reason, row in rows.items()} == {"no_price": 3, "no_id": 1}
    assert rows["no_price"].payload["nul"] == "ab"
    assert (rows["no_price"].first_seen_at, rows["no_price"].last_seen_at) == (NOW, LATER)


def test_a_huge_unreadable_row_is_kept_in_part(session: Session) -> None:
    ingest.store(
        session, [], [RejectedRow(None, "no_id", {"x": "\x00y" * 100_000})], now=NOW, source="ebay"
    )
    assert len(str(session.scalars(sa.select(QuarantinedRow)).one().payload)) < 30_000


# -- against a naive model ----------------------------------------------------------------------------

offers = st.builds(
    make_raw,
    external_id=st.sampled_from([f"v1|{n}|0" for n in range(5)]),
    price_cents=st.integers(1, 3),
    shipping_cents=st.sampled_from([None, 0, 500]),
    title=st.sampled_from(["a", "b"]),
)
visits = st.lists(st.tuples(st.integers(0, 4), st.lists(offers, max_size=8)), max_size=6)


class NaiveStore:
    """The rules of ingest, row by row in plain Python."""

    def __init__(self) -> None:
        self.rows: dict[str, RawListing] = {}
        self.seen: dict[str, datetime] = {}
        self.history: dict[str, dict[datetime, tuple[int, int | None]]] = {}

    def store(self, batch: list[RawListing], now: datetime) -> None:
        for row in {row.external_id: row for row in batch}.values():
            key = row.external_id
            if key in self.seen and self.seen[key] > now:
                continue
            price = (row.price_cents, row.shipping_cents)
            old = self.rows.get(key)
            if old is None or (old.price_cents, old.shipping_cents) != price:
                self.history.setdefault(key, {})[now] = price
            self.rows[key], self.seen[key] = row, now


@given(visits)
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_visits_in_any_order_store_what_the_naive_model_stores(
    session: Session, visits: list[tuple[int, list[RawListing]]]
) -> None:
    model = NaiveStore()
    with session.begin_nested() as savepoint:
        for minute, batch in visits:
            now = NOW + timedelta(minutes=minute)
            model.store(batch, now)
            ingest.store(session, batch, (), now=now)
        stored = {row.external_id: row for row in session.scalars(sa.select(Listing))}
        assert {
            key: (row.title, row.price_cents, row.shipping_cents) for key, row in stored.items()
        } == {
            key: (row.title, row.price_cents, row.shipping_cents) for key, row in model.rows.items()
        }
        sightings = session.execute(
            sa.select(Listing.external_id, ListingSighting.seen_at).join(
                ListingSighting, ListingSighting.listing_id == Listing.id
            )
        )
        assert {row.external_id: row.seen_at for row in sightings} == model.seen
        observed: dict[str, dict[datetime, tuple[int, int | None]]] = {}
        for key, at, price, shipping in session.execute(
            sa.select(
                Listing.external_id,
                PriceObservation.observed_at,
                PriceObservation.price_cents,
                PriceObservation.shipping_cents,
            ).join(PriceObservation, PriceObservation.listing_id == Listing.id)
        ):
            observed.setdefault(key, {})[at] = (price, shipping)
        assert observed == model.history
        savepoint.rollback()
    session.expire_all()


def test_overlapping_batches_at_once_neither_double_nor_lose_nor_lock_up(
    process: Settings,
) -> None:
    rng = random.Random(5)
    rounds = [
        [make_raw(f"v1|{n}|0", price_cents=rng.randint(1, 5)) for n in rng.sample(range(60), 40)]
        for _ in range(24)
    ]
    failures: list[BaseException] = []
    barrier = threading.Barrier(6)

    def work(number: int) -> None:
        barrier.wait()
        try:
            for turn, batch in enumerate(rounds[number::6]):
                with transaction() as session:
                    now = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=turn * 6 + number)
                    ingest.store(session, batch, (), now=now)
        except Exception as error:  # noqa: BLE001 - told to the test below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []
    wanted: dict[str, tuple[datetime, int]] = {}
    for number, batch in enumerate(rounds):
        now = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=number)
        for row in batch:
            wanted[row.external_id] = max(
                wanted.get(row.external_id, (now, 0)), (now, row.price_cents)
            )
    with transaction() as session:
        stored = session.execute(
            sa.select(Listing.external_id, ListingSighting.seen_at, Listing.price_cents).join(
                ListingSighting, ListingSighting.listing_id == Listing.id
            )
        ).all()
    assert {key: (at, price) for key, at, price in stored} == wanted
    assert len(stored) == len(wanted)
