"""Rows of the market as eBay's JSON: the short form of search, the long form of getItem, the sale of Insights."""

from typing import Any

import numpy as np

from ebay_sim import ids
from ebay_sim.photos import image_names
from ebay_sim.search import RETURNS_MODULUS, bid_counts, unstated, variant_gtin
from ebay_sim.tricks import closing, photo_of
from ebay_sim.world import catalog
from ebay_sim.world.clock import stamp
from ebay_sim.world.economy import DAY, Kind, Listings, Shipping
from ebay_sim.world.randomness import Ints
from ebay_sim.world.world import Shelf, World

# One listing in this many comes from search with nothing but its id.
BARE_MODULUS = 397


def dollars(cents: float) -> dict[str, str]:
    """Cents as eBay's money: a string with two places, and the currency."""
    whole = int(cents)
    return {"value": f"{whole // 100}.{whole % 100:02d}", "currency": "USD"}


def is_bare(serial: int) -> bool:
    """Whether search shows nothing but the id of this listing."""
    return serial > 0 and serial * 40503 % BARE_MODULUS == 0


def _condition(rows: Listings, at: int, hidden: bool) -> dict[str, str]:
    if hidden:
        return {}
    category = catalog.CATEGORIES[int(rows.category[at])]
    condition = catalog.condition_of(category, int(rows.condition[at]))
    return {"condition": condition.text, "conditionId": condition.id}


def summaries(
    world: World, shelf: Shelf, rows: Ints, *, base: str, extended: bool, buyer_place: bool
) -> list[dict[str, Any]]:
    """`itemSummaries` of search for these rows of the shelf, in their order."""
    columns = shelf.rows.take(rows)
    prices = world.prices(columns)
    bids = bid_counts(world, shelf, rows)
    hidden = unstated(columns.bits).tolist()
    found: list[dict[str, Any]] = []
    for at, row in enumerate(rows.tolist()):
        serial = int(columns.serial[at])
        if is_bare(serial):
            found.append({"itemId": ids.item_id(serial)})
            continue
        found.append(
            _summary(
                world,
                columns,
                at,
                shelf.titles[row],
                float(prices[at]),
                int(bids[at]),
                hidden[at],
                base=base,
                buyer_place=buyer_place,
            )
        )
        if extended:
            seller = world.economy.sellers.get(int(columns.seller[at]))
            found[-1]["shortDescription"] = description(columns, at, shelf.titles[row])
            found[-1]["itemLocation"]["city"] = seller.city
    return found


def _summary(
    world: World,
    columns: Listings,
    at: int,
    title: str,
    price: float,
    bids: int,
    hidden: bool,
    *,
    base: str,
    buyer_place: bool,
) -> dict[str, Any]:
    serial = int(columns.serial[at])
    legacy = ids.legacy_id(serial)
    seller = world.economy.sellers.get(int(columns.seller[at]))
    category = catalog.CATEGORIES[int(columns.category[at])]
    images = [
        {"imageUrl": f"{base}/sim/images/{name}.svg"}
        for name in image_names(photo_of(world, columns, at))
    ]
    auction = bool(columns.auction[at])
    options = (
        ["AUCTION"]
        if auction
        else ["FIXED_PRICE", "BEST_OFFER"]
        if columns.best_offer[at]
        else ["FIXED_PRICE"]
    )
    summary: dict[str, Any] = {
        "itemId": ids.item_id(serial),
        "legacyItemId": str(legacy),
        "title": title,
        "leafCategoryIds": [category.id],
        "categories": [
            {"categoryId": ident, "categoryName": name} for ident, name in reversed(category.path)
        ],
        "image": images[0],
        "thumbnailImages": images[:1],
        "additionalImages": images[1:],
        "price": dollars(price),
        "itemHref": f"{base}/buy/browse/v1/item/v1%7C{legacy}%7C0",
        "itemWebUrl": f"{base}/itm/{legacy}",
        "seller": {
            "username": seller.username,
            "feedbackPercentage": seller.feedback_percentage,
            "feedbackScore": seller.feedback_score,
        },
        **_condition(columns, at, hidden),
        "shippingOptions": [shipping_summary(columns, at, buyer_place=buyer_place)],
        "buyingOptions": options,
        "itemLocation": {
            "postalCode": seller.postal_code,
            "country": "US",
            "stateOrProvince": seller.state,
        },
        "adultOnly": False,
        "availableCoupons": False,
        "priorityListing": seller.business,
        "topRatedBuyingExperience": seller.business and seller.feedback_percentage > "99",
        "itemOriginDate": stamp(float(columns.origin[at])),
        "itemCreationDate": stamp(float(columns.listed[at])),
        "listingMarketplaceId": "EBAY_US",
    }
    if auction:
        # `price` of an auction is where the bidding began; what it costs now is `currentBidPrice`.
        summary["price"] = dollars(float(np.rint(columns.ask[at] * columns.cut_to[at])))
        summary["currentBidPrice"] = dollars(price)
        summary["bidCount"] = bids
        summary["itemEndDate"] = stamp(float(columns.ends[at]))
    return summary


