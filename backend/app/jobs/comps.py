"""The job that refreshes comparable sales, category by category, so that the first deals come early."""

from typing import Any

import structlog

from app.core.cache import Cache
from app.core.clock import utc_now
from app.core.settings import get_settings
from app.db.session import transaction
from app.domain.source_policy import policy_of
from app.ports import Marketplace, Ports, SoldItem
from app.services import comps, jobs, markets, scan_plan
from app.services.comps import Ask
from app.services.jobs import ClaimedJob

log = structlog.get_logger(__name__)


def refresh(claimed: ClaimedJob, ports: Ports) -> dict[str, Any]:
    """Read new sales from every marketplace, forget expired ones, have what they touch valued again.

    Each category is stored whole in one transaction: a repeated attempt asks only for what is missing.
    """
    settings = get_settings()
    cache = Cache.from_settings(settings)
    permitted = bool(settings.ebay_content_pricing_permitted)
    sales = 0
    outcome: dict[str, Any] = {}
    with transaction() as session:
        jobs.still_mine(session, claimed)
        lapsed = comps.forget_expired(session, now=utc_now())
        comps.revalue(session, now=utc_now(), categories=lapsed)
    for source, marketplace in ports.marketplaces.items():
        if not policy_of(source).may_feed_pricing(permitted=permitted):
            with transaction() as session:
                jobs.still_mine(session, claimed)
                comps.revalue(
                    session, now=utc_now(), categories=comps.forget_source(session, source)
                )
            outcome[source] = "not_permitted"
            continue
        read = _refresh_source(claimed, source, marketplace, cache)
        sales += read
        outcome[source] = read
    if claimed.payload.get("revalue") == "all":
        with transaction() as session:
            jobs.still_mine(session, claimed)
            outcome["revalued"] = comps.revalue(session, now=utc_now())
    cache.drop(markets.CACHE_SPACE)
    log.info("comps.refreshed", sales=sales)
    return {"sales": sales, **outcome}


def _refresh_source(
    claimed: ClaimedJob, source: str, marketplace: Marketplace, cache: Cache
) -> int:
    with transaction() as session:
        scan_plan.seed(session, source, now=utc_now())
        asks = comps.refresh_plan(session, source)
    total = 0
    for done, ask in enumerate(asks):
        jobs.extend(
            claimed,
            progress={
                "source": source,
                "done": done,
                "of": len(asks),
                "category": ask.category_id,
                "sales": total,
            },
        )
        sales = _read(claimed, marketplace, ask)
        total += len(sales)
        with transaction() as session:
            jobs.still_mine(session, claimed)
            changed = comps.store_sales(session, sales, now=utc_now())
            comps.revalue(session, now=utc_now(), categories=changed)
        if changed:
            cache.drop(markets.CACHE_SPACE)
        log.info("comps.category_refreshed", category=ask.category_id, sales=len(sales))
    with transaction() as session:
        comps.note_refreshed(session, source, now=utc_now())
    return total


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
