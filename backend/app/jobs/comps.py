"""Jobs that keep the comparables: refreshing them category by category, so that the first deals come
early, forgetting what may not be kept, and having listings valued again for it.

Each goes on where a killed attempt stopped: how far it is stands on its row, written in the
transaction of the effects.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self
from uuid import UUID

import structlog

from app.core.clock import utc_now
from app.core.settings import get_settings
from app.db.session import Session, transaction
from app.domain.source_policy import IMPORT_PREFIX, policy_of
from app.ports import Marketplace, NotGranted, Ports, SoldItem
from app.services import comps, jobs, models, revaluing, scan_plan, spells
from app.services.comps import Ask
from app.services.jobs import ClaimedJob

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Progress:
    """How far a refresh is. `revalued`: live listings of the categories in which anything changed."""

    source: str = ""
    done: int = 0
    of: int = 0
    category: str = ""
    sales: int = 0
    revalued: int = 0
    finished: list[str] = field(default_factory=list)

    @classmethod
    def of_job(cls, claimed: ClaimedJob) -> Self:
        known = {each.name for each in fields(cls)}
        noted = claimed.progress or {}
        return cls(**{name: value for name, value in noted.items() if name in known})

    def noted(self) -> dict[str, Any]:
        return asdict(self)


def refresh(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Read new sales from every marketplace, forget expired ones, have what they touch valued again.

    NotGranted at the end when a marketplace does not let us read its sales: nothing stands in for them.
    """
    settings = get_settings()
    permitted = bool(settings.ebay_content_pricing_permitted)
    progress = _Progress.of_job(claimed)
    outcome: dict[str, Any] = {}
    refused: list[str] = []
    _forget_all(claimed, progress, lambda session: comps.forget_expired(session, now=utc_now()))
    with transaction() as session:
        jobs.note_progress(session, claimed, progress.noted())
        spells.forget_expired(session, now=utc_now())
    for source, marketplace in ports.marketplaces.items():
        with transaction() as session:
            scan_plan.seed(session, source, now=utc_now())
            comps.note_choice(session, source, permitted=permitted)
        if not policy_of(source).may_feed_pricing(permitted=permitted):
            _forget_source(claimed, progress, source)
            with transaction() as session:
                spells.forget_source(session, source)
            outcome[source] = "not_permitted"
            continue
        before = progress.sales
        try:
            _refresh_source(claimed, progress, source, marketplace)
            outcome[source] = progress.sales - before
        except NotGranted as refusal:
            with transaction() as session:
                comps.note_sales_state(session, source, "not_granted", str(refusal), now=utc_now())
            refused.append(str(refusal))
    if claimed.payload.get("revalue") == "all":
        with transaction() as session:
            jobs.note_progress(session, claimed, progress.noted())
            revaluing.request(session, None, now=utc_now())
    if refused:
        raise NotGranted("; ".join(refused))
    log.info("comps.refreshed", sales=progress.sales, revalued=progress.revalued)
    return {"sales": progress.sales, "revalued": progress.revalued, **outcome}


def _refresh_source(
    claimed: ClaimedJob,
    progress: _Progress,
    source: str,
    marketplace: Marketplace,
) -> None:
    with transaction() as session:
        asks = comps.refresh_plan(session, source)
    left = [ask for ask in asks if f"{source} {ask.key}" not in progress.finished]
    progress.source, progress.of = source, len(asks)
    for ask in left:
        progress.done = len(asks) - len(left) + left.index(ask)
        progress.category = ask.category_id
        jobs.extend(claimed, progress=progress.noted())
        sales = _read(claimed, marketplace, ask)
        with transaction() as session:
            changed = comps.store_sales(session, sales, now=utc_now())
            revaluing.request(session, changed, now=utc_now())
            progress.sales += len(sales)
            progress.revalued += revaluing.count_live(session, changed) if changed else 0
            progress.done += 1
            progress.finished.append(f"{source} {ask.key}")
            jobs.note_progress(session, claimed, progress.noted())
        log.info("comps.category_refreshed", category=ask.category_id, sales=len(sales))
    with transaction() as session:
        comps.note_refreshed(session, source, now=utc_now())


def _read(claimed: ClaimedJob, marketplace: Marketplace, ask: Ask) -> list[SoldItem]:
    """All pages of a question, up to what the marketplace gives; an empty page ends it."""
    sales: list[SoldItem] = []
    for offset in range(0, comps.MAX_SALES, comps.PAGE):
        page = marketplace.sold(ask.page(offset))
        sales.extend(page.sales)
        if not page.has_more or not (page.sales or page.rejected):
            break
        if offset and offset % (10 * comps.PAGE) == 0:
            jobs.extend(claimed)
    return sales


def _forget_source(claimed: ClaimedJob, progress: _Progress, source: str) -> int:
    return _forget_all(
        claimed, progress, lambda session: comps.forget_source(session, source, now=utc_now())
    )


def _forget_all(claimed: ClaimedJob, progress: _Progress, forget: Callable[[Session], int]) -> int:
    """Delete in chunks, each its own transaction; gives how many."""
    total = 0
    while True:
        with transaction() as session:
            jobs.note_progress(session, claimed, progress.noted())
            gone = forget(session)
        if not gone:
            return total
        total += gone


def forget_import(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Delete an import, its comparables and what was estimated from them."""
    name = str(claimed.payload["name"])
    gone = _forget_source(claimed, _Progress.of_job(claimed), f"{IMPORT_PREFIX}{name}")
    log.info("comps.import_forgotten", name=name, comps=gone)
    return {"deleted": gone}


def revalue(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Have the listings of some categories, of all when none are named, valued again.

    Where the store has changed since a category's model was fitted, a new one is fitted first, which
    asks for its listings itself; those categories are told as `fitting`.
    """
    categories = claimed.payload["categories"]
    earlier = claimed.progress or {}
    fitting: set[str] = set()
    if categories is not None:
        permitted = bool(get_settings().ebay_content_pricing_permitted)
        with transaction() as session:
            jobs.still_mine(session, claimed)
            fitting = models.refit(session, categories, permitted=permitted, now=utc_now())
        categories = [each for each in categories if each not in fitting]
    after = UUID(earlier["after"]) if earlier.get("after") else None
    revalued = int(earlier.get("revalued", 0))
    while True:
        with transaction() as session:
            marked = revaluing.mark_chunk(session, categories, after=after, now=utc_now())
            if marked.last is None:
                return {"revalued": revalued, "fitting": sorted(fitting)}
            after, revalued = marked.last, revalued + marked.listings
            jobs.note_progress(session, claimed, {"revalued": revalued, "after": str(after)})


def follow_choice(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Have the stored comparables follow EBAY_CONTENT_PRICING_PERMITTED soon after it was changed."""
    permitted = bool(get_settings().ebay_content_pricing_permitted)
    with transaction() as session:
        jobs.still_mine(session, claimed)
        job = comps.follow_choice(session, permitted=permitted, now=utc_now())
    if job is not None:
        log.info("comps.choice_changed", permitted=permitted)
    return {"refresh": None if job is None else str(job.id)}
