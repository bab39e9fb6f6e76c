"""`limit`, `offset` and the addresses of pages, as Browse and Marketplace Insights share them."""

from typing import NamedTuple
from urllib.parse import quote, urlencode

from starlette.requests import Request

from ebay_sim.errors import refused

MAX_LIMIT = 200
MAX_RESULTS = 10_000


class Page(NamedTuple):
    """Where a page starts, and how long it may be."""

    offset: int
    limit: int


class PageErrors(NamedTuple):
    """The error ids of one API."""

    limit_range: int
    limit_form: int
    offset_negative: int
    offset_form: int
    offset_multiple: int | None
    offset_beyond: int


BROWSE = PageErrors(12006, 12007, 12004, 12005, 12515, 12029)
INSIGHTS = PageErrors(100003, 100003, 100002, 100002, None, 100021)


def _integer(text: str) -> int | None:
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    return (
        sign * int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
    )


def read_page(request: Request, ids: PageErrors) -> Page:
    """EbayError 400 with the API's own id for what eBay refuses."""
    limit = _integer(request.query_params.get("limit", "50"))
    if limit is None:
        raise refused(400, ids.limit_form)
    if not 1 <= limit <= MAX_LIMIT:
        raise refused(400, ids.limit_range)
    offset = _integer(request.query_params.get("offset", "0"))
    if offset is None:
        raise refused(400, ids.offset_form)
    if offset < 0:
        raise refused(400, ids.offset_negative)
    if offset >= MAX_RESULTS:
        raise refused(400, ids.offset_beyond)
    if ids.offset_multiple is not None and offset % limit:
        raise refused(400, ids.offset_multiple)
    return Page(offset, limit)


def address(request: Request, base: str, page: Page) -> str:
    """The request's own address with this page."""
    query = [
        (name, value)
        for name, value in request.query_params.multi_items()
        if name not in ("limit", "offset")
    ]
    query += [("limit", str(page.limit)), ("offset", str(page.offset))]
    return f"{base}{request.url.path}?{urlencode(query, quote_via=quote)}"


def neighbours(request: Request, base: str, page: Page, total: int) -> dict[str, str]:
    """`href`, and `next` and `prev` where there are such pages."""
    found = {"href": address(request, base, page)}
    following = page._replace(offset=page.offset + page.limit)
    if following.offset < min(total, MAX_RESULTS):
        found["next"] = address(request, base, following)
    if page.offset > 0:
        found["prev"] = address(
            request, base, page._replace(offset=max(0, page.offset - page.limit))
        )
    return found
