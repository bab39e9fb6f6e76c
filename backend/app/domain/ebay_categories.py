"""The eBay categories that a fresh Deal Scout scans: things with a lively second-hand market.

Leaf categories of eBay's US tree (EBAY_US, tree 0) by id, as of 2026-11. An admin changes the plan
of scans, not this list.
"""

from typing import Final

DEFAULT_CATEGORIES: Final = {
    "15230": "Film Cameras",
    "3323": "Lenses",
    "33034": "Electric Guitars",
    "38071": "Synthesizers",
    "112529": "Headphones",
    "9355": "Cell Phones & Smartphones",
    "177": "PC Laptops & Netbooks",
    "111422": "Apple Laptops",
    "171485": "Tablets & eBook Readers",
    "27386": "Graphics/Video Cards",
    "139971": "Video Game Consoles",
    "139973": "Video Games",
    "31387": "Wristwatches",
    "15709": "Athletic Shoes",
    "19006": "LEGO Complete Sets & Packs",
    "184655": "Cordless Drills",
    "38252": "Cappuccino & Espresso Machines",
    "177831": "Bicycle Groupsets & Derailleurs",
}
