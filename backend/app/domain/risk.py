"""How risky an offer is, apart from how good a deal it would be: rules, each quoting what made it fire.

A rule is evidence with a weight; weights add up. From WITHHELD_FROM on a score is withheld, so that no
single weak sign condemns a listing and no pile of them goes unseen. Rules over prices read the value's
distribution. What other listings say comes in as `Surroundings`; nothing is looked up here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from app.domain import condition as conditions
from app.domain.money import format_cents
from app.domain.offers import Asked, Offer, Surroundings
from app.domain.risk_words import find_contact, find_payment
from app.domain.titles import read_title
from app.domain.valuation import Estimate

__all__ = [
    "WITHHELD_FROM",
    "RiskFlag",
    "assess",
    "level_of",
    "top_code",
    "total_weight",
    "unfit",
]

WITHHELD_FROM = 70
"""Weight from which a score is withheld. One strong sign, or two middling ones."""
ELEVATED_FROM = 30

PAYMENT, CONTACT = 70, 40
"""Who asks for payment that cannot be taken back leaves a buyer without any remedy, so this is enough alone.
A contact outside is how that begins, but also what careless honest sellers write. Own judgement, 2026-11."""
PHOTO, PHOTO_SHARED, TEXT, TEXT_FIRST = 40, 15, 30, 15
"""A used thing is photographed by who has it. New things share the maker's photo and text honestly, and who
was first is more probably copied than a copy."""
FAR_BELOW = ((0.35, 100), (0.5, 50), (0.62, 30))
"""Weight of a cost under such a share of the likely value. A third of its value: withheld whoever sells;
half: unless the seller is proven; 62 %: only from somebody new. On the simulated market the cheapest
percent of honest listings cost 46 % of the fair value or less, and no fraud more than 53 %."""
OUTSIDE = 0.25
"""Only a cost that at most a quarter of the value's distribution lies under counts as far below: where alike
things sold at such prices too, a low one is no sign of anything."""
NEW_SELLER, THIN_SELLER, NEW_AND_DEAR = 40, 20, 30
NEW_FEEDBACK, PROVEN_FEEDBACK_SCORE, PROVEN_FEEDBACK_PERCENT = 10, 30, 95.0
HIGH_VALUE_CENTS = 50_000
FAKE_DISCOUNT = 10
RAISED_BY, CUT_BY, ABOUT_THE_OLD = 1.08, 0.95, 0.9
"""A raise by 8 % or more, a cut by 5 % or more, and a price at 90 % of the old one or above: cheaper than that is a
discount, whatever came between."""
RAISE_CUT_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class RiskFlag:
    """A rule that fired, with the words or the fact that made it fire. Weight 0: worth knowing, no risk."""

    code: str
    quote: str | None
    weight: int = 0


def unfit(title: str, condition: str) -> RiskFlag | None:
    """Why a listing is not the plain, working thing and is not valued: lot, accessory, for_parts."""
    flags = read_title(title).flags
    if flags:
        return RiskFlag(flags[0].code, flags[0].quote)
    if condition == conditions.FOR_PARTS:
        return RiskFlag("for_parts", None)
    return None


def assess(offer: Offer, worth: Estimate, around: Surroundings) -> tuple[RiskFlag, ...]:
    """Every rule that fires, the gravest first."""
    found = [
        unfit(offer.title, offer.condition),
        *_price(offer, worth),
        _new_and_dear(offer, worth),
        _words("off_platform_payment", find_payment, PAYMENT, offer, around),
        _words("outside_contact", find_contact, CONTACT, offer, around),
        _photo(offer, around),
        _text(offer, around),
        None if offer.buying_option == "auction" else _fake_discount(around.asked),
        RiskFlag("auction", None) if offer.buying_option == "auction" else None,
    ]
    return tuple(sorted((flag for flag in found if flag), key=lambda flag: -flag.weight))


def total_weight(flags: Sequence[RiskFlag]) -> int:
    """How much evidence there is in all, at most 100."""
    return min(100, sum(flag.weight for flag in flags))


def level_of(flags: Sequence[RiskFlag]) -> str:
    """none, low, elevated or high; high means that the score is withheld."""
    weight = total_weight(flags)
    if weight >= WITHHELD_FROM:
        return "high"
    return "elevated" if weight >= ELEVATED_FROM else "low" if weight else "none"


def top_code(flags: Sequence[RiskFlag]) -> str | None:
    """The code of the gravest rule that fired; None when nothing speaks against the listing."""
    return next((flag.code for flag in flags if flag.weight), None)


def _price(offer: Offer, worth: Estimate) -> list[RiskFlag]:
    """Cheaper than almost anything similar ever sold for, and by whom. A bid is not the seller's price."""
    if worth.point_cents is None or offer.buying_option == "auction":
        return []
    cost = offer.cost_cents if offer.cost_cents is not None else offer.price_cents
    share = cost / worth.point_cents
    weight = next((weight for under, weight in FAR_BELOW if share < under), 0)
    if not weight or 1.0 - worth.probability_at_least(cost) > OUTSIDE:
        return []
    found = [RiskFlag("far_below_interval", f"{share:.0%} of the likely value", weight)]
    feedback, percent = offer.seller_feedback_score or 0, offer.seller_feedback_percent or 0.0
    told = (
        "no feedback known"
        if offer.seller_feedback_score is None
        else f"feedback {feedback:,}, {percent:g} % positive"
    )
    if feedback < NEW_FEEDBACK:
        found.append(RiskFlag("unproven_seller", told, NEW_SELLER))
    elif feedback < PROVEN_FEEDBACK_SCORE or percent < PROVEN_FEEDBACK_PERCENT:
        found.append(RiskFlag("unproven_seller", told, THIN_SELLER))
    return found