def shipping_summary(columns: Listings, at: int, *, buyer_place: bool) -> dict[str, Any]:
    """The one shipping option of a row; a calculated cost only shows when the buyer's place is known."""
    listed = float(columns.listed[at])
    kind = Shipping(int(columns.shipping[at]))
    option: dict[str, Any] = {
        "shippingCostType": "CALCULATED" if kind == Shipping.CALCULATED else "FIXED"
    }
    if kind != Shipping.CALCULATED or buyer_place:
        option["shippingCost"] = dollars(float(columns.shipping_cents[at]))
    option["minEstimatedDeliveryDate"] = stamp(listed + 3 * DAY)
    option["maxEstimatedDeliveryDate"] = stamp(listed + 8 * DAY)
    return option


def description(columns: Listings, at: int, title: str) -> str:
    """What the seller writes below the title; honest about parts and lots as honest sellers are."""
    variant = catalog.VARIANTS[int(columns.variant[at])]
    model = catalog.MODELS[variant.model]
    kind = Kind(int(columns.kind[at]))
    if kind == Kind.ACCESSORY:
        return f"{title}. Fits {model.full_name}. The {model.name} itself is not included."
    if kind == Kind.LOT:
        return f"{title}. You get all {int(columns.extra[at])} pieces as pictured."
    if kind == Kind.PARTS:
        return f"{title}. Does not work as it should, sold as is for parts or repair, no returns."
    said = ", ".join(variant.labels)
    return f"{model.full_name}{': ' + said if said else ''}. {closing(columns, at)}"


