"""How a cycle spends its calls, what each answer moves, and what hides or ends a listing."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from app.db.models import (
    Deal,
    Job,
    Listing,
    ListingSighting,
    PriceObservation,
    ScanPlanEntry,
    Source,
)
from app.db.session import Session
from app.ports import ListingPage, RawListing, RejectedRow
from app.services import ingest, scan_plan, scanning, sources
from app.services.scanning import OVERLAP, PAGE, Cycle, Step
from tests.services.listing_rows import NOW, make_raw

LATER = NOW + timedelta(minutes=5)
MAX_AGE = timedelta(hours=6)


def plan(session: Session, *categories: str) -> list[ScanPlanEntry]:
    """A plan of just these categories."""
    scan_plan.seed(session, "ebay", now=NOW)
    for entry in scan_plan.list_entries(session):
        scan_plan.delete_entry(session, entry.id)
    return [
        scan_plan.create_entry(session, source="ebay", category_id=category, now=NOW)
        for category in categories
    ]


def begin(session: Session, calls: int = 17, *, paced: int = 17, now: Any = NOW) -> Cycle:
    return scanning.begin(session, "ebay", calls=calls, paced_calls=paced, now=now)


def steps(cycle: Cycle, pages: dict[str, ListingPage] | None = None) -> list[Step]:
    """All steps of a cycle, each answered by its kind's page, else by an empty last one."""
    made = []
    while (step := cycle.next_step()) is not None:
        made.append(step)
        cycle.follow(step, (pages or {}).get(step.kind, ListingPage([])))
    return made


def full(number: int = 0, *, more: bool = True) -> ListingPage:
    rows = [make_raw(f"v1|{number}-{n}|0", listed_at=NOW - timedelta(minutes=n)) for n in range(3)]
    return ListingPage(rows, total=1000, has_more=more)


def store(session: Session, step: Step, page: ListingPage, now: Any = NOW) -> None:
    scanning.store_page(session, "ebay", step, page, seen_at=now, now=now)


def test_the_first_scan_reads_the_newest_of_each_entry_and_sweeps_with_the_rest(
    session: Session,
) -> None:
    plan(session, "1", "2", "3")
    made = steps(begin(session, 8), {"first": full(), "sweep": full()})
    assert [step.kind for step in made] == ["first"] * 3 + ["sweep"] * 5
    assert {step.query.category_id for step in made[:3]} == {"1", "2", "3"}
    assert all(step.query.listed_since is None for step in made[:3])
    assert [step.query.offset for step in made[3:]] == [200, 400, 600, 800, 1000]


def test_later_scans_ask_for_what_came_after_the_cursor_with_an_overlap(session: Session) -> None:
    (entry,) = plan(session, "1")
    entry.cursor_at, entry.last_run_at = NOW, NOW
    step = begin(session, now=LATER).next_step()
    assert step is not None
    assert step.kind == "newest"
    assert step.query.listed_since == NOW - OVERLAP


def test_a_cycle_never_spends_more_than_its_calls_nor_than_its_pace(session: Session) -> None:
    for entry in plan(session, *"abcdefghijklmnopqrstuvwxyz"):
        entry.last_run_at = entry.cursor_at = NOW
    page = {"newest": full(), "sweep": full()}
    assert len(steps(begin(session, 17), page)) == 17
    assert len(steps(begin(session, 17, paced=9), page)) == 9


def test_a_spent_budget_asks_nothing_and_is_said(session: Session) -> None:
    plan(session, "1")
    cycle = begin(session, paced=0)
    assert steps(cycle) == []
    for _ in range(2):
        state = sources.record_cycle(session, "ebay", cycle.report, name="eBay", now=NOW)
    assert state == "degraded"
    assert "budget" in str(session.get_one(Source, "ebay").reason)


def test_a_third_of_the_calls_is_kept_for_older_listings(session: Session) -> None:
    for entry in plan(session, *"abcdefghijklmnopqrstuvwxyz"):
        entry.last_run_at = entry.cursor_at = NOW
    kinds = [step.kind for step in steps(begin(session, 18, paced=18), {"sweep": full()})]
    assert kinds == ["newest"] * 12 + ["sweep"] * 6


