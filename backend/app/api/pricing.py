"""POST /seller/pricing/suggest: what to ask for a thing, and why."""

from functools import lru_cache
from typing import Any

from app.api.deps import PortsDep, SessionDep
from app.api.idempotent import Router
from app.api.problems import declared
from app.api.schemas.pricing import PriceQuestion, PriceSuggestion
from app.core.cache import Cache
from app.core.clock import utc_now
from app.core.settings import get_settings
from app.domain.explain import judged_comps, point_parts
from app.domain.pricing import Outcome
from app.domain.pricing_words import speed_words
from app.domain.valuation import FORMULA_VERSION
from app.ports import Storage
from app.services.markets import Markets
from app.services.pricing import Pricer, Question

router = Router(tags=["pricing"])


@lru_cache
def process_pricer(storage: Storage) -> Pricer:
    """This process's pricer; it holds the markets that were asked for."""
    settings = get_settings()
    permitted = bool(settings.ebay_content_pricing_permitted)
    return Pricer(
        markets=Markets(permitted=permitted, storage=storage),
        cache=Cache.from_settings(settings),
        permitted=permitted,
        marketplace=settings.ebay_marketplace_id,
    )


@router.post(
    "/seller/pricing/suggest",
    operation_id="suggest_price",
    name="suggest_price",
    response_model=PriceSuggestion,
    responses=declared(413, 422, 503),
)
def suggest_price(body: PriceQuestion, session: SessionDep, ports: PortsDep) -> PriceSuggestion:
    """A price for a goal: what the thing is worth, how fast it sells at which price, what is left after fees.

    Prices are totals that a buyer pays, shipping included. Where the evidence is too thin the answer
    is still 200: `no_estimate` says why and what would help, and there are no numbers.
    """
    question = Question(
        title=body.title,
        condition=body.condition,
        goal=body.goal,
        category_id=body.category,
        attributes=body.attributes,
        cost_cents=body.cost,
    )
    found = process_pricer(ports.storage).suggest(session, question, now=utc_now())
    worth, fees = found.worth, found.fee_schedule
    has_estimate = worth.point_cents is not None
    return PriceSuggestion.model_validate(
        {
            "currency": found.currency,
            "category": found.category_id,
            "category_name": found.category_name,
            "category_guessed": found.category_guessed,
            "condition": body.condition,
            "goal": body.goal,
            "formula_version": FORMULA_VERSION,
            "model_version": worth.model_version,
            "confidence": worth.confidence,
            "estimate": {
                "low_cents": worth.low_cents,
                "point_cents": worth.point_cents,
                "high_cents": worth.high_cents,
                "parts": point_parts(worth),
            }
            if has_estimate
            else None,
            "no_estimate": found.no_estimate
            and {
                "code": found.no_estimate.code,
                "explanation": found.no_estimate.explanation,
                "would_help": found.no_estimate.would_help,
                "candidates": [
                    {"category": category, "name": name, "share": share}
                    for category, name, share in found.no_estimate.candidates
                ],
            },
            "suggested": found.suggested
            and {
                **_point(found.suggested.outcome),
                "fees_cents": found.suggested.fees_cents,
                "lines": [
                    {
                        "label": line.label,
                        "amount_cents": line.amount_cents,
                        "detail": line.detail,
                    }
                    for line in found.suggested.lines
                ],
                "reason": found.suggested.reason,
            },
            "curve": [_point(outcome) for outcome in found.curve],
            "speed": {
                "basis": found.speed.basis,
                "sold": found.speed.sold,
                "censored": found.speed.censored,
                "weight": round(found.speed.weight, 2),
                "explanation": speed_words(found.speed),
            },
            "comps": judged_comps(worth),
            "distribution": worth.histogram(),
            "fee_schedule": fees
            and {
                "name": fees.name,
                "version": fees.version,
                "source": fees.source,
                "read_on": fees.read_on,
            },
        }
    )


def _point(outcome: Outcome) -> dict[str, Any]:
    chances = outcome.sold_by or (None, None, None, None)
    return {
        "price_cents": outcome.price_cents,
        "net_cents": outcome.net_cents,
        "median_days": outcome.median_days,
        "p_sold_7d": chances[0],
        "p_sold_14d": chances[1],
        "p_sold_30d": chances[2],
    }