def item(
    world: World, columns: Listings, title: str, *, base: str, buyer_place: bool
) -> dict[str, Any]:
    """The answer of getItem for a column of length 1."""
    shelf = Shelf(columns, [title], world.live.index)
    row = np.array([0], dtype=np.int64)
    price = float(world.prices(columns)[0])
    bids = int(bid_counts(world, shelf, row)[0])
    short = _summary(
        world,
        columns,
        0,
        title,
        price,
        bids,
        bool(unstated(columns.bits)[0]),
        base=base,
        buyer_place=buyer_place,
    )
    for name in (
        "leafCategoryIds",
        "categories",
        "thumbnailImages",
        "itemHref",
        "availableCoupons",
        "itemOriginDate",
    ):
        del short[name]
    seller = world.economy.sellers.get(int(columns.seller[0]))
    variant = int(columns.variant[0])
    category = catalog.CATEGORIES[int(columns.category[0])]
    option = short["shippingOptions"][0]
    option.setdefault("shippingCost", dollars(0))
    option |= {
        "shippingCarrierCode": "USPS",
        "shippingServiceCode": "USPS Ground Advantage",
        "type": "Standard Shipping",
    }
    text = description(columns, 0, title)
    short["itemLocation"]["city"] = seller.city
    return {
        **short,
        "seller": {
            **short["seller"],
            "sellerAccountType": "BUSINESS" if seller.business else "INDIVIDUAL",
        },
        "shortDescription": text,
        "description": f"<p>{text}</p>",
        "brand": catalog.MODELS[catalog.VARIANTS[variant].model].brand,
        "categoryId": category.id,
        "categoryIdPath": "|".join(ident for ident, _ in category.path),
        "categoryPath": "|".join(name for _, name in category.path),
        "gtin": variant_gtin(variant),
        "localizedAspects": [
            {"type": "STRING", "name": name, "value": value} for name, value in aspects(variant)
        ],
        "estimatedAvailabilities": [
            {
                "deliveryOptions": ["SHIP_TO_HOME"],
                "estimatedAvailabilityStatus": "IN_STOCK",
                "estimatedAvailableQuantity": 1,
                "estimatedSoldQuantity": 0,
            }
        ],
        "returnTerms": {"returnsAccepted": int(columns.seller[0]) % RETURNS_MODULUS == 0},
        "eligibleForInlineCheckout": True,
        "enabledForGuestCheckout": True,
        "immediatePay": not bool(columns.auction[0]),
        "sellerItemRevision": "0",
    }


def aspects(variant: int) -> list[tuple[str, str]]:
    """The item specifics of a variant: brand, model, then what tells variants apart."""
    drawn = catalog.VARIANTS[variant]
    model = catalog.MODELS[drawn.model]
    found = [("Brand", model.brand), ("Model", model.name)]
    for axis in model.axes:
        said = next(
            (
                choice.label
                for choice in catalog.AXES[axis]
                if choice.label and choice.label in drawn.labels
            ),
            None,
        )
        if said:
            found.append((aspect_name(axis), said))
    return found


def aspect_name(axis: str) -> str:
    """An axis as an item specific: "phone_storage" is "Storage"."""
    return axis.rsplit("_", maxsplit=1)[-1].capitalize()


def sales(world: World, shelf: Shelf, rows: Ints, *, base: str) -> list[dict[str, Any]]:
    """`itemSales` of Marketplace Insights for these rows of the shelf, in their order."""
    columns = shelf.rows.take(rows)
    hidden = unstated(columns.bits).tolist()
    found: list[dict[str, Any]] = []
    for at, row in enumerate(rows.tolist()):
        serial = int(columns.serial[at])
        legacy = ids.legacy_id(serial)
        seller = world.economy.sellers.get(int(columns.seller[at]))
        category = catalog.CATEGORIES[int(columns.category[at])]
        image = {"imageUrl": f"{base}/sim/images/{image_names(legacy)[0]}.svg"}
        auction = bool(columns.auction[at])
        sale: dict[str, Any] = {
            "itemId": ids.item_id(serial),
            "title": shelf.titles[row],
            "image": image,
            "thumbnailImages": [image],
            "itemHref": f"{base}/buy/browse/v1/item/v1%7C{legacy}%7C0",
            "itemWebUrl": f"{base}/itm/{legacy}",
            "categories": [{"categoryId": category.id}],
            "buyingOptions": ["AUCTION"] if auction else ["FIXED_PRICE"],
            **_condition(columns, at, hidden[at]),
            "itemLocation": {
                "country": "US",
                "postalCode": seller.postal_code,
                "stateOrProvince": seller.state,
            },
            "adultOnly": False,
            "seller": {
                "username": seller.username,
                "feedbackPercentage": seller.feedback_percentage,
                "feedbackScore": seller.feedback_score,
            },
            "lastSoldDate": stamp(float(columns.ends[at])),
            "lastSoldPrice": dollars(float(columns.sold_cents[at])),
            "totalSoldQuantity": 1,
        }
        if auction:
            sale["bidCount"] = int(world.economy.bid_steps(columns.take(np.array([at])))[0])
        found.append(sale)
    return found
