"""The product's own scale of item conditions, and how eBay's ids map onto it.

Order matters to nobody here: ratios between conditions are valuation's business.
"""

from typing import Final

NEW: Final = "new"
OPEN_BOX: Final = "open_box"
REFURBISHED: Final = "refurbished"
LIKE_NEW: Final = "like_new"
USED: Final = "used"
GOOD: Final = "good"
ACCEPTABLE: Final = "acceptable"
FOR_PARTS: Final = "for_parts"
UNKNOWN: Final = "unknown"

CONDITIONS: Final = (
    NEW,
    OPEN_BOX,
    REFURBISHED,
    LIKE_NEW,
    USED,
    GOOD,
    ACCEPTABLE,
    FOR_PARTS,
    UNKNOWN,
)
"""Every condition a listing can have, best first, "unknown" last."""

EBAY_CONDITIONS: Final = {
    "1000": NEW,
    "1500": OPEN_BOX,
    "1750": OPEN_BOX,
    "2000": REFURBISHED,
    "2010": REFURBISHED,
    "2020": REFURBISHED,
    "2030": REFURBISHED,
    "2500": REFURBISHED,
    "2750": LIKE_NEW,
    "2990": LIKE_NEW,
    "3000": USED,
    "3010": ACCEPTABLE,
    "4000": GOOD,
    "5000": GOOD,
    "6000": ACCEPTABLE,
    "7000": FOR_PARTS,
}
"""eBay's conditionId → condition (eBay developer documentation, item condition ids, read 2026-11).

4000 "Very Good" and 5000 "Good" share a name, as sellers of media use them side by side.
"""

_WORDS: Final = (
    ("for parts", FOR_PARTS),
    ("not working", FOR_PARTS),
    ("refurbished", REFURBISHED),
    ("open box", OPEN_BOX),
    ("new other", OPEN_BOX),
    ("new with defects", OPEN_BOX),
    ("new without tags", OPEN_BOX),
    ("new without box", OPEN_BOX),
    ("like new", LIKE_NEW),
    ("very good", GOOD),
    ("good", GOOD),
    ("acceptable", ACCEPTABLE),
    ("fair", ACCEPTABLE),
    ("pre-owned", USED),
    ("used", USED),
    ("brand new", NEW),
    ("new", NEW),
)


def from_ebay(condition_id: str | None, text: str | None) -> str:
    """The condition that eBay's id means; by the English text where the id is missing or new to us."""
    known = EBAY_CONDITIONS.get(condition_id or "")
    if known is not None:
        return known
    words = (text or "").casefold()
    return next((condition for word, condition in _WORDS if word in words), UNKNOWN)
