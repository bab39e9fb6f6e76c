"""The plan of scans: seeded once, the same question once, changed by admins."""

import pytest

from app.core.ids import new_id
from app.db.session import Session
from app.domain.ebay_categories import DEFAULT_CATEGORIES
from app.errors import Conflict, InvalidInput, NotFound
from app.services import scan_plan
from tests.services.listing_rows import NOW


def test_a_fresh_database_gets_the_default_plan_once(session: Session) -> None:
    assert scan_plan.seed(session, "ebay", now=NOW)
    entries = scan_plan.list_entries(session)
    assert {entry.category_id for entry in entries} == set(DEFAULT_CATEGORIES)
    for entry in entries:
        scan_plan.delete_entry(session, entry.id)
    assert not scan_plan.seed(session, "ebay", now=NOW)
    assert scan_plan.list_entries(session) == []


def test_the_same_question_is_one_entry(session: Session) -> None:
    scan_plan.create_entry(session, source="ebay", query=" Leica  M6 ", now=NOW)
    with pytest.raises(Conflict):
        scan_plan.create_entry(session, source="ebay", query="leica m6", now=NOW)
    scan_plan.create_entry(session, source="ebay", query="leica m6", category_id="15230", now=NOW)
    assert len(scan_plan.list_entries(session)) == 2


@pytest.mark.parametrize(
    "fault", [{"source": "nowhere", "query": "x"}, {"source": "ebay", "query": " "}]
)
def test_an_entry_asks_a_known_source_for_something(
    session: Session, fault: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        scan_plan.create_entry(session, now=NOW, **fault)  # type: ignore[arg-type]


def test_calls_go_by_priority_and_then_to_what_waited_longest(session: Session) -> None:
    late = scan_plan.create_entry(session, source="ebay", query="late", now=NOW)
    early = scan_plan.create_entry(session, source="ebay", query="early", now=NOW)
    first = scan_plan.create_entry(session, source="ebay", query="first", priority=1, now=NOW)
    late.last_run_at = NOW
    session.flush()
    assert [e.query for e in scan_plan.list_entries(session)] == ["first", "early", "late"]
    scan_plan.update_entry(session, early.id, enabled=False, now=NOW)
    scan_plan.update_entry(session, first.id, priority=900, now=NOW)
    assert [e.query for e in scan_plan.enabled_entries(session, "ebay")] == ["late", "first"]


def test_a_missing_entry_is_said(session: Session) -> None:
    with pytest.raises(NotFound):
        scan_plan.update_entry(session, new_id(), priority=1, now=NOW)
    with pytest.raises(NotFound):
        scan_plan.delete_entry(session, new_id())
