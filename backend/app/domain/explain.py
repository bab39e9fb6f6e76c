"""Every word the product says about a value or a score, and the evidence in the shape that pages read."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from app.domain import risk
from app.domain.auctions import state_of_bidding
from app.domain.money import format_cents
from app.domain.scoring import MARGIN, Offer, Part, Score
from app.domain.valuation import Estimate, JudgedComp

__all__ = [
    "COMP_REASONS",
    "ESTIMATE_REASONS",
    "PART_LABELS",
    "SCORE_REASONS",
    "evidence",
    "judged_comps",
    "point_parts",
    "running_auction",
]

PART_LABELS = {
    "discount": "Under fair value",
    "certainty": "Chance that it really is a deal",
    "liquidity": "How readily it sells",
    "condition": "Condition",
    "seller": "Seller",
    "freshness": "Freshly listed",
}

COMP_REASONS = {
    "lot": "Several things sold together",
    "accessory": "An accessory, not the thing itself",
    "for_parts": "Sold for parts or not working",
    "other_variant": "Another model or variant",
    "other_currency": "Sold in another currency",
    "too_dissimilar": "Not similar enough",
    "outlier": "Price far from all the others",
    "too_old": "Sold too long ago",
}

SCORE_REASONS = {
    "no_estimate": "There is no estimate to score against.",
    "not_permitted": "Sales on this marketplace may not be used for estimates without its permission.",
    "lot": "This looks like several things sold together, so single sales say nothing about it.",
    "accessory": "This looks like an accessory, not the thing itself.",
    "for_parts": "This is sold for parts or as not working, so working ones say nothing about it.",
    "far_below_interval": "The price is so far under what these sell for that something is probably wrong:"
    " a mistake, a missing part or a fraud.",
    "too_risky": "Too many signs speak against this offer to call it a deal; they are listed under risk.",
    "low_confidence": "The evidence is too thin for a verdict: too few sales, too unlike, too old or too far apart.",
    "shipping_unknown": "The seller does not say what shipping costs, so the total cost is unknown.",
    "running_auction": "Many bid in the last minutes only, so the current bid says little of what it will cost.",
}

RISK_TEXTS = {
    "lot": "Looks like a lot: several things sold together.",
    "accessory": "Looks like an accessory for the thing, not the thing itself.",
    "for_parts": "Offered for parts or as not working.",
    "far_below_interval": "Far cheaper than similar things ever sold for.",
    "unproven_seller": "The seller has little or poor feedback, and the price is unusually low.",
    "new_seller_high_value": "A seller with next to no past offers something valuable.",
    "off_platform_payment": "Asks for a payment that the marketplace does not protect.",
    "outside_contact": "Leads to a contact outside the marketplace.",
    "photo_reused": "The same photo is used by another seller.",
    "text_copied": "The same words are used for an offer from another place.",
    "fake_discount": "The price was raised and then cut to about what it was before: no real discount.",
    "auction": "An auction: the current bid is not the final price.",
}

ESTIMATE_REASONS = {
    "too_few": "Too few similar sales are known to say what this is worth.",
    "too_spread": "Similar things sold at such different prices that an estimate would be a guess.",
    "no_model_yet": "A model of this category is being fitted; a value comes within minutes.",
    "not_permitted": "Sales on this marketplace may not be used for estimates without its permission,"
    " and there are no comparable sales from other sources.",
    "lot": "A lot is not valued: the comparable sales are of single things.",
    "accessory": "An accessory is not valued against sales of the thing it is for.",
    "for_parts": "A thing sold for parts is not valued against sales of working ones.",
}


def evidence(
    offer: Offer,
    currency: str,
    worth: Estimate,
    score: Score,
    *,
    kinds: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """All that the deal page shows about value, ready to be stored; the same input gives the same bytes.

    `kinds`: how many comparables of each kind are known for the category; only one kind is used.
    """
    return {
        "verdict": _verdict(offer, currency, worth, score),
        "no_score_explanation": None if score.reason is None else _no_score(worth, score.reason),
        "score_parts": [_part(part, offer, score) for part in score.parts],
        "estimate": {
            "point_cents": worth.point_cents,
            "low_cents": worth.low_cents,
            "high_cents": worth.high_cents,
            "effective_n": worth.effective_n,
            "used": worth.used,
            "rejected": worth.rejected,
            "best_similarity": worth.best_similarity,
            "median_age_days": worth.median_age_days,
            "reason": worth.reason,
            "explanation": _explanation(worth, currency),
            "kinds": dict(kinds or {}),
            "model_version": worth.model_version,
            "parts": point_parts(worth),
        },
        "distribution": worth.histogram(),
        "comps": judged_comps(worth),
        "risk_flags": [
            {
                "code": flag.code,
                "text": RISK_TEXTS[flag.code],
                "quote": flag.quote,
                "weight": flag.weight,
            }
            for flag in score.risks
        ],
        "risk_level": risk.level_of(score.risks),
    }


def _verdict(offer: Offer, currency: str, worth: Estimate, score: Score) -> str:
    """One sentence: what it is worth, what it costs, and how far apart these are."""
    cost = offer.cost_cents
    is_bid = offer.buying_option == "auction"
    amount = format_cents(offer.price_cents if cost is None else cost, currency)
    shipping = (
        ", shipping unknown"
        if cost is None
        else " with shipping"
        if offer.shipping_cents
        else " with free shipping"
    )
    costs = f"{'the current bid is' if is_bid else 'costs'} {amount}{shipping}"
    if worth.point_cents is None:
        return f"No estimate; {costs}."
    likely = f"Likely {_rounded(worth.point_cents, currency)}; {costs}"
    if score.bid_limit_cents is not None and score.total is None:
        return f"{likely} and can rise. {_worth_bidding(offer, score.bid_limit_cents, currency)}"
    if score.discount is None:
        return f"{likely}."
    percent = round(abs(score.discount) * 100)
    if percent == 0:
        return f"{likely}; about what it is worth."
    sentence = f"{likely}; {percent} % {'under' if score.discount > 0 else 'over'}."
    if score.reason == "far_below_interval":
        return f"{sentence} Too cheap to be believed without a check."
    if score.bid_limit_cents is not None:
        return f"{sentence} {_worth_bidding(offer, score.bid_limit_cents, currency)}"
    return sentence


def _worth_bidding(offer: Offer, limit_cents: int, currency: str) -> str:
    """Where to stop, and what that is in all."""
    if limit_cents < offer.price_cents:
        return f"Past what it is worth bidding: {_in_all(offer, limit_cents, currency)}."
    return f"Worth bidding up to {_in_all(offer, limit_cents, currency)}."


def _in_all(offer: Offer, limit_cents: int, currency: str) -> str:
    limit = format_cents(limit_cents, currency)
    if not offer.shipping_cents:
        return limit
    return f"{limit}, {format_cents(limit_cents + offer.shipping_cents, currency)} with shipping"


def running_auction(ends_at: datetime | None, bids: int | None, *, now: datetime) -> str:
    """Why an auction has no score yet, as of `now`."""
    state = state_of_bidding(ends_at, bids, now=now)
    return f"Bids can still rise{f': {state}' if state else ''}. {SCORE_REASONS['running_auction']}"


def _no_score(worth: Estimate, reason: str) -> str:
    if reason in ("no_estimate", "not_permitted") and worth.reason is not None:
        return ESTIMATE_REASONS[worth.reason]
    return SCORE_REASONS[reason]


def _explanation(worth: Estimate, currency: str) -> str:
    if worth.reason is not None:
        return ESTIMATE_REASONS[worth.reason]
    if worth.low_cents is None or worth.high_cents is None:
        return ""
    low, high = _rounded(worth.low_cents, currency), _rounded(worth.high_cents, currency)
    if any(judged.comp.kind == "asking" for judged in worth.comps):
        return (
            f"{worth.used} asking prices of similar things, not sales, adjusted to this condition, wording and day;"
            f" 8 in 10 such things are expected between {low} and {high}, as past errors here tell. What is"
            " paid is usually less, so confidence is kept low."
        )
    return (
        f"{worth.used} similar sales, adjusted to this condition, wording and day; the most alike, newest and least"
        f" adjusted count most. 8 in 10 such things are expected between {low} and {high}, as past errors"
        f" here tell. {worth.rejected} more were left out."
    )


def point_parts(worth: Estimate) -> dict[str, Any] | None:
    """What the point is made of, so that it can be worked out again; None without an estimate.

    `blend_cents` and `correction_cents` are rounded for reading: the point is rounded once, at the end.
    """
    parts = worth.parts
    if parts is None:
        return None
    blend_cents = round(parts.blend)
    return {
        "comps_cents": parts.comps_cents,
        "comps_weight": round(1.0 - parts.title_weight, 6),
        "title_cents": parts.title_cents,
        "title_weight": parts.title_weight,
        "blend_cents": blend_cents,
        "correction": parts.correction,
        "correction_cents": parts.point_cents - blend_cents,
        "point_cents": parts.point_cents,
    }


def _rounded(cents: int, currency: str) -> str:
    """An estimated amount: whole units from ten up, for cents would pretend to know."""
    return format_cents(cents if cents < 1000 else (cents + 50) // 100 * 100, currency)


def _part(part: Part, offer: Offer, score: Score) -> dict[str, Any]:
    return {
        "name": part.name,
        "label": PART_LABELS[part.name],
        "points": float(part.points),
        "max_points": float(part.max_points),
        "detail": _part_detail(part, offer, score),
    }


def _part_detail(part: Part, offer: Offer, score: Score) -> str:
    measure = part.measure or 0.0
    if part.name == "discount":
        return f"{round(abs(measure) * 100)} % {'under' if measure >= 0 else 'over'} fair value"
    if part.name == "certainty":
        return f"{round(measure * 100)} % chance to be worth {round(MARGIN * 100)} % more than it costs"
    if part.name == "liquidity":
        sales = round(measure)
        return f"{sales or 'no'} similar sale{'' if sales == 1 else 's'} in the last 30 days"
    if part.name == "condition":
        return offer.condition.replace("_", " ")
    if part.name == "seller":
        if offer.seller_feedback_percent is None:
            return "no feedback known"
        return (
            f"{offer.seller_feedback_percent:g} % positive of {offer.seller_feedback_score or 0:,}"
        )
    days = round(measure)
    return "listed today" if days == 0 else f"listed {days} day{'s' if days > 1 else ''} ago"


def judged_comps(worth: Estimate) -> list[Mapping[str, Any]]:
    """The comparables that were used and rejected, each with the part it played."""
    return [_comp(judged) for judged in worth.comps]


def _comp(judged: JudgedComp) -> Mapping[str, Any]:
    comp = judged.comp
    text = None if judged.reason is None else COMP_REASONS[judged.reason]
    if text is not None and judged.quote:
        text = f"{text}: “{judged.quote}”"
    return {
        "id": str(comp.id),
        "kind": comp.kind,
        "title": comp.title,
        "price_cents": comp.price_cents,
        "shipping_cents": comp.shipping_cents,
        "total_cents": comp.total_cents,
        "adjusted_cents": judged.adjusted_cents,
        "currency": comp.currency,
        "condition": comp.condition,
        "sold_at": _timestamp(comp.sold_at) if comp.dated else None,
        "similarity": judged.similarity,
        "weight": judged.weight,
        "accepted": judged.accepted,
        "reason": judged.reason,
        "reason_text": text,
    }


def _timestamp(time: datetime) -> str:
    return f"{time.astimezone(UTC).isoformat()[:19]}Z"
