"""GET /buyer/deals, one deal with its evidence, and the old /listings.

The list reads its query by hand and answers bytes made by the database: it is the hot path. Its
parameters and its answer are declared all the same, and tests hold it to both.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote_plus
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from app.api.deps import SessionDep
from app.api.hand_read import HandRead
from app.api.problems import declared, invalid_input
from app.api.schemas.deals import (
    DEAL_EXAMPLE,
    DealEvidence,
    DealList,
)
from app.api.schemas.deals_query import DealsQuery
from app.api.schemas.query import query_parameters
from app.core.clock import utc_now
from app.db.read import read_connection
from app.errors import InvalidInput
from app.services import deals

router = APIRouter(tags=["deals"])


class JsonPage(Response):
    """A reply whose headers are known: nothing is looked for or encoded."""

    def __init__(self, body: bytes, etag: bytes) -> None:
        self.status_code = 200
        self.background = None
        self.body = body
        self.raw_headers = [
            (b"content-length", b"%d" % len(body)),
            (b"content-type", b"application/json"),
            (b"etag", etag),
        ]


by_hand = APIRouter(route_class=HandRead)

DEPRECATED_AT: Final = datetime(2026, 11, 23, tzinfo=UTC)
"""Since when /listings should not be used any more (RFC 9745)."""
_DEPRECATION: Final = {
    "Deprecation": f"@{int(DEPRECATED_AT.timestamp())}",
    "Link": '</buyer/deals>; rel="successor-version"',
}
_MAX_QUERY_BYTES: Final = 8_000
_MAX_PARAMETERS: Final = 50
_PARAMETERS: Final = DealsQuery.model_fields.keys()
_LIST: Final[dict[str, Any]] = {
    "response_model": DealList,
    "responses": {
        200: {
            "content": {
                "application/json": {
                    "example": {"items": [DEAL_EXAMPLE], "next": "AQG3…", "total": 1001}
                }
            }
        },
        304: {"description": "Not changed since the ETag in If-None-Match."},
        **declared(422, 503),
    },
    "openapi_extra": {"parameters": query_parameters(DealsQuery)},
}


def _asked(request: Request) -> DealsQuery:
    """The query, strictly: known parameters, each once, each valid."""
    raw: bytes = request.scope["query_string"]
    if not raw:
        return DealsQuery()
    if len(raw) > _MAX_QUERY_BYTES:
        raise InvalidInput(
            "The query is too long.",
            errors=[
                {"loc": ["query"], "msg": f"At most {_MAX_QUERY_BYTES} bytes", "type": "too_long"}
            ],
        )
    try:
        pairs = _pairs(raw.decode("ascii"))
    except ValueError as error:
        raise InvalidInput(
            "The query cannot be read.",
            errors=[{"loc": ["query"], "msg": "Not a valid query string", "type": "bad_query"}],
        ) from error
    values = dict(pairs)
    names = [name for name, _ in pairs]
    faults = [
        _fault(name, "Unknown query parameter", "unknown_parameter")
        for name in values.keys() - _PARAMETERS
    ]
    if len(values) < len(names):
        repeated = (name for name in values if names.count(name) > 1)
        faults += [_fault(name, "Given more than once", "repeated_parameter") for name in repeated]
    if faults:
        raise InvalidInput(
            "The query has parameters that this operation does not take.", errors=faults
        )
    try:
        return DealsQuery.model_validate(values)
    except ValidationError as error:
        wrong = [{**fault, "loc": ("query", *fault["loc"])} for fault in error.errors()]
        raise invalid_input(wrong) from error


def _pairs(query: str) -> list[tuple[str, str]]:
    """Names and values, decoded; a quarter of what urllib's parse_qsl costs. Raises ValueError."""
    parts = query.split("&")
    if len(parts) > _MAX_PARAMETERS:
        raise ValueError("too many parameters")
    found = []
    for part in filter(None, parts):
        name, _, value = part.partition("=")
        if "%" in part or "+" in part:
            name, value = unquote_plus(name, errors="strict"), unquote_plus(value, errors="strict")
        found.append((name, value))
    return found


def _fault(name: str, msg: str, kind: str) -> dict[str, Any]:
    return {"loc": ["query", name[:100]], "msg": msg, "type": kind}


