"""Buy Browse v1: search, getItem, getItemByLegacyId."""

import re
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ebay_sim import ids, search
from ebay_sim.api import item_json, paging
from ebay_sim.auth import SCOPE
from ebay_sim.errors import Fault, refused
from ebay_sim.filters import Filters, read_filters, read_set, split_filter
from ebay_sim.simulator import Simulator, json_response, marketplace_of, simulator_of
from ebay_sim.world import catalog
from ebay_sim.world.randomness import Ints

SORTS = frozenset({"price", "-price", "newlyListed", "endingSoonest", "distance"})
REFINEMENTS = frozenset(
    {
        "ASPECT_REFINEMENTS",
        "BUYING_OPTION_REFINEMENTS",
        "CATEGORY_REFINEMENTS",
        "CONDITION_REFINEMENTS",
    }
)
FIELDGROUPS = REFINEMENTS | {"MATCHING_ITEMS", "EXTENDED", "FULL"}
MAX_QUERY = 100
MAX_CATEGORIES = 3
_PLACE = re.compile(r"contextualLocation=[^,]*zip", re.IGNORECASE)


def _knows_buyer_place(request: Request, filters: Filters) -> bool:
    context = request.headers.get("x-ebay-c-enduserctx", "")
    return _PLACE.search(context) is not None or filters.delivery_country == "US"


async def search_items(request: Request) -> Response:
    """`item_summary/search`: wrong filters are warnings under 200, and the rows then are unfiltered by them."""
    sim = simulator_of(request)
    sim.enter(request, "browse", SCOPE)
    params = request.query_params
    q = params.get("q", "").strip()[:MAX_QUERY]
    categories = [part for part in params.get("category_ids", "").split(",") if part]
    gtin, epid = params.get("gtin"), params.get("epid")
    if not (q or categories or gtin or epid) or (q and (gtin or epid)):
        raise refused(400, 12001)
    page = paging.read_page(request, paging.BROWSE)
    filters = read_filters(params.get("filter"), marketplace=marketplace_of(request))
    _refuse(filters, q, categories, params.get("auto_correct"))
    warnings = filters.warnings
    fieldgroups = _fieldgroups(params.get("fieldgroups"), warnings)
    sort = params.get("sort")
    if sort is not None and (sort not in SORTS or (sort == "distance" and not filters.pickup)):
        warnings.append(Fault(12008))
        sort = None

    rows = _candidates(sim, q, gtin, epid, warnings)
    rows = rows[sim.world.on_market()[rows]]
    mask = search.category_mask(categories)
    if mask is None:
        warnings.append(Fault(12009))
    elif categories:
        rows = rows[mask[sim.world.live.rows.category[rows]]]
    rows = _aspects(sim, rows, params.get("aspect_filter"), categories, warnings)
    rows = search.keep_rows(sim.world, sim.world.live, rows, filters, sold=False)
    total = len(rows)
    shown = search.order_rows(sim.world, sim.world.live, rows, sort)[
        search.page_positions(total, page.offset, page.limit)
    ]
    base = sim.base_of(request)
    length = search.result_length(total)
    body: dict[str, Any] = {
        **paging.neighbours(request, base, page, length),
        "total": search.shown_total(total, page.offset, q or ",".join(categories)),
        "limit": page.limit,
        "offset": page.offset,
    }
    if len(shown) and fieldgroups & {"MATCHING_ITEMS", "EXTENDED", "FULL"}:
        extended = bool(fieldgroups & {"EXTENDED", "FULL"})
        place = _knows_buyer_place(request, filters)
        body["itemSummaries"] = item_json.summaries(
            sim.world, sim.world.live, shown, base=base, extended=extended, buyer_place=place
        )
    if total and fieldgroups & (REFINEMENTS | {"FULL"}):
        body["refinement"] = _refinement(sim, rows, fieldgroups, body["href"])
    if warnings:
        body["warnings"] = [fault.as_json() for fault in warnings]
    return json_response(body)


def _refuse(filters: Filters, q: str, categories: list[str], auto_correct: str | None) -> None:
    """What eBay answers with an error, not with a warning."""
    if any(len(sellers) > 250 for sellers in (filters.sellers or (), filters.without_sellers)):
        raise refused(400, 12032)
    if filters.location_filters > 1:
        raise refused(400, 12517)
    if filters.in_description and len(q) < 2:
        raise refused(400, 12516)
    if auto_correct not in (None, "KEYWORD"):
        raise refused(400, 12027)
    if len(categories) > MAX_CATEGORIES:
        raise refused(400, 12030)
    if not q and any(ident in catalog.ROOTS for ident in categories):
        raise refused(409, 12013)


def _fieldgroups(text: str | None, warnings: list[Fault]) -> set[str]:
    given = {part.strip() for part in (text or "MATCHING_ITEMS").split(",") if part.strip()}
    unknown = given - FIELDGROUPS
    if unknown:
        warnings.append(Fault(12016, {"fieldgroups": ",".join(sorted(unknown))}))
    return (given - unknown) or {"MATCHING_ITEMS"}


def _candidates(
    sim: Simulator, q: str, gtin: str | None, epid: str | None, warnings: list[Fault]
) -> Ints:
    everything = np.arange(len(sim.world.live.titles), dtype=np.int64)
    if q:
        found = search.find_rows(sim.world.live.index, q)
        return everything if found is None else found
    if gtin is not None:
        variant = search.gtin_variant(gtin)
        if variant is None:
            warnings.append(Fault(12022, {"gtin": gtin}))
            return everything[:0]
        offered: Ints = np.flatnonzero(sim.world.live.rows.variant == variant)
        return offered
    return everything[:0] if epid is not None else everything


