"""A day's budget is never overrun, whoever spends it at the same time."""

import threading
from datetime import UTC, date, datetime

import pytest

from app.core.clock import utc_now
from app.core.settings import Settings
from app.db.models import QuotaDay
from app.db.session import Session, transaction
from app.ports import QuotaExhausted
from app.services import quotas

NOON = datetime(2026, 11, 23, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=UTC), date(2026, 11, 22)),
        (datetime(2026, 11, 23, 8, 0, tzinfo=UTC), date(2026, 11, 23)),
        (datetime(2026, 7, 1, 6, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 7, 1, 7, 0, tzinfo=UTC), date(2026, 7, 1)),
    ],
)
def test_a_day_ends_at_midnight_in_los_angeles(now: datetime, day: date) -> None:
    assert quotas.quota_day(now) == day


def test_a_budget_is_spent_to_its_end_and_renewed_the_next_day(session: Session) -> None:
    assert [quotas.spend(session, "x", 2, now=NOON) for _ in range(2)] == [1, 0]
    with pytest.raises(QuotaExhausted):
        quotas.spend(session, "x", 2, now=NOON)
    assert quotas.remaining(session, "x", 2, now=NOON) == 0
    assert quotas.spend(session, "y", 2, now=NOON) == 1
    assert quotas.spend(session, "x", 2, now=NOON.replace(day=24)) == 1


def test_a_budget_of_nothing_allows_nothing(session: Session) -> None:
    with pytest.raises(QuotaExhausted):
        quotas.spend(session, "x", 0, now=NOON)


def test_twenty_callers_never_spend_more_than_there_is(process: Settings) -> None:
    settings = process.model_copy(update={"ebay_browse_daily_budget": 30})
    spend = quotas.spender(settings)
    barrier = threading.Barrier(20)
    granted: list[str] = []

    def caller() -> None:
        barrier.wait()
        for _ in range(3):
            try:
                spend("ebay_browse")
            except QuotaExhausted:
                return
            granted.append("call")

    threads = [threading.Thread(target=caller) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(granted) == 30
    with transaction() as session:
        assert quotas.remaining(session, "ebay_browse", 30, now=utc_now()) == 0


@pytest.mark.parametrize(
    ("used", "now", "calls"),
    [
        (0, datetime(2026, 11, 23, 8, 0, tzinfo=UTC), 14),  # a whole day: 4,000 over 288 cycles
        (3990, datetime(2026, 11, 23, 8, 0, tzinfo=UTC), 1),
        (4000, datetime(2026, 11, 23, 8, 0, tzinfo=UTC), 0),
        (3950, datetime(2026, 11, 24, 7, 50, tzinfo=UTC), 25),  # two cycles are left
    ],
)
def test_calls_are_paced_over_what_is_left_of_the_day(
    session: Session, settings: Settings, used: int, now: datetime, calls: int
) -> None:
    paced = settings.model_copy(update={"ebay_browse_daily_budget": 4000, "scan_interval_s": 300})
    session.add(QuotaDay(service="ebay_browse", day=quotas.quota_day(now), used=used))
    session.flush()
    assert quotas.paced_calls(session, paced, "ebay", now=now) == calls
