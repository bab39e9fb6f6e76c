"""`/sim`: the truth, the clock, faults, limits, the ledger, and hands on the market. For tests and demos, never for the product."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from typing import Any, NoReturn

import numpy as np
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ebay_sim import ids
from ebay_sim.errors import EbayError
from ebay_sim.faults import FaultRule, UnknownFault
from ebay_sim.ledger import KEPT
from ebay_sim.simulator import Simulator, json_response, simulator_of
from ebay_sim.world import catalog
from ebay_sim.world.clock import parse_stamp, stamp
from ebay_sim.world.economy import HOUR, MAX_LIFE_S, Kind, Listings, Shipping
from ebay_sim.world.search_index import words_of_query
from ebay_sim.world.titles import titles


def _refuse(reason: str, status: int = 400) -> NoReturn:
    raise EbayError(status, {"error": reason})


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body() or b"{}")
    except orjson.JSONDecodeError as error:
        _refuse(f"the body is not JSON: {error}")
    if not isinstance(body, dict):
        _refuse("the body must be a JSON object")
    return body


async def health(request: Request) -> Response:
    """200 as soon as the market stands."""
    sim = simulator_of(request)
    return json_response(
        {
            "status": "ok",
            "seed": sim.options.seed,
            "listings": sim.options.listings,
            "now": stamp(sim.clock.now()),
        }
    )


async def stats(request: Request) -> Response:
    """How big the market is now."""
    sim = simulator_of(request)
    sim.world.refresh()
    live = sim.world.live.rows.take(sim.world.on_market())
    per_category = np.bincount(live.category, minlength=len(catalog.CATEGORIES)).tolist()
    return json_response(
        {
            "now": stamp(sim.world.now),
            "live": len(live),
            "sales_on_record": int(sim.world.on_record().sum()),
            "arrivals_per_s": sim.world.economy.arrivals_per_s,
            "models": len(catalog.MODELS),
            "variants": len(catalog.VARIANTS),
            "categories": [
                {"id": c.id, "name": c.name, "live": n}
                for c, n in zip(catalog.CATEGORIES, per_category, strict=True)
            ],
        }
    )


async def truth(request: Request) -> Response:
    """`ids` comma separated or repeated. Ids that were never given out are left out of the answer."""
    sim = simulator_of(request)
    wanted = [
        item for part in request.query_params.getlist("ids") for item in part.split(",") if item
    ]
    if not wanted:
        _refuse("ids is required")
    sim.world.refresh()
    known = []
    for item in wanted:
        serial = ids.find_serial_of_item(item)
        found = None if serial is None else sim.world.truth(serial)
        if found is not None:
            known.append(
                {
                    "id": item,
                    "true_value_cents": found.value_cents,
                    "true_condition": found.condition,
                    "kind": found.kind,
                }
            )
    return json_response(known)


async def clock(request: Request) -> Response:
    """Reads or moves the market's time: {"advance_s"} or {"now"}, and {"speed"}."""
    sim = simulator_of(request)
    if request.method == "POST":
        body = await _json(request)
        try:
            now = parse_stamp(body["now"]) if "now" in body else None
            speed = float(body["speed"]) if "speed" in body else None
            advance_s = float(body.get("advance_s", 0))
        except (TypeError, ValueError) as error:
            _refuse(f"now is an ISO time, advance_s and speed are numbers: {error}")
        if speed is not None and speed < 0:
            _refuse("time does not run backwards")
        sim.clock.set(now=now, advance_s=advance_s, speed=speed)
        sim.world.refresh()
        sim.save_state()
    return json_response(
        {"now": stamp(sim.clock.now()), "speed": sim.clock.speed, "offset_s": sim.clock.offset}
    )


async def faults(request: Request) -> Response:
    """Lists, adds (a FaultRule as JSON) or clears scripted failures."""
    sim = simulator_of(request)
    if request.method == "DELETE":
        sim.faults.rules.clear()
    elif request.method == "POST":
        body = await _json(request)
        try:
            sim.faults.rules.append(FaultRule(**body | {"kind": str(body.get("kind"))}))
        except (TypeError, UnknownFault) as error:
            _refuse(str(error))
    return json_response({"faults": [asdict(rule) for rule in sim.faults.rules]})


async def limits(request: Request) -> Response:
    """{"browse": 100, …} sets calls a day; {"clear": true} forgets what was spent."""
    sim = simulator_of(request)
    if request.method == "POST":
        body = await _json(request)
        if body.pop("clear", False):
            sim.quota.clear()
        if not all(
            name in sim.quota.limits and isinstance(value, int) for name, value in body.items()
        ):
            _refuse(f"limits are whole numbers for {', '.join(sim.quota.limits)}")
        sim.quota.limits |= body
    return json_response(
        {"limits": sim.quota.limits, "rateLimits": sim.quota.rates(context=None, name=None)}
    )


async def ledger(request: Request) -> Response:
    """Every effect received; `since` a number, `route` a short name, `limit`. DELETE forgets them."""
    sim = simulator_of(request)
    if request.method == "DELETE":
        sim.ledger.clear()
    params = request.query_params
    since, limit = params.get("since", "0"), params.get("limit", str(KEPT))
    if not (since.isdigit() and limit.isdigit()):
        _refuse("since and limit are whole numbers")
    return json_response(
        sim.ledger.as_json(since=int(since), route=params.get("route"), limit=int(limit))
    )


async def expire_tokens(request: Request) -> Response:
    """Every token given out so far is refused from now on."""
    simulator_of(request).tokens.expire_all()
    return Response(status_code=204)