def test_an_entry_of_low_priority_is_not_starved_for_ever(session: Session) -> None:
    entries = plan(session, *"abcdefgh")
    for entry in entries:
        entry.last_run_at = entry.cursor_at = NOW
    entries[-1].priority = 900
    entries[-1].last_run_at = NOW - timedelta(hours=2)
    session.flush()
    step = begin(session, 3, now=LATER).next_step()
    assert step is not None
    assert step.entry_id == entries[-1].id


def test_further_pages_of_new_listings_are_read_up_to_a_bound(session: Session) -> None:
    (entry,) = plan(session, "1")
    entry.cursor_at = entry.last_run_at = NOW - timedelta(hours=1)
    made = steps(begin(session), {"newest": full()})
    newest = [step for step in made if step.kind == "newest"]
    assert [step.query.offset for step in newest] == [0, 200, 400]


def test_an_empty_page_that_promises_more_ends_the_reading_and_moves_no_cursor(
    session: Session,
) -> None:
    (entry,) = plan(session, "1")
    entry.cursor_at = entry.last_run_at = NOW - timedelta(hours=1)
    cycle = begin(session)
    step = cycle.next_step()
    assert step is not None
    hollow = ListingPage([], total=1000, has_more=True)
    store(session, step, hollow)
    cycle.follow(step, hollow)
    assert entry.cursor_at == NOW - timedelta(hours=1)
    assert entry.last_error == "promised more rows but sent none"
    assert all(step.kind == "sweep" for step in steps(cycle))


def test_the_cursor_moves_when_the_chain_of_pages_is_complete_and_never_into_the_future(
    session: Session,
) -> None:
    (entry,) = plan(session, "1")
    start = entry.cursor_at = entry.last_run_at = NOW - timedelta(hours=1)
    cycle = begin(session)
    first = cycle.next_step()
    assert first is not None
    store(session, first, full(1))
    cycle.follow(first, full(1))
    assert entry.cursor_at == start
    second = cycle.next_step()
    assert second is not None
    ahead = make_raw("v1|x|0", listed_at=NOW + timedelta(days=1))
    store(session, second, ListingPage([ahead], total=1000))
    assert entry.cursor_at == NOW
    assert entry.last_items == 4


def test_what_a_bounded_read_leaves_out_is_swept_next(session: Session) -> None:
    (entry,) = plan(session, "1")
    step = begin(session).next_step()
    assert step is not None
    store(session, step, full())
    assert (entry.cursor_at, entry.sweep_offset) == (NOW, PAGE)


def test_the_sweep_goes_on_where_it_was_and_wraps_at_the_end(session: Session) -> None:
    entries = plan(session, "1", "2")
    for entry in entries:
        entry.cursor_at = entry.last_run_at = NOW
    entries[0].sweep_offset = 600
    source = session.get_one(Source, "ebay")
    source.recent_cycles = [{"sweep_entry": str(entries[0].id)}]
    session.flush()
    cycle = begin(session, 6)
    made = [step for step in steps(cycle) if step.kind == "sweep"]
    assert [(s.entry_id, s.query.offset) for s in made] == [
        (entries[0].id, 600),
        (entries[1].id, 0),
    ]
    store(session, made[0], full(more=False))
    assert entries[0].sweep_offset == 0


def test_rows_without_a_category_get_the_one_that_was_asked_for(session: Session) -> None:
    plan(session, "1")
    step = begin(session).next_step()
    assert step is not None
    store(session, step, ListingPage([make_raw(category_id="", category_name="")]))
    assert session.scalars(sa.select(Listing.category_id)).one() == "1"


def test_valuation_is_rung_for_once_per_page_and_only_for_what_changed(session: Session) -> None:
    plan(session, "1")
    step = begin(session).next_step()
    assert step is not None
    for _ in range(2):
        store(session, step, full())
    assert session.scalars(sa.select(Job.kind)).all() == ["value"]


def test_unreadable_rows_never_end_a_listing(session: Session) -> None:
    plan(session, "1")
    step = begin(session).next_step()
    assert step is not None
    store(session, step, full())
    bad = [RejectedRow(f"v1|0-{n}|0", "no_price", {}) for n in range(3)]
    store(session, step, ListingPage([], bad, total=3), LATER)
    store(session, step, ListingPage([]), LATER)
    assert session.scalars(sa.select(Listing.state)).all() == ["live"] * 3