async def _page(request: Request) -> Response:
    query = _asked(request)
    async with read_connection() as connection:
        page = await deals.read_page(
            connection,
            query.filters(),
            sort=query.sort,
            after=query.cursor,
            limit=query.limit,
            now=utc_now(),
        )
    # SHA-256 because processors have it built in: half the cost of BLAKE2.
    etag = b'W/"%b"' % hashlib.sha256(page.body).hexdigest()[:24].encode()
    if (b"if-none-match", etag) in request.scope["headers"]:
        return Response(status_code=304, headers={"ETag": etag.decode()})
    return JsonPage(page.body, etag)


@by_hand.get("/buyer/deals", operation_id="list_deals", name="list_deals", **_LIST)
async def list_deals(request: Request) -> Response:
    """Live listings with what they are worth, in the order asked for.

    Without filters these are all valued listings, dear ones too. Listings without a score come last
    in every order. A page may be shorter than `limit`; the list ends where `next` is null.
    """
    return await _page(request)


@by_hand.get(
    "/listings", operation_id="list_listings", name="list_listings", deprecated=True, **_LIST
)
async def list_listings(request: Request) -> Response:
    """The same as /buyer/deals, which should be used instead."""
    response = await _page(request)
    response.headers.update(_DEPRECATION)
    return response


router.include_router(by_hand)


@router.get(
    "/buyer/deals/{deal_id}",
    operation_id="get_deal",
    name="get_deal",
    response_model=DealEvidence,
    responses=declared(404, 422, 503),
)
def get_deal(deal_id: UUID, session: SessionDep) -> DealEvidence:
    """One deal with how its score adds up, the comparables behind its value, and its price history."""
    found = deals.get_deal(session, deal_id, now=utc_now())
    deal, listing, evidence = found.deal, found.listing, found.evidence
    shipping = deal.shipping_cents
    return DealEvidence.model_validate(
        {
            **{name: getattr(deal, name) for name in _DEAL_COLUMNS},
            "id": deal.listing_id,
            "marketplace": deal.source,
            "category": deal.category_id,
            "category_name": found.category_name,
            "total_cost_cents": None if shipping is None else deal.price_cents + shipping,
            "bid_limit_total_cents": (
                None
                if deal.bid_limit_cents is None or shipping is None
                else deal.bid_limit_cents + shipping
            ),
            "seen_at": found.seen_at,
            "no_score_explanation": found.no_score_explanation,
            "verdict": evidence["verdict"],
            "seller": {
                "feedback_percent": listing.seller_feedback_percent,
                "feedback_score": listing.seller_feedback_score,
            },
            "location": ", ".join(filter(None, (listing.city, listing.region, listing.country)))
            or None,
            "score_parts": evidence["score_parts"],
            # older evidence neither counts kinds nor keeps parts
            "estimate": {"kinds": {}, "parts": None, **evidence["estimate"]},
            "comps": evidence["comps"],
            # evidence of before rules had weights is shown until the listing is valued again
            "risk_level": evidence.get("risk_level", "none"),
            "risk_flags": [{"weight": 0, **flag} for flag in evidence["risk_flags"]],
            "flip": evidence.get("flip"),
            "price_history": [
                {
                    "observed_at": price.observed_at,
                    "price_cents": price.price_cents,
                    "shipping_cents": price.shipping_cents,
                }
                for price in found.prices
            ],
            "method": {
                "formula_version": deal.formula_version,
                "model_version": found.evidence["estimate"].get("model_version"),
                "valued_at": found.valued_at,
                "comps_refreshed_at": found.comps_refreshed_at,
                "source_policy": found.source_policy,
            },
        }
    )


_DEAL_COLUMNS: Final = (
    "external_id",
    "title",
    "url",
    "image_url",
    "condition",
    "price_cents",
    "shipping_cents",
    "currency",
    "fair_value_cents",
    "interval_low_cents",
    "interval_high_cents",
    "discount",
    "profit_cents",
    "roi",
    "score",
    "no_score_reason",
    "risk_code",
    "confidence",
    "evidence_count",
    "evidence_age_days",
    "distribution",
    "formula_version",
    "buying_option",
    "bid_count",
    "bid_limit_cents",
    "ends_at",
    "listed_at",
    "simulated",
)
