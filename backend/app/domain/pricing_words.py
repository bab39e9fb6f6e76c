"""Every sentence of a price suggestion that is not the reason for the price: why there is none, how speed is known."""

from collections.abc import Sequence

from app.domain.explain import ESTIMATE_REASONS
from app.domain.selling_speed import SellingSpeed

__all__ = ["no_estimate_words", "speed_words"]

MOSTLY = 0.8
"""Above this weight it need not be said that a price leans on value as well."""

_MORE_WORDS = "Name the brand, the model and what sets the variant apart: storage, size, year."
_MORE_SALES = "Wait for more sales of such things, or import sales that you know of."
_HELP = {
    "too_few": (_MORE_WORDS, _MORE_SALES),
    "too_spread": (_MORE_WORDS, "Choose the condition as exactly as you can."),
    "no_model_yet": ("Ask again in a few minutes.",),
    "not_permitted": (
        "Import sales that you know of.",
        "With eBay's written permission, set EBAY_CONTENT_PRICING_PERMITTED.",
    ),
    "lot": ("Ask for one of the things at a time.",),
    "accessory": ("If it is the thing itself, leave out of the title what it is for.",),
    "for_parts": ("If it works, choose another condition and say so in the title.",),
}


def no_estimate_words(code: str, candidates: Sequence[str] = ()) -> tuple[str, list[str]]:
    """Why there is no estimate, and what would help. `candidates`: categories the thing may belong to."""
    if code == "category_unclear":
        explanation = (
            "Similar things were sold in several categories, none of them clearly the right one."
            if candidates
            else "No past sale resembles this title, so its category cannot be guessed."
        )
        choices = [f"Choose the category, perhaps {name}." for name in candidates]
        return explanation, choices or ["Choose the category.", _MORE_WORDS]
    return ESTIMATE_REASONS[code], list(_HELP.get(code, (_MORE_WORDS, _MORE_SALES)))


def speed_words(speed: SellingSpeed) -> str:
    """How the chances were worked out and what they take for granted; or what would make them known."""
    if speed.basis == "none":
        return (
            f"Not enough is known: {speed.sold} sales and {speed.censored} live listings with a known"
            " value. It takes more sales and listings of this category."
        )
    share = ""
    if speed.recorded_share < 1.0:
        share = (
            f" The record seems to hold about 1 in {max(2, round(1 / speed.recorded_share))} sales:"
            " so few of the cheap listings that left the market are on it. Rates are raised to match."
        )
    if speed.weight < MOSTLY:
        share += (
            f" A suggested price follows this {round(speed.weight * 100)} % of the way and stays with the"
            " value for the rest."
        )
    if speed.basis == "spells":
        misfit = ""
        if speed.misfit is not None:
            misfit = (
                " Near fair value the curve keeps within"
                f" {max(1, round(speed.misfit * 100))} points of Kaplan and Meier's."
            )
        return (
            f"Learned from single listings that were watched: {speed.sold} sold, {speed.censored} not or not"
            f" yet, leaning on {speed.borrowed} sales in all categories. Listings that vanish without a"
            " known sale count as withdrawn, after which they cannot sell; those still for sale count"
            f" up to their last sighting.{misfit}{share}"
        )
    return (
        f"Sales per day over {speed.window_days or 0:.1f} days ({speed.sold}) against what is for sale"
        f" now ({speed.censored} listings), by price compared with value. This takes the market as"
        " steady, what is for sale as known in full, and every listing of a price as equally likely"
        f" to sell on any day. What comes and is not sold counts as withdrawn.{share}"
    )
