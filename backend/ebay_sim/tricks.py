"""What frauds do besides being cheap: show another seller's photo, or lead the buyer off the marketplace.

Functions of the listing alone, like everything here: asked again, the same fraud plays the same trick.
"""

import numpy as np

from ebay_sim import ids
from ebay_sim.world.economy import Kind, Listings
from ebay_sim.world.randomness import hash_words
from ebay_sim.world.world import World

_STOLEN_PHOTO, _OFF_SITE = 35, 65  # of 100 frauds: the first so many, then up to the second
_LURES = (
    "Text me at (206) 555-01{n:02d} before you buy.",
    "Zelle or Cash App only, price is firm.",
    "Moving abroad, quick deal outside of eBay. WhatsApp +1 415 555 01{n:02d}.",
    "Payment by wire transfer, shipped the same day.",
    "Write to fast.seller{n}@gmail.com for more pictures.",
)
_CLOSINGS = (
    "Ships within one business day.",
    "Packed well, shipped from a smoke-free home.",
    "Please ask before buying if anything is unclear.",
    "Local pickup is possible.",
    "From my own collection.",
    "No Zelle or Cash App, please pay on eBay.",
    "Returns as stated.",
    "Selling to make room.",
)
_OPENINGS = (
    "Pictures show the item you will get.",
    "You get exactly what is pictured.",
    "See all photos for its condition.",
    "Photos are part of the description.",
    "Tested before listing.",
    "Bought new, used with care.",
)


def _chance(serial: int) -> int:
    return hash_words(0, "trick", serial) % 100


def closing(columns: Listings, at: int) -> str:
    """The end of a description in its seller's manner; a fraud's may lead off the marketplace."""
    serial, seller = int(columns.serial[at]), int(columns.seller[at])
    if columns.kind[at] == Kind.SCAM and _STOLEN_PHOTO <= _chance(serial) < _OFF_SITE:
        noise = hash_words(0, "lure", serial)
        return _LURES[noise % len(_LURES)].format(n=noise // 7 % 100)
    manner = hash_words(0, "manner", seller)
    opening = _OPENINGS[manner % len(_OPENINGS)]
    return f"{opening} {_CLOSINGS[manner // 11 % len(_CLOSINGS)]}"


def photo_of(world: World, columns: Listings, at: int) -> int:
    """Whose photo the listing shows, as a legacy id: its own, or that of an honest one on the market as long as it."""
    serial = int(columns.serial[at])
    if columns.kind[at] == Kind.SCAM and _chance(serial) < _STOLEN_PHOTO:
        rows = world.live.rows
        honest = np.flatnonzero(
            (rows.variant == columns.variant[at])
            & (rows.kind == Kind.NORMAL)
            & (rows.serial < serial)
            & (rows.ends >= columns.ends[at])
        )
        if len(honest):
            return ids.legacy_id(int(rows.serial[honest].max()))
    return ids.legacy_id(serial)
