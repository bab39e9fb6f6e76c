"""The doors' side of scanning: one cycle over every marketplace, and the sweep that hides old rows.

Each call happens without a transaction; what it brought is stored at once in a short one of its own.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, Final

import structlog

from app.core.clock import utc_now
from app.core.settings import Settings, get_settings
from app.db.session import transaction
from app.domain.source_policy import policy_of
from app.ports import (
    AuthExpired,
    Gone,
    Marketplace,
    NotGranted,
    PortError,
    Ports,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Unavailable,
)
from app.services import jobs, quotas, revaluing, scanning, sources
from app.services.ingest import IngestCounts
from app.services.jobs import ClaimedJob
from app.services.scanning import Cycle, Step

log = structlog.get_logger(__name__)

MAX_FAILURES_IN_A_ROW: Final = 3
LATER: Final = (QuotaExhausted, RateLimited, AuthExpired, NotGranted)
"""Failures that the cycle's next calls would meet as well."""


def scan(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Run one cycle over each marketplace.

    What failed in part is in the counts and in the source's state. Only a scan in which no call
    brought anything fails: the first time to be tried again soon, then for good, as the next
    scheduled scan is the retry.
    """
    cycles = {
        source: _scan_source(claimed, marketplace, get_settings())
        for source, marketplace in ports.marketplaces.items()
    }
    tried = [cycle.report for cycle in cycles.values() if cycle.report.calls]
    if tried and all(report.failed == report.calls for report in tried):
        reason = tried[0].stopped or tried[0].error or "no answer"
        if claimed.attempt == 1 and tried[0].stopped is None:
            raise Unavailable(reason)
        raise Rejected(f"{reason}; the next scheduled scan tries again")
    total = sum((cycle.counts for cycle in cycles.values()), IngestCounts())
    return {
        **asdict(total),
        "removed": sum(cycle.removed for cycle in cycles.values()),
        "calls": sum(cycle.report.calls for cycle in cycles.values()),
        "failed_calls": sum(cycle.report.failed for cycle in cycles.values()),
        "stopped": {s: c.report.stopped for s, c in cycles.items() if c.report.stopped},
    }


def sweep_stale(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Hide listings that were not seen within their source's age; take ended ones away.

    Auctions that have come near their end meanwhile are valued again.
    """
    max_age = timedelta(seconds=get_settings().ebay_listing_max_age_seconds)
    hidden = removed = 0
    for source in ports.marketplaces:
        with transaction() as session:
            jobs.still_mine(session, claimed)
            result = scanning.sweep_stale(session, source, max_age=max_age, now=utc_now())
            revaluing.mark_ending(session, source, now=utc_now())
        hidden, removed = hidden + result[0], removed + result[1]
    if hidden or removed:
        log.info("listings.swept", hidden=hidden, removed=removed)
    return {"hidden": hidden, "removed": removed}


def _scan_source(claimed: ClaimedJob, marketplace: Marketplace, settings: Settings) -> Cycle:
    source = marketplace.source
    with transaction() as session:
        jobs.still_mine(session, claimed)
        now = utc_now()
        cycle = scanning.begin(
            session,
            source,
            calls=settings.scan_calls_per_cycle,
            paced_calls=quotas.paced_calls(session, settings, source, now=now),
            now=now,
        )
    failures = 0
    while failures < MAX_FAILURES_IN_A_ROW and (step := cycle.next_step()) is not None:
        try:
            _take(claimed, marketplace, cycle, step, settings)
            failures = 0
        except LATER as error:
            _note(claimed, cycle, step, error)
            cycle.report.stopped = str(error)
            break
        except PortError as error:
            _note(claimed, cycle, step, error)
            failures += 1
        jobs.extend(
            claimed,
            progress={"source": source, "calls": cycle.report.calls, "new": cycle.counts.new},
        )
    with transaction() as session:
        jobs.still_mine(session, claimed)
        state = sources.record_cycle(
            session, source, cycle.report, name=policy_of(source).name, now=utc_now()
        )
    log.info(
        "scan.finished",
        source=source,
        state=state,
        calls=cycle.report.calls,
        failed=cycle.report.failed,
        **asdict(cycle.counts),
    )
    return cycle


def _take(
    claimed: ClaimedJob, marketplace: Marketplace, cycle: Cycle, step: Step, settings: Settings
) -> None:
    """Make a step's call and store what it brought."""
    if step.kind == "verify":
        _verify(claimed, marketplace, cycle, step)
        return
    page = marketplace.search(step.query)
    now = utc_now()
    age_s = settings.marketplace_cache_ttl_s if page.from_cache else 0
    with transaction() as session:
        jobs.still_mine(session, claimed)
        cycle.counts += scanning.store_page(
            session, cycle.source, step, page, seen_at=now - timedelta(seconds=age_s), now=now
        )
    cycle.follow(step, page)
    if page.has_more and not page.listings and not page.rejected:
        cycle.report.not_answered("promised more rows but sent none")
        return
    cycle.report.answered(
        step.kind, parsed=len(page.listings), reasons=[row.reason for row in page.rejected]
    )


def _verify(claimed: ClaimedJob, marketplace: Marketplace, cycle: Cycle, step: Step) -> None:
    try:
        listing = marketplace.get(step.external_id)
    except Gone:
        with transaction() as session:
            jobs.still_mine(session, claimed)
            cycle.removed += scanning.remove_ended(
                session, cycle.source, step.external_id, now=utc_now()
            )
        cycle.report.calls += 1
        return
    with transaction() as session:
        jobs.still_mine(session, claimed)
        cycle.counts += scanning.store_verified(session, listing, now=utc_now())
    cycle.report.calls += 1


def _note(claimed: ClaimedJob, cycle: Cycle, step: Step, error: PortError) -> None:
    """Count a failed call and show it at its entry; the sweep goes on to the next entry."""
    cycle.report.not_answered(str(error))
    log.warning("scan.call_failed", source=cycle.source, kind=step.kind, error=str(error))
    if step.kind == "sweep":
        cycle.pass_on(step, offset=0)
    with transaction() as session:
        jobs.still_mine(session, claimed)
        scanning.note_failure(session, step, str(error), now=utc_now())