# -- growing stale, ending ------------------------------------------------------------------------------


def live(session: Session, *rows: RawListing, now: Any = NOW) -> Sequence[Listing]:
    ingest.store(session, rows, (), now=now)
    return session.scalars(sa.select(Listing).order_by(Listing.external_id)).all()


def make_deal(session: Session, listing: Listing, score: int) -> Deal:
    repeated = {
        name: getattr(listing, name)
        for name in (
            "source", "external_id", "title", "url", "image_url", "category_id", "condition",
            "price_cents", "shipping_cents", "currency", "buying_option", "listed_at", "ends_at",
        )
    }  # fmt: skip
    deal = Deal(
        listing_id=listing.id,
        active=True,
        score=score,
        evidence_count=5,
        formula_version="v1",
        simulated=True,
        valued_at=NOW,
        **repeated,
    )
    session.add(deal)
    session.flush()
    return deal


def sweep(session: Session, now: Any) -> tuple[int, int]:
    result = scanning.sweep_stale(session, "ebay", max_age=MAX_AGE, now=now)
    session.expire_all()
    return result


def test_a_listing_unseen_for_six_hours_is_hidden_until_it_is_seen_again(session: Session) -> None:
    (listing,) = live(session, make_raw())
    deal = make_deal(session, listing, 80)
    assert sweep(session, NOW + MAX_AGE) == (0, 0)
    late = NOW + MAX_AGE + timedelta(seconds=1)
    assert sweep(session, late) == (1, 0)
    assert (listing.state, deal.active) == ("stale", False)
    ingest.store(session, [make_raw()], (), now=late)
    assert (listing.state, listing.needs_valuation) == ("live", True)


def test_a_shorter_age_may_be_set_but_never_a_longer_one_than_the_policy_allows(
    session: Session,
) -> None:
    live(session, make_raw())
    late = NOW + timedelta(hours=7)
    assert scanning.sweep_stale(session, "ebay", max_age=timedelta(days=9), now=late) == (1, 0)


def test_an_auction_that_has_ended_is_deleted_with_all_that_belongs_to_it(session: Session) -> None:
    ends_at = NOW + timedelta(hours=1)
    (listing,) = live(session, make_raw(buying_option="auction", ends_at=ends_at))
    make_deal(session, listing, 80)
    assert sweep(session, ends_at) == (0, 1)
    for model in (Listing, Deal, ListingSighting, PriceObservation):
        assert session.scalar(sa.select(sa.func.count()).select_from(model)) == 0


@pytest.mark.parametrize(("state", "left"), [("healthy", 0), ("degraded", 1), ("starting", 1)])
def test_only_a_healthy_source_forgets_what_it_has_not_shown_for_a_day(
    session: Session, state: str, left: int
) -> None:
    plan(session, "1")
    session.get_one(Source, "ebay").state = state
    live(session, make_raw())
    sweep(session, NOW + timedelta(hours=7))
    sweep(session, NOW + timedelta(hours=30))
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == left


def test_after_a_long_stop_nothing_is_forgotten_before_scans_had_their_chance(
    session: Session,
) -> None:
    plan(session, "1")
    session.get_one(Source, "ebay").state = "healthy"
    live(session, make_raw())
    restart = NOW + timedelta(days=3)
    sweep(session, restart)
    sweep(session, restart + timedelta(hours=5))
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 1


def test_the_best_deals_that_were_not_seen_lately_are_verified(session: Session) -> None:
    (entry,) = plan(session, "1")
    entry.cursor_at = entry.last_run_at = NOW
    listings = live(session, *(make_raw(f"v1|{n}|0") for n in range(6)))
    for number, listing in enumerate(listings):
        make_deal(session, listing, 50 + number)
    ingest.store(session, [make_raw("v1|5|0")], (), now=NOW + timedelta(hours=2))
    later = NOW + timedelta(hours=3)
    made = [s for s in steps(begin(session, 10, now=later)) if s.kind == "verify"]
    assert [step.external_id for step in made] == ["v1|4|0", "v1|3|0", "v1|2|0"]
    assert scanning.remove_ended(session, "ebay", "v1|4|0", now=later) == 1
    assert scanning.remove_ended(session, "ebay", "v1|4|0", now=later) == 0
