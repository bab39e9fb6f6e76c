"""A scan cycle of one source: which calls it spends on what, and what each answer changes.

First come the newest listings of each plan entry, by priority; what is left of the cycle's calls
goes into re-reading the best deals that were not seen lately, and into a slow sweep over older
listings, entry after entry, so that everything is seen again before it would be too old to show.
Progress is stored with each page: a scan that is killed is simply continued by the next one.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

import sqlalchemy as sa

from app.db.models import Deal, Listing, ListingSighting, ScanPlanEntry
from app.db.session import Session
from app.domain.source_policy import policy_of
from app.ports import ListingPage, RawListing, SearchQuery
from app.services import ingest, jobs, scan_plan, sources, spells
from app.services.ingest import IngestCounts
from app.services.sources import CycleReport

PAGE: Final = 200
MAX_NEWEST_PAGES: Final = 3
LAST_OFFSET: Final = 9_800
OVERLAP: Final = timedelta(minutes=30)
"""How far a newest read reaches back behind its cursor: eBay's index lags by 10 to 15 minutes."""

SWEEP_SHARE: Final = 3
"""One call in so many is kept for sweeping and verifying."""

STARVED_AFTER: Final = timedelta(hours=1)
UNSEEN: Final = timedelta(hours=2)
BEST_DEALS: Final = 300

BUDGET_SPENT: Final = (
    "the day's budget of calls is used up; scanning goes on after midnight in Los Angeles"
)

Kind = Literal["first", "newest", "sweep", "verify"]


@dataclass(frozen=True, slots=True)
class Step:
    """One call of a cycle: a page of a plan entry, or one listing to verify."""

    kind: Kind
    query: SearchQuery
    entry_id: UUID | None = None
    external_id: str = ""
    page: int = 0
    newest_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Entry:
    id: UUID
    query: str
    category_id: str
    cursor_at: datetime | None
    sweep_offset: int


@dataclass(slots=True)
class Cycle:
    """The rest of a cycle: what to ask next. Kept in memory only; the plan's rows hold the progress."""

    source: str
    calls_left: int
    newest: deque[Step]
    verify: deque[Step]
    sweeps: deque[_Entry]
    reserve: int
    counts: IngestCounts = field(default_factory=IngestCounts)
    removed: int = 0
    report: CycleReport = field(default_factory=CycleReport)

    def next_step(self) -> Step | None:
        """The call to make now; None when the cycle is done."""
        if self.calls_left <= 0:
            return None
        self.calls_left -= 1
        if self.newest and self.calls_left >= self.reserve:
            return self.newest.popleft()
        if self.verify:
            return self.verify.popleft()
        if self.sweeps:
            entry = self.sweeps[0]
            self.report.sweep_entry = str(entry.id)
            return Step("sweep", _query(entry, offset=entry.sweep_offset), entry.id)
        return self.newest.popleft() if self.newest else None

    def follow(self, step: Step, page: ListingPage) -> None:
        """Plan what an answer calls for: its next page, or the next stretch of the sweep."""
        more = page.has_more and bool(page.listings or page.rejected)
        if step.kind == "newest" and more and step.page + 1 < MAX_NEWEST_PAGES:
            query = replace(step.query, offset=step.query.offset + PAGE)
            newest = newest_listed(page.listings, step.newest_before)
            self.newest.appendleft(
                replace(step, query=query, page=step.page + 1, newest_before=newest)
            )
        if step.kind == "sweep":
            self.pass_on(step, offset=next_sweep_offset(step, page))
        elif is_cut(step, page):
            stopped_at = step.query.offset + PAGE
            self.sweeps = deque(
                replace(entry, sweep_offset=min(entry.sweep_offset or stopped_at, stopped_at))
                if entry.id == step.entry_id
                else entry
                for entry in self.sweeps
            )

    def pass_on(self, step: Step, *, offset: int) -> None:
        """Let the sweep go on at `offset` of the entry; 0 means that the next entry's turn has come."""
        if not self.sweeps or self.sweeps[0].id != step.entry_id:
            return
        entry = self.sweeps.popleft()
        if offset:
            self.sweeps.appendleft(replace(entry, sweep_offset=offset))
        elif self.sweeps:
            self.report.sweep_entry = str(self.sweeps[0].id)