# -- hands on the market ----------------------------------------------------------------------------------------------


def _find_variant(category: catalog.Category | None, model: str) -> int:
    """The first variant of the model that has all these words; 400 when there is none."""
    wanted = set(words_of_query(model))
    for candidate in catalog.MODELS:
        if (category is None or candidate.category is category) and wanted <= set(
            words_of_query(candidate.full_name)
        ):
            return int(np.flatnonzero(candidate.index == catalog.VARIANT_MODEL)[0])
    _refuse(f"no model is called {model!r}")


def _planted(sim: Simulator, body: dict[str, Any]) -> tuple[Listings, str]:
    """A listing as the body describes it; what it leaves open is an ordinary, fairly priced, used item."""
    category = catalog.CATEGORY_BY_ID.get(str(body["category"])) if "category" in body else None
    if "category" in body and category is None:
        _refuse("category must be one of the simulator's leaf category ids")
    default = next(m for m in catalog.MODELS if category is None or m.category is category)
    variant = _find_variant(category, str(body.get("model", default.full_name)))
    model = catalog.MODELS[catalog.VARIANT_MODEL[variant]]
    words = {
        catalog.condition_of(model.category, i).word: i
        for i in range(len(model.category.conditions))
    }
    words["for_parts"] = catalog.FOR_PARTS_INDEX
    usual = "used" if "used" in words else "good"
    condition = words.get(str(body.get("condition", usual)))
    if condition is None:
        _refuse(f"condition must be one of {', '.join(words)}")
    kind = str(body.get("kind", "normal")).upper()
    if kind not in Kind.__members__:
        _refuse(f"kind must be one of {', '.join(k.name.lower() for k in Kind)}")
    now = sim.world.now
    worth = (
        model.value_cents
        * catalog.VARIANTS[variant].ratio
        * float(catalog.CONDITION_RATIO[model.category.index, condition])
    )
    drift = float(sim.world.economy.drift(np.array([model.index]), now)[0])
    price = body.get("price_cents", round(worth * drift))
    shipping = body.get("shipping_cents", 0)
    if not (isinstance(price, int) and price > 0 and isinstance(shipping, int) and shipping >= 0):
        _refuse("price_cents and shipping_cents are whole numbers of cents")
    template = sim.world.economy.draw(np.array([1]))
    column = {
        "listed": now, "origin": now, "ends": now + float(body.get("life_s", MAX_LIFE_S - HOUR)), "kind": int(Kind[kind]),
        "variant": variant, "category": model.category.index, "condition": condition, "grade": 2, "seller": int(body.get("seller", 11)),
        "extra": 2, "worth": worth, "ask": float(price), "shipping": int(Shipping.FIXED if shipping else Shipping.FREE),
        "shipping_cents": float(shipping), "cut_at": np.inf, "cut_to": 1.0, "cut2_at": np.inf, "cut2_to": 1.0, "auction": False,
        "best_offer": False, "sold": False, "sold_cents": 0.0, "bits": 0b111000 | 1 << 50,
    }  # fmt: skip
    changed = {
        name: np.array([value], dtype=getattr(template, name).dtype)
        for name, value in column.items()
    }
    rows = replace(template, **changed)
    return rows, str(body.get("title") or titles(rows)[0])[:80]


async def list_item(request: Request) -> Response:
    """Puts an item up now: {title?, model?, category?, condition?, price_cents?, shipping_cents?, kind?, seller?, life_s?}."""
    sim = simulator_of(request)
    sim.world.refresh()
    rows, title = _planted(sim, await _json(request))
    serial = sim.world.plant(rows, title)
    return json_response(
        {"id": ids.item_id(serial), "legacy_id": str(ids.legacy_id(serial)), "title": title}, 201
    )


def _changing(
    change: Callable[[Simulator, int, dict[str, Any]], bool],
) -> Callable[[Request], Awaitable[Response]]:
    async def route(request: Request) -> Response:
        sim = simulator_of(request)
        sim.world.refresh()
        serial = ids.find_serial_of_item(request.path_params["item_id"])
        if serial is None or not change(sim, serial, await _json(request)):
            _refuse("this item is not on the market", 404)
        return json_response({"id": request.path_params["item_id"]})

    return route


def _set_price(sim: Simulator, serial: int, body: dict[str, Any]) -> bool:
    cents = body.get("price_cents")
    if not isinstance(cents, int) or cents < 99:
        _refuse("price_cents is a whole number of cents, at least 99")
    return sim.world.change_price(serial, cents)


ROUTES = [
    Route("/sim/health", health),
    Route("/sim/stats", stats),
    Route("/sim/truth", truth),
    Route("/sim/clock", clock, methods=["GET", "POST"]),
    Route("/sim/faults", faults, methods=["GET", "POST", "DELETE"]),
    Route("/sim/limits", limits, methods=["GET", "POST"]),
    Route("/sim/ledger", ledger, methods=["GET", "DELETE"]),
    Route("/sim/tokens/expire", expire_tokens, methods=["POST"]),
    Route("/sim/list", list_item, methods=["POST"]),
    Route("/sim/items/{item_id}/price", _changing(_set_price), methods=["POST"]),
    Route(
        "/sim/items/{item_id}/end",
        _changing(lambda sim, serial, _: sim.world.end(serial)),
        methods=["POST"],
    ),
    Route(
        "/sim/items/{item_id}/sell",
        _changing(lambda sim, serial, _: sim.world.sell(serial)),
        methods=["POST"],
    ),
]
