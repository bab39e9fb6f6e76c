"""A source is judged by its rates over cycles: honest when bad, quick to heal, calm about noise."""

from datetime import timedelta

import pytest

from app.db.models import Source
from app.db.session import Session
from app.services import scan_plan, sources
from app.services.sources import CycleReport
from tests.services.listing_rows import NOW


def cycle(
    *, kind: str = "sweep", pages: int = 10, rows: int = 2000, bad: int = 0, failed: int = 0
) -> CycleReport:
    """A report of `pages` answered and `failed` unanswered calls with `rows` rows, `bad` of them unreadable."""
    report = CycleReport()
    for page in range(pages):
        share = rows // pages
        unreadable = bad // pages if page else bad - bad // pages * (pages - 1)
        report.answered(kind, parsed=share - unreadable, reasons=["no_price"] * unreadable)
    for _ in range(failed):
        report.not_answered("eBay did not answer in time")
    return report


def run(session: Session, *reports: CycleReport) -> list[str]:
    """The source's state after each cycle."""
    scan_plan.seed(session, "ebay", now=NOW)
    return [
        sources.record_cycle(
            session, "ebay", report, name="eBay", now=NOW + timedelta(minutes=5 * number)
        )
        for number, report in enumerate(reports)
    ]


GOOD = cycle()


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (cycle(pages=1, rows=0, failed=9), "9 of 10 calls"),
        (cycle(bad=1900), "only 5 % of the rows"),
        (cycle(rows=100), "far fewer listings than usual"),
        (cycle(rows=0), "far fewer listings than usual"),
    ],
)
def test_a_collapse_shows_within_two_cycles_and_heals_by_itself(
    session: Session, bad: CycleReport, reason: str
) -> None:
    states = run(session, GOOD, GOOD, bad, bad)
    assert states == ["healthy", "healthy", "healthy", "degraded"]
    source = session.get_one(Source, "ebay")
    assert reason in str(source.reason)
    assert source.last_success_at == NOW + timedelta(minutes=5)
    assert run(session, GOOD) == ["healthy"]
    assert session.get_one(Source, "ebay").reason is None


def test_a_source_that_never_answers_is_degraded_from_the_start(session: Session) -> None:
    silent = CycleReport()
    silent.not_answered("eBay cannot be reached")
    assert run(session, silent, silent) == ["starting", "degraded"]
    assert "cannot be reached" in str(session.get_one(Source, "ebay").reason)


def test_a_spent_budget_is_said(session: Session) -> None:
    stopped = CycleReport(stopped="the day's 4000 calls of ebay_browse are used up")
    assert run(session, GOOD, stopped, stopped)[-1] == "degraded"
    assert "4000 calls" in str(session.get_one(Source, "ebay").reason)


def test_a_source_that_stays_empty_stays_degraded(session: Session) -> None:
    empty = cycle(rows=0)
    states = run(session, GOOD, *[empty] * 40)
    assert set(states[2:]) == {"degraded"}


def test_other_questions_are_not_a_thinner_source(session: Session) -> None:
    first = cycle(kind="first", pages=17, rows=3400)
    newest = cycle(kind="newest", pages=17, rows=170)
    assert set(run(session, first, newest, newest, newest)) == {"healthy"}


def test_few_rows_say_nothing(session: Session) -> None:
    quiet = cycle(kind="newest", pages=2, rows=4, bad=2)
    assert set(run(session, quiet, quiet, quiet)) == {"healthy"}


def test_a_cycle_that_asked_nothing_changes_nothing(session: Session) -> None:
    assert run(session, CycleReport(), CycleReport()) == ["starting", "starting"]
    assert session.get_one(Source, "ebay").recent_cycles == []
