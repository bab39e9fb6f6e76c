"""Marketplace Insights v1 beta: what was sold in the last 90 days. A scope of its own, which not every keyset has.

The record is a sample of all sales, as large as the market's size asks for (world.sales_goal); sales made through
`/sim/items/{id}/sell` are always on it. Prices are without shipping, as on eBay.
"""

from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ebay_sim import search
from ebay_sim.api import item_json, paging
from ebay_sim.auth import INSIGHTS_SCOPE
from ebay_sim.errors import refused
from ebay_sim.filters import Filters, read_filters
from ebay_sim.simulator import json_response, marketplace_of, simulator_of
from ebay_sim.world import catalog

MAX_CATEGORIES = 3


async def search_sales(request: Request) -> Response:
    """`item_sales/search`: past sales of one category or more."""
    sim = simulator_of(request)
    sim.enter(request, "insights", INSIGHTS_SCOPE)
    params = request.query_params
    q = params.get("q", "").strip()
    categories = [part for part in params.get("category_ids", "").split(",") if part]
    gtin, epid = params.get("gtin"), params.get("epid")
    if not (q or categories or gtin or epid):
        raise refused(400, 100001)
    if not categories:
        raise refused(400, 100018)
    if len(categories) > MAX_CATEGORIES:
        raise refused(400, 100019)
    page = paging.read_page(request, paging.INSIGHTS)
    sort = params.get("sort")
    if sort not in (None, "price", "-price"):
        raise refused(400, 100006)
    filters = _filters(params.get("filter"), marketplace_of(request))
    mask = search.category_mask(categories)
    if mask is None:
        raise refused(409, 100015, categoryId=",".join(categories))
    if not (q or gtin or epid) and any(ident in catalog.ROOTS for ident in categories):
        raise refused(409, 100004)

    shelf = sim.world.sales
    rows = np.arange(len(shelf.titles), dtype=np.int64)
    hits = np.zeros(len(rows), dtype=np.int64)
    if q:
        rows, hits = search.rank_rows(shelf.index, q)
    keep = sim.world.on_record()[rows] & mask[shelf.rows.category[rows]]
    if gtin or epid:
        variant = search.gtin_variant(gtin or "")
        keep &= shelf.rows.variant[rows] == (-1 if variant is None else variant)
    rows, hits = rows[keep], hits[keep]
    kept = search.keep_rows(sim.world, shelf, rows, filters, sold=True)
    hits = hits[np.isin(rows, kept, assume_unique=True)]
    if sort is None:
        # Best Match: more of the words first, then the latest sale.
        kept = kept[np.lexsort((-shelf.rows.ends[kept], -hits))]
    else:
        paid = shelf.rows.sold_cents[kept]
        kept = kept[np.argsort(-paid if sort == "-price" else paid, kind="stable")]
    total = len(kept)
    base = sim.base_of(request)
    body: dict[str, Any] = {
        **paging.neighbours(request, base, page, total),
        "total": total,
        "limit": page.limit,
        "offset": page.offset,
    }
    shown = kept[page.offset : page.offset + page.limit]
    if len(shown):
        body["itemSales"] = item_json.sales(sim.world, shelf, shown, base=base)
    return json_response(body)


def _filters(text: str | None, marketplace: str) -> Filters:
    """This API knows no warnings: a wrong filter is an error."""
    filters = read_filters(text, marketplace=marketplace)
    if "buyingOptions" not in (text or ""):
        filters.buying_options = frozenset({"FIXED_PRICE", "AUCTION"})
    for fault in filters.warnings:
        if fault.id == 12012:
            raise refused(400, 100007)
        raise refused(400, 100011, filterName=fault.parameters.get("filterName", "conditionIds"))
    return filters


ROUTES = [Route("/buy/marketplace_insights/v1_beta/item_sales/search", search_sales)]