def begin(session: Session, source: str, *, calls: int, paced_calls: int, now: datetime) -> Cycle:
    """A cycle of at most `paced_calls` calls; of `calls` when something was never read yet."""
    scan_plan.seed(session, source, now=now)
    rows = list(scan_plan.enabled_entries(session, source))
    rows.sort(key=lambda row: not _is_starved(row, now))
    is_first = any(row.last_run_at is None for row in rows)
    allowed = calls if is_first and paced_calls else min(calls, paced_calls)
    entries = [
        _Entry(row.id, row.query, row.category_id, row.cursor_at, row.sweep_offset) for row in rows
    ]
    reserve = 0 if is_first or allowed < 2 else max(1, allowed // SWEEP_SHARE)
    spare = max(reserve, allowed - len(entries))
    spent = bool(entries) and allowed == 0
    return Cycle(
        source=source,
        report=CycleReport(stopped=BUDGET_SPENT if spent else None),
        calls_left=allowed,
        newest=deque(_newest_step(entry) for entry in entries),
        verify=deque(_to_verify(session, source, limit=spare // 3, now=now)),
        sweeps=_sweep_order(entries, sources.last_sweep_entry(session, source)),
        reserve=reserve,
    )


def store_page(
    session: Session,
    source: str,
    step: Step,
    page: ListingPage,
    *,
    seen_at: datetime,
    now: datetime,
) -> IngestCounts:
    """Store a page with the progress it means, and ring for valuations.

    A page that promises more but is empty is no answer: it moves nothing but the sweep.
    """
    entry = session.get(ScanPlanEntry, step.entry_id, with_for_update=True)
    category_id = entry.category_id if entry is not None else ""
    listings = [
        row if row.category_id else replace(row, category_id=category_id) for row in page.listings
    ]
    counts = ingest.store(session, listings, page.rejected, now=seen_at, source=source)
    if counts.to_value:
        jobs.enqueue(session, "value", {"source": source}, now=now)
    if entry is not None:
        _advance(entry, step, page, now)
    return counts


def store_verified(session: Session, listing: RawListing, *, now: datetime) -> IngestCounts:
    """Store a listing that was read by itself."""
    counts = ingest.store(session, [listing], (), now=now)
    if counts.to_value:
        jobs.enqueue(session, "value", {"source": listing.source}, now=now)
    return counts


def note_failure(session: Session, step: Step, error: str, *, now: datetime) -> None:
    """Show an admin why an entry could not be read; its cursor stays where it is."""
    if step.entry_id is None:
        return
    entry = session.get(ScanPlanEntry, step.entry_id, with_for_update=True)
    if entry is not None:
        entry.last_error = error[:500]
        if step.kind != "sweep":
            entry.last_run_at = now


def is_cut(step: Step, page: ListingPage) -> bool:
    """Whether a read of the newest stops here although there is more."""
    return page.has_more and (step.kind == "first" or step.page + 1 >= MAX_NEWEST_PAGES)


def next_sweep_offset(step: Step, page: ListingPage) -> int:
    """Where the sweep of an entry goes on: behind this page, or at the start when it was the last."""
    offset = step.query.offset + PAGE
    return offset if page.has_more and offset <= LAST_OFFSET else 0


def newest_listed(listings: Sequence[RawListing], before: datetime | None) -> datetime | None:
    """The newest creation time among the rows and `before`."""
    times = [row.listed_at for row in listings]
    return max([*times, before] if before is not None else times, default=None)


def _advance(entry: ScanPlanEntry, step: Step, page: ListingPage, now: datetime) -> None:
    is_hollow = page.has_more and not page.listings and not page.rejected
    entry.last_error = "promised more rows but sent none" if is_hollow else None
    if step.kind == "sweep":
        entry.sweep_offset = next_sweep_offset(step, page)
        return
    entry.last_run_at = now
    rows = len(page.listings) + len(page.rejected)
    entry.last_items = rows if step.page == 0 else (entry.last_items or 0) + rows
    if is_hollow:
        return
    if page.has_more and not is_cut(step, page):
        return  # the cursor moves when the chain of pages is complete
    newest = newest_listed(page.listings, step.newest_before)
    if newest is not None and page.listings:
        newest = min(newest, now)
        entry.cursor_at = max(entry.cursor_at or newest, newest)
    if is_cut(step, page):
        # what lies behind the last page read is left to the sweep, which must not be past it
        stopped_at = step.query.offset + PAGE
        entry.sweep_offset = min(entry.sweep_offset or stopped_at, stopped_at)


def _newest_step(entry: _Entry) -> Step:
    if entry.cursor_at is None:
        return Step("first", _query(entry), entry.id)
    return Step("newest", _query(entry, since=entry.cursor_at - OVERLAP), entry.id)


def _query(entry: _Entry, *, since: datetime | None = None, offset: int = 0) -> SearchQuery:
    return SearchQuery(
        words=entry.query,
        category_id=entry.category_id,
        listed_since=since.replace(microsecond=0) if since else None,
        offset=offset,
        limit=PAGE,
    )


def _is_starved(row: ScanPlanEntry, now: datetime) -> bool:
    last = row.last_run_at or datetime.min.replace(tzinfo=UTC)
    return now - last > STARVED_AFTER


def _sweep_order(entries: Sequence[_Entry], current: str | None) -> deque[_Entry]:
    """The entries in the order in which they are swept: in the plan's order of making, going on at `current`."""
    ordered = sorted(entries, key=lambda entry: str(entry.id))
    later = [entry for entry in ordered if current is None or str(entry.id) >= current]
    return deque([*later, *(entry for entry in ordered if entry not in later)])


def _to_verify(session: Session, source: str, *, limit: int, now: datetime) -> list[Step]:
    """The best deals not seen for two hours: worth a call each, as buyers look at these first."""
    if limit <= 0:
        return []
    best = (
        sa.select(Deal.listing_id, Deal.external_id, Deal.score)
        .where(Deal.active, Deal.source == source, Deal.score.is_not(None))
        .order_by(Deal.score.desc(), Deal.listing_id.desc())
        .limit(BEST_DEALS)
        .subquery()
    )
    unseen = session.scalars(
        sa.select(best.c.external_id)
        .join(ListingSighting, ListingSighting.listing_id == best.c.listing_id)
        .where(ListingSighting.seen_at < now - UNSEEN)
        .order_by(best.c.score.desc(), best.c.listing_id.desc())
        .limit(limit)
    )
    return [Step("verify", SearchQuery(), external_id=external_id) for external_id in unseen]


def remove_ended(session: Session, source: str, external_id: str, *, now: datetime) -> int:
    """Take an ended listing away as the source's policy says; gives how many there were."""
    ingest.lock_source(session, source)
    chosen = sa.and_(Listing.source == source, Listing.external_id == external_id)
    return _end(session, source, chosen, now)


def sweep_stale(
    session: Session, source: str, *, max_age: timedelta, now: datetime
) -> tuple[int, int]:
    """Hide what was not seen within `max_age` and take away what has ended.

    Gives (hidden, removed). A hidden listing is shown again when a scan sees it; one that a healthy
    source has not shown for a day is taken as ended.
    """
    ingest.lock_source(session, source)
    policy = policy_of(source)
    removed = _end(session, source, sa.and_(Listing.source == source, Listing.ends_at <= now), now)
    if sources.is_healthy(session, source):
        unseen = (
            sa.select(ListingSighting.listing_id)
            .where(ListingSighting.seen_at < now - policy.forget_unseen_after)
            .scalar_subquery()
        )
        forgotten = sa.and_(
            Listing.source == source,
            Listing.state == "stale",
            Listing.changed_at < now - policy.forget_unseen_after + max_age,
            Listing.id.in_(unseen),
        )
        removed += _end(session, source, forgotten, now)
    hidden = session.scalars(
        sa.update(Listing)
        .where(
            Listing.id == ListingSighting.listing_id,
            Listing.source == source,
            Listing.state == "live",
            ListingSighting.seen_at < now - min(max_age, policy.max_shown_age),
        )
        .values(state="stale", changed_at=now)
        .returning(Listing.id)
        .execution_options(synchronize_session=False)
    ).all()
    _hide_deals(session, hidden)
    return len(hidden), removed


def _end(session: Session, source: str, chosen: sa.ColumnElement[bool], now: datetime) -> int:
    spells.note_gone(session, source, chosen)
    if policy_of(source).delete_when_ended:
        gone = session.scalars(
            sa.delete(Listing)
            .where(chosen)
            .returning(Listing.id)
            .execution_options(synchronize_session=False)
        ).all()
        session.execute(
            sa.delete(ListingSighting)
            .where(ListingSighting.listing_id == sa.any_(sa.cast(gone, sa.ARRAY(sa.Uuid))))
            .execution_options(synchronize_session=False)
        )
        return len(gone)
    ended = session.scalars(
        sa.update(Listing)
        .where(chosen, Listing.state != "ended")
        .values(state="ended", changed_at=now)
        .returning(Listing.id)
        .execution_options(synchronize_session=False)
    ).all()
    _hide_deals(session, ended)
    return len(ended)


def _hide_deals(session: Session, listing_ids: Sequence[UUID]) -> None:
    if listing_ids:
        session.execute(
            sa.update(Deal)
            .where(Deal.listing_id == sa.any_(sa.cast(listing_ids, sa.ARRAY(sa.Uuid))), Deal.active)
            .values(active=False)
            .execution_options(synchronize_session=False)
        )
