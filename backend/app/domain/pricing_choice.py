"""The owner's choice about eBay's prices, in plain words: what the licence says, what each answer means."""

from dataclasses import dataclass
from datetime import date
from typing import Final

__all__ = [
    "INSIGHTS_SETTING",
    "PRICING_SETTING",
    "SOURCE",
    "LicenceText",
    "insights_words",
    "now_on",
]

PRICING_SETTING: Final = "EBAY_CONTENT_PRICING_PERMITTED"
INSIGHTS_SETTING: Final = "EBAY_MARKETPLACE_INSIGHTS_ENABLED"


@dataclass(frozen=True, slots=True)
class LicenceText:
    """Where a rule is written, and how it was read."""

    title: str
    url: str
    read_on: date
    how_read: str


SOURCE: Final = LicenceText(
    title="eBay API License Agreement",
    url="https://developer.ebay.com/join/api-license-agreement",
    read_on=date(2026, 11, 23),
    how_read=(
        "Read in three independent readers' quotations of the 2025 to 2026 text, not at the address itself,"
        " and not by a lawyer. eBay changes it from time to time: read it yourself before you decide."
    ),
)

RULES: Final = (
    (
        "eBay content, alone or together with other data, may not be used to suggest or model prices of items"
        " listed on eBay."
    ),
    "Average prices and similar figures of a category need eBay's express written permission.",
)
"""What SOURCE was read to say about prices."""

MEANINGS: Final = (
    (
        "Off: listings of eBay are shown with their facts. Values and scores come from your own sales and from"
        " what you import; where there is neither, the pages say so."
    ),
    "On: past sales and listings of eBay feed values and scores as well. Only with eBay's written permission.",
)

HOW_TO_CHANGE: Final = (
    f"Set {PRICING_SETTING} to true or false where the product's settings are kept (.env) and restart it."
    " Within minutes of switching it off, comparables read from eBay are deleted and every listing is"
    " valued again."
)

HOW_TO_IMPORT: Final = (
    "Send a CSV file with the columns title and price, and as many of currency, condition, category, sold_at,"
    " shipping, kind and external_id as you have, to POST /comps/import with the admin key. Import only what"
    " you may use: nothing copied from eBay."
)


def now_on(*, permitted: bool, simulated: bool) -> str:
    """What holds at present, in a sentence."""
    if simulated:
        choice = "on" if permitted else "off"
        return f"The marketplace is simulated, so nobody's permission is needed; the choice is {choice}."
    if permitted:
        return "On: eBay content feeds values and scores. This is allowed only with eBay's written permission."
    return "Off: nothing read from eBay feeds a value or a score."


def insights_words(state: str) -> str:
    """Whether past sales can be read from eBay, in a sentence; `state` as the sources keep it."""
    return {
        "off": f"Off: eBay is not asked for past sales ({INSIGHTS_SETTING} is false).",
        "not_asked": "On, but eBay has not been asked yet.",
        "granted": "Granted: eBay answers with past sales.",
        "not_granted": (
            "Not granted: eBay refuses past sales to this keyset. Nothing else stands in for them, asking"
            " prices neither."
        ),
    }[state]