def _aspects(
    sim: Simulator, rows: Ints, text: str | None, categories: list[str], warnings: list[Fault]
) -> Ints:
    """`categoryId:ID,Name:{A|B}`: rows whose variant has one of the values; an unknown name is a warning."""
    if text is None:
        return rows
    pairs = split_filter(text)
    if not pairs or pairs[0][0] != "categoryId" or pairs[0][1] not in categories:
        warnings.append(Fault(12017))
        return rows
    variants = sim.world.live.rows.variant[rows]
    for name, value in pairs[1:]:
        wanted = read_set(value)
        if wanted is None:
            warnings.append(Fault(12018, {"aspectFilter": f"{name}:{value}"}))
            continue
        unique, place = np.unique(variants, return_inverse=True)
        matches = [
            any(key == name and said in wanted for key, said in item_json.aspects(v))
            for v in unique.tolist()
        ]
        keep = np.array(matches, dtype=bool)[place] if len(unique) else np.zeros(0, dtype=bool)
        rows, variants = rows[keep], variants[keep]
    return rows


def _refinement(sim: Simulator, rows: Ints, fieldgroups: set[str], href: str) -> dict[str, Any]:
    columns = sim.world.live.rows.take(rows)
    per_category = np.bincount(columns.category, minlength=len(catalog.CATEGORIES))
    dominant = catalog.CATEGORIES[int(per_category.argmax())]
    full = "FULL" in fieldgroups
    found: dict[str, Any] = {"dominantCategoryId": dominant.id}
    if full or "CATEGORY_REFINEMENTS" in fieldgroups:
        found["categoryDistributions"] = [
            {
                "categoryId": c.id,
                "categoryName": c.name,
                "matchCount": int(per_category[c.index]),
                "refinementHref": href,
            }
            for c in catalog.CATEGORIES
            if per_category[c.index]
        ]
    if full or "CONDITION_REFINEMENTS" in fieldgroups:
        counts: dict[tuple[str, str], int] = {}
        pairs, amounts = np.unique(
            np.stack([columns.category, columns.condition]), axis=1, return_counts=True
        )
        for category, condition, amount in zip(*pairs.tolist(), amounts.tolist(), strict=True):
            named = catalog.condition_of(catalog.CATEGORIES[category], condition)
            counts[(named.id, named.text)] = counts.get((named.id, named.text), 0) + amount
        found["conditionDistributions"] = [
            {"condition": text, "conditionId": ident, "matchCount": amount, "refinementHref": href}
            for (ident, text), amount in sorted(counts.items())
        ]
    if full or "BUYING_OPTION_REFINEMENTS" in fieldgroups:
        auctions = int(columns.auction.sum())
        options = {
            "AUCTION": auctions,
            "FIXED_PRICE": len(rows) - auctions,
            "BEST_OFFER": int(columns.best_offer.sum()),
        }
        found["buyingOptionDistributions"] = [
            {"buyingOption": name, "matchCount": amount, "refinementHref": href}
            for name, amount in options.items()
            if amount
        ]
    if full or "ASPECT_REFINEMENTS" in fieldgroups:
        brands: dict[str, int] = {}
        models, amounts = np.unique(catalog.VARIANT_MODEL[columns.variant], return_counts=True)
        for model, amount in zip(models.tolist(), amounts.tolist(), strict=True):
            brand = catalog.MODELS[model].brand
            brands[brand] = brands.get(brand, 0) + amount
        values = [
            {"localizedAspectValue": name, "matchCount": n, "refinementHref": href}
            for name, n in sorted(brands.items())
        ]
        found["aspectDistributions"] = [
            {"localizedAspectName": "Brand", "aspectValueDistributions": values}
        ]
    return found


async def get_item(request: Request) -> Response:
    """`item/{item_id}`; 404 once the listing has left the market."""
    sim = simulator_of(request)
    sim.enter(request, "browse", SCOPE)
    serial = ids.find_serial_of_item(request.path_params["item_id"])
    if serial is None and not re.fullmatch(r"v1\|\d+\|\d+", request.path_params["item_id"]):
        raise refused(400, 11012)
    return _item(sim, request, serial, missing=11001)


async def get_item_by_legacy_id(request: Request) -> Response:
    """`item/get_item_by_legacy_id`; 404 once the listing has left the market."""
    sim = simulator_of(request)
    sim.enter(request, "browse", SCOPE)
    legacy = request.query_params.get("legacy_item_id", "")
    return _item(
        sim,
        request,
        ids.find_serial(int(legacy)) if re.fullmatch(r"\d{1,15}", legacy) else None,
        missing=11003,
    )


def _item(sim: Simulator, request: Request, serial: int | None, *, missing: int) -> Response:
    """The listing while it is on the market; afterwards it is gone for Browse."""
    found = None if serial is None else sim.world.find(serial)
    if found is None or found[0].ends[0] <= sim.world.now:
        raise refused(404, missing)
    rows, title = found
    place = _knows_buyer_place(request, Filters())
    return json_response(
        item_json.item(sim.world, rows, title, base=sim.base_of(request), buyer_place=place)
    )


ROUTES = [
    Route("/buy/browse/v1/item_summary/search", search_items),
    Route("/buy/browse/v1/item/get_item_by_legacy_id", get_item_by_legacy_id),
    Route("/buy/browse/v1/item/{item_id}", get_item),
]
