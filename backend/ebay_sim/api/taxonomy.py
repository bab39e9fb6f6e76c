"""Commerce Taxonomy v1: the tree's id, suggestions for a phrase, the aspects of a leaf."""

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ebay_sim.api.item_json import aspect_name
from ebay_sim.auth import METADATA_SCOPE, SCOPE
from ebay_sim.errors import refused
from ebay_sim.search import find_rows
from ebay_sim.simulator import json_response, simulator_of
from ebay_sim.world import catalog

TREE_ID = "0"
TREE_VERSION = "129"
MARKETPLACES = frozenset({"EBAY_US"})
MAX_SUGGESTIONS = 5
_REQUIRED = frozenset({"Brand", "Model"})


async def default_tree_id(request: Request) -> Response:
    """The id of the category tree of a marketplace."""
    sim = simulator_of(request)
    sim.enter(request, "taxonomy", SCOPE)
    marketplace = request.query_params.get("marketplace_id")
    if not marketplace:
        raise refused(400, 62002)
    if marketplace not in MARKETPLACES:
        raise refused(400, 62003)
    return json_response({"categoryTreeId": TREE_ID, "categoryTreeVersion": TREE_VERSION})


async def category_suggestions(request: Request) -> Response:
    """Leaf categories, the likeliest first: by how many live titles hold the words; 204 when none does."""
    sim = simulator_of(request)
    sim.enter(request, "taxonomy", SCOPE)
    _check_tree(request)
    q = request.query_params.get("q", "").strip()
    if not q:
        raise refused(400, 62007)
    columns = sim.world.live.rows
    votes = [0.0] * len(catalog.CATEGORIES)
    words = re.findall(r"[\w/.-]+", q)
    for attempt in (q, *words):
        rows = find_rows(sim.world.live.index, attempt)
        if rows is None or not len(rows):
            continue
        for category in columns.category[rows].tolist():
            votes[category] += 100.0 / len(rows) * (10 if attempt == q else 1)
    best = sorted(
        (c for c in catalog.CATEGORIES if votes[c.index] >= 0.05 * max(votes) > 0),
        key=lambda c: -votes[c.index],
    )
    if not best:
        return Response(status_code=204)
    base = sim.base_of(request)
    suggestions = [_suggestion(category, base) for category in best[:MAX_SUGGESTIONS]]
    return json_response(
        {
            "categoryTreeId": TREE_ID,
            "categoryTreeVersion": TREE_VERSION,
            "categorySuggestions": suggestions,
        }
    )


def _suggestion(category: catalog.Category, base: str) -> dict[str, Any]:
    ancestors = [
        {
            "categoryId": ident,
            "categoryName": name,
            "categoryTreeNodeLevel": level,
            "categorySubtreeNodeHref": f"{base}/commerce/taxonomy/v1/category_tree/0/get_category_subtree?category_id={ident}",
        }
        for level, (ident, name) in enumerate(category.ancestors, 1)
    ]
    return {
        "category": {"categoryId": category.id, "categoryName": category.name},
        "categoryTreeNodeLevel": len(category.ancestors) + 1,
        "categoryTreeNodeAncestors": ancestors[::-1],
    }


async def item_aspects(request: Request) -> Response:
    """The item specifics of a leaf, with the values that the market knows."""
    sim = simulator_of(request)
    sim.enter(request, "taxonomy", SCOPE, METADATA_SCOPE)
    _check_tree(request)
    wanted = request.query_params.get("category_id")
    if not wanted:
        raise refused(400, 62006)
    category = catalog.CATEGORY_BY_ID.get(wanted)
    if category is None:
        known = any(wanted == ident for c in catalog.CATEGORIES for ident, _ in c.ancestors)
        raise refused(400, 62009 if known else 62005)
    models = [model for model in catalog.MODELS if model.category is category]
    values: dict[str, dict[str, None]] = {
        "Brand": dict.fromkeys(m.brand for m in models),
        "Model": dict.fromkeys(m.name for m in models),
    }
    for axis in (axis for model in models for axis in model.axes):
        labels = [choice.label for choice in catalog.AXES[axis] if choice.label]
        if labels:
            values.setdefault(aspect_name(axis), {}).update(dict.fromkeys(labels))
    return json_response({"aspects": [_aspect(name, list(said)) for name, said in values.items()]})


def _aspect(name: str, values: list[str]) -> dict[str, Any]:
    return {
        "localizedAspectName": name,
        "aspectConstraint": {
            "aspectRequired": name == "Brand",
            "aspectMode": "FREE_TEXT",
            "aspectDataType": "STRING",
            "itemToAspectCardinality": "SINGLE",
            "aspectUsage": "RECOMMENDED" if name in _REQUIRED else "OPTIONAL",
            "aspectEnabledForVariations": name not in _REQUIRED,
            "aspectMaxLength": 65,
        },
        "aspectValues": [{"localizedValue": value} for value in values],
    }


def _check_tree(request: Request) -> None:
    if request.path_params["tree_id"] != TREE_ID:
        raise refused(404, 62004)


_TREE = "/commerce/taxonomy/v1/category_tree/{tree_id}"
ROUTES = [
    Route("/commerce/taxonomy/v1/get_default_category_tree_id", default_tree_id),
    Route(f"{_TREE}/get_category_suggestions", category_suggestions),
    Route(f"{_TREE}/get_item_aspects_for_category", item_aspects),
]
