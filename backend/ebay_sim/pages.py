"""What a browser opens here: pictures, and a page for each listing that says what it is."""

import re
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from ebay_sim import ids, photos
from ebay_sim.api.item_json import description
from ebay_sim.search import unstated
from ebay_sim.simulator import simulator_of
from ebay_sim.tricks import photo_of
from ebay_sim.world import catalog
from ebay_sim.world.clock import stamp
from ebay_sim.world.economy import Shipping

_IMAGE = re.compile(r"(\d{12})(-b)?")
_CACHE = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#f5f6f8, #16181c); color: light-dark(#1d2026, #e8eaee); }
header { padding: .75rem 1.5rem; background: #7a4b00; color: #fff; font-size: .95rem; }
main { max-width: 58rem; margin: 2rem auto; padding: 0 1.25rem; display: grid; gap: 2rem; grid-template-columns: repeat(auto-fit, minmax(18rem, 1fr)); }
img { width: 100%; border-radius: 14px; display: block; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .75rem; }
.price { font-size: 1.9rem; font-weight: 700; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1.25rem; } dt { opacity: .7; } dd { margin: 0; }
.state { display: inline-block; padding: .1rem .7rem; border-radius: 99px; background: light-dark(#dde6dc, #2d4030); font-weight: 600; font-size: .9rem; }
"""


async def image(request: Request) -> Response:
    """`/sim/images/<legacy id>[-b].svg`, the same for ever."""
    sim = simulator_of(request)
    match = _IMAGE.fullmatch(request.path_params["name"])
    serial = ids.find_serial(int(match.group(1))) if match else None
    found = None if serial is None else sim.world.find(serial)
    if match is None or found is None:
        return Response(status_code=404)
    rows, _ = found
    subject = photos.subject_of(
        int(rows.variant[0]), int(rows.kind[0]), int(rows.extra[0]), int(rows.item[0])
    )
    return Response(
        photos.draw(subject, view=1 if match.group(2) else 0),
        headers=_CACHE,
        media_type="image/svg+xml",
    )


def _money(cents: float) -> str:
    return f"${cents / 100:,.2f}"


async def item_page(request: Request) -> Response:
    """The listing for people: what it is, what it costs, and that it is simulated."""
    sim = simulator_of(request)
    sim.world.refresh()
    legacy = request.path_params["legacy"]
    serial = ids.find_serial(legacy)
    found = None if serial is None else sim.world.find(serial)
    if found is None:
        return HTMLResponse("<h1>No such listing</h1>", 404)
    rows, title = found
    ended = rows.ends[0] <= sim.world.now
    state = (
        ("Sold" if rows.sold[0] else "Ended")
        if ended
        else ("Auction" if rows.auction[0] else "Buy it now")
    )
    price = (
        float(rows.sold_cents[0]) if ended and rows.sold[0] else float(sim.world.prices(rows)[0])
    )
    category = catalog.CATEGORIES[int(rows.category[0])]
    condition = catalog.condition_of(category, int(rows.condition[0]))
    shipping = float(rows.shipping_cents[0])
    ways = {
        Shipping.FREE: "Free",
        Shipping.FIXED: _money(shipping),
        Shipping.CALCULATED: "Calculated for your address",
    }
    seller = sim.world.economy.sellers.get(int(rows.seller[0]))
    facts = {
        "Condition": "not stated" if unstated(rows.bits)[0] else condition.text,
        "Shipping": ways[Shipping(int(rows.shipping[0]))],
        "Category": " › ".join(name for _, name in category.path),
        "Seller": f"{seller.username} ({seller.feedback_score}, {seller.feedback_percentage} %)",
        "Located in": f"{seller.city}, {seller.state}",
        "Listed": stamp(float(rows.listed[0])),
        "Item number": str(legacy),
    }
    details = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items()
    )
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<header>Simulated marketplace: nothing here is for sale.</header>"
        f'<main><div><img src="/sim/images/{photo_of(sim.world, rows, 0)}.svg" alt="{escape(title)}" width="400" height="400"></div>'
        f'<div><h1>{escape(title)}</h1><p><span class="state">{state}</span></p><p class="price">{_money(price)}</p>'
        f"<dl>{details}</dl><p>{escape(description(rows, 0, title))}</p></div></main></body></html>"
    )


ROUTES = [Route("/sim/images/{name}.svg", image), Route("/itm/{legacy:int}", item_page)]
