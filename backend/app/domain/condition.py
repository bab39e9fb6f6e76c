"""The product's own scale of item conditions, and how eBay's ids map onto it.

Order matters to nobody here: ratios between conditions are valuation's business.
"""

import re
from functools import lru_cache
from typing import Final

NEW: Final = "new"
OPEN_BOX: Final = "open_box"
REFURBISHED: Final = "refurbished"
LIKE_NEW: Final = "like_new"
EXCELLENT: Final = "excellent"
VERY_GOOD: Final = "very_good"
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
    EXCELLENT,
    VERY_GOOD,
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
    "2990": EXCELLENT,
    "3000": USED,
    "3010": ACCEPTABLE,
    "4000": VERY_GOOD,
    "5000": GOOD,
    "6000": ACCEPTABLE,
    "7000": FOR_PARTS,
}
"""eBay's conditionId → condition (eBay developer documentation, item condition ids, read 2026-11).

2010 to 2030 grade how a thing was refurbished, which is told from used things and not graded further.
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
    ("excellent", EXCELLENT),
    ("very good", VERY_GOOD),
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


_SPOKEN: Final = (
    (r"refurbished|refurb|renewed|reconditioned", REFURBISHED),
    (r"open box|new other|new with defects|without tags|without box|nwot", OPEN_BOX),
    (r"like new|as new|mint|nm", LIKE_NEW),
    (r"excellent|exc", EXCELLENT),
    (r"very good|vg", VERY_GOOD),
    (r"good", GOOD),
    (r"acceptable|fair|poor|worn", ACCEPTABLE),
    (r"pre owned|preowned|second ?hand|used", USED),
    (r"new|sealed|unused|bnib|nib|nwt", NEW),
)
_NOT_WORKING: Final = re.compile(
    r"(?<!not )(?<!no )(?<!isnt )(?<!never )"
    r"\b(?:for parts|parts only|spares|not working|non working|faulty|defective|broken)\b"
)
_GLUED: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SPOKEN_PATTERNS: Final = tuple(
    (re.compile(rf"\b(?:{words})\b"), condition) for words, condition in _SPOKEN
)


@lru_cache(maxsize=4096)
def from_words(text: str) -> str:
    """The condition that a person's or an export's words mean; "unknown" where they do not say.

    Takes the product's own names and eBay's ids too. The first group with a whole word in the text
    counts: "Very Good - Refurbished" is refurbished, "Used - Like New" like new. Denials ("not mint")
    are not interpreted. An explanation that an export glued on ("UsedAn item that …") is told apart.
    """
    words = " ".join(re.sub(r"[\W_]+", " ", _GLUED.sub(" ", text).casefold()).split())
    if words in EBAY_CONDITIONS:
        return EBAY_CONDITIONS[words]
    if _NOT_WORKING.search(words):
        return FOR_PARTS
    if re.search(r"\b(?:not|no|isnt|never)\b", words) and "never used" not in words:
        return UNKNOWN
    for pattern, condition in _SPOKEN_PATTERNS:
        if pattern.search(words):
            return condition
    return UNKNOWN