def _new_and_dear(offer: Offer, worth: Estimate) -> RiskFlag | None:
    """A seller without a past with something that many would like to have."""
    feedback = offer.seller_feedback_score
    if feedback is None or feedback >= NEW_FEEDBACK:
        return None
    if (worth.point_cents or 0) < HIGH_VALUE_CENTS:
        return None
    return RiskFlag("new_seller_high_value", f"feedback {feedback}", NEW_AND_DEAR)


def _words(
    code: str, find: Callable[[str], str | None], weight: int, offer: Offer, around: Surroundings
) -> RiskFlag | None:
    quote = find(offer.title) or find(around.description)
    return None if quote is None else RiskFlag(code, quote, weight)


def _photo(offer: Offer, around: Surroundings) -> RiskFlag | None:
    if not around.photo_sellers:
        return None
    others = around.photo_sellers
    quote = f"{others} other seller{'s' if others > 1 else ''}"
    if around.photo_title:
        quote = f"{quote}, with: {around.photo_title}"
    is_shared = around.is_first or offer.condition == conditions.NEW
    return RiskFlag("photo_reused", quote, PHOTO_SHARED if is_shared else PHOTO)


def _text(offer: Offer, around: Surroundings) -> RiskFlag | None:
    """The very same words from other places. Shops sell new things side by side under one text."""
    if not around.text_places or offer.condition == conditions.NEW:
        return None
    others = around.text_sellers
    who = f"{others} other seller{'s' if others > 1 else ''}" if others else "the same seller"
    quote = f"{who}, in {', '.join(around.text_places)}"
    return RiskFlag("text_copied", quote, TEXT_FIRST if around.is_first else TEXT)


def _fake_discount(asked: Sequence[Asked]) -> RiskFlag | None:
    """A raise followed by a cut to about the old price: a discount that is none. Own observations only."""
    if len(asked) < 3 or len({(a.currency, a.shipping_cents is None) for a in asked}) > 1:
        return None
    last = asked[-1]
    now = _paid(last)
    for peak_at in range(len(asked) - 2, 0, -1):
        peak = asked[peak_at]
        if _paid(peak) * CUT_BY < now:
            continue
        for before in reversed(asked[:peak_at]):
            old = _paid(before)
            if last.at - peak.at > RAISE_CUT_WITHIN:
                continue
            if _paid(peak) >= old * RAISED_BY and now >= old * ABOUT_THE_OLD:
                steps = (before, peak, last)
                return RiskFlag("fake_discount", ", then ".join(map(_dated, steps)), FAKE_DISCOUNT)
    return None


def _paid(asked: Asked) -> int:
    return asked.price_cents + (asked.shipping_cents or 0)


def _dated(asked: Asked) -> str:
    return f"{format_cents(_paid(asked), asked.currency)} on {asked.at.day} {asked.at:%b %H:%M}"
