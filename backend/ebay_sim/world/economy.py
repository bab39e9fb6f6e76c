"""The laws of the market: what a listing is, what it is truly worth, what is asked, how it ends.

Everything is a function of (seed, serial); nothing is stored here. Money is cents; times are Unix seconds; `total` means price plus shipping.
Listings live for hours, so that a demo has arrivals, price cuts and ends to show within minutes.
"""

from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import Self

import numpy as np
import numpy.typing as npt

from ebay_sim.world import catalog
from ebay_sim.world.randomness import Dice, Floats, Ints
from ebay_sim.world.sellers import HONEST, THROWAWAY, Sellers

ORIGIN = 1_704_067_200.0  # 2024-01-01T00:00:00Z, arrival of serial 0
HOUR = 3600.0
DAY = 86_400.0
MAX_LIFE_S = 48 * HOUR
# Mean time on the market under the laws below; measured, and held by a test. It ties the number of live listings to the arrivals.
MEAN_LIFE_S = 9.0 * HOUR

Bools = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.uint64]


class Kind(IntEnum):
    """What a listing is; whether it is a deal depends on its price of the moment."""

    NORMAL = 0
    SCAM = 1
    LOT = 2
    ACCESSORY = 3
    PARTS = 4


class Shipping(IntEnum):
    """How the buyer pays for shipping."""

    FREE = 0
    FIXED = 1
    CALCULATED = 2


# Shares of arrivals; live shares differ a little because each kind stays for its own time.
_KIND_CUMULATED = np.cumsum([0.84, 0.04, 0.03, 0.06])
_DEAL_SHARE = 0.18
_GRADE_RATIO = np.array([1.12, 1.05, 1.0, 0.86])  # mint, excellent, plain, worn
_GRADE_CUMULATED = np.array([0.10, 0.32, 0.86])


@dataclass(frozen=True, slots=True)
class Listings:
    """Listings as columns of one length, ordered by arrival."""

    serial: Ints
    item: Ints  # the serial whose draw describes the item; another one for relists and duplicates
    listed: Floats
    origin: Floats  # first time on the market; earlier than `listed` for a relist
    ends: Floats
    kind: Ints
    variant: Ints
    category: Ints
    condition: Ints
    grade: Ints
    seller: Ints
    extra: Ints  # lot size, or which accessory
    worth: Floats  # true value before drift
    ask: Floats
    shipping: Ints
    shipping_cents: Floats
    cut_at: Floats
    cut_to: Floats  # factor on `ask`
    cut2_at: Floats
    cut2_to: Floats
    auction: Bools
    best_offer: Bools
    sold: Bools
    sold_cents: Floats  # what the buyer paid without shipping, 0 when unsold
    bits: Bits

    def __len__(self) -> int:
        return len(self.serial)

    def take(self, rows: Ints | Bools) -> Self:
        """The chosen rows, in the order asked for."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})


def concatenate(parts: list[Listings]) -> Listings:
    """All rows of all parts."""
    return Listings(
        **{
            f.name: np.concatenate([getattr(part, f.name) for part in parts])
            for f in fields(Listings)
        }
    )


def _pretty(cents: Floats, bits: Bits) -> Floats:
    """Prices as people write them: many end in .99, .00 or .95."""
    style = (bits >> np.uint64(3)) % np.uint64(8)
    dollars = np.maximum(np.rint(cents / 100.0) * 100.0, 100.0)
    shown = np.where(
        style < 3,
        dollars - 1,
        np.where(style < 5, dollars, np.where(style == 5, dollars - 5, np.rint(cents))),
    )
    return np.asarray(np.maximum(shown, 99.0))


class Economy:
    """The laws for one seed and one market size."""

    def __init__(self, seed: int, live_listings: int) -> None:
        self.seed = seed
        self.live_listings = live_listings
        self.arrivals_per_s = live_listings / MEAN_LIFE_S
        self.sellers = Sellers(seed)
        dice = Dice(seed, np.arange(len(catalog.MODELS), dtype=np.int64))
        self._slow_period = (300 + 400 * dice.uniform(901)) * DAY
        self._fast_period = (70 + 110 * dice.uniform(902)) * DAY
        self._slow_phase = dice.uniform(903)
        self._fast_phase = dice.uniform(904)
        self._level = np.exp(0.08 * dice.normal(905))

    # -- time ---------------------------------------------------------------------------------------------------------

    def serial_at(self, now: float) -> int:
        """The first serial that may not have arrived by `now`."""
        return max(0, int((now - ORIGIN) * self.arrivals_per_s))

    def arrival(self, serials: Ints) -> Floats:
        """When these serials come to the market; ascending as they are."""
        jitter = Dice(self.seed, serials).uniform(1) * 0.98
        return ORIGIN + (serials + jitter) / self.arrivals_per_s

    # -- value --------------------------------------------------------------------------------------------------------

    def drift(self, model: Ints, now: Floats | float) -> Floats:
        """How dear the model is now against its level: ±13 % over weeks and years."""
        slow = np.sin(2 * np.pi * (now / self._slow_period[model] + self._slow_phase[model]))
        fast = np.sin(2 * np.pi * (now / self._fast_period[model] + self._fast_phase[model]))
        return np.asarray(self._level[model] * (1 + 0.08 * slow + 0.05 * fast))

    def value(self, rows: Listings, now: Floats | float) -> Floats:
        """True value: what these very items sell for at `now`, shipping included, on average."""
        return rows.worth * self.drift(catalog.VARIANT_MODEL[rows.variant], now)

    def price(self, rows: Listings, now: Floats | float) -> Floats:
        """The price on display at `now`, without shipping; of an auction the current bid."""
        factor = np.where(now >= rows.cut_at, rows.cut_to, 1.0) * np.where(
            now >= rows.cut2_at, rows.cut2_to, 1.0
        )
        fixed = _pretty(rows.ask * factor, rows.bits)
        if not rows.auction.any():
            return fixed
        age = np.clip((now - rows.listed) / (rows.ends - rows.listed), 0.0, 1.0)
        steps = np.floor(age * self.bid_steps(rows)) / self.bid_steps(rows)
        bid = rows.ask * (rows.cut_to + (1 - rows.cut_to) * steps**2)
        return np.where(rows.auction, np.maximum(np.rint(bid), 99.0), fixed)

    @staticmethod
    def bid_steps(rows: Listings) -> Ints:
        """How many bids an auction will have had at its end."""
        return (2 + (rows.bits >> np.uint64(17)) % np.uint64(19)).astype(np.int64)

    def total(self, rows: Listings, now: Floats | float) -> Floats:
        """Price plus shipping at `now`, also where the buyer cannot see the shipping."""
        return self.price(rows, now) + rows.shipping_cents

    # -- drawing ------------------------------------------------------------------------------------------------------

    def draw(self, serials: Ints) -> Listings:
        """The listings of these serials, whole: what they are, and how they will end."""
        item, again = self._same_items(serials)
        what = self._draw_items(item)
        return self._draw_course(serials, item, again, what)

    def _same_items(self, serials: Ints) -> tuple[Ints, Ints]:
        """Which serial describes the item: a few are duplicates (1) of a live one or relists (2) of an ended one."""
        dice = Dice(self.seed, serials)
        u = dice.uniform(2)
        back = dice.uniform(3)
        near = 1 + (back * 0.4 * HOUR * self.arrivals_per_s).astype(np.int64)
        far = ((MAX_LIFE_S + back * DAY) * self.arrivals_per_s).astype(np.int64) + 1
        again = np.where(u < 0.015, 1, np.where(u < 0.045, 2, 0))
        item = serials - np.where(again == 1, near, np.where(again == 2, far, 0))
        again = np.where(item < 0, 0, again)
        return np.where(again == 0, serials, item), again

    def _draw_items(self, item: Ints) -> dict[str, npt.NDArray[np.float64] | Ints | Bits]:
        dice = Dice(self.seed, item)
        kind = np.searchsorted(_KIND_CUMULATED, dice.uniform(10), side="right")
        variant = np.searchsorted(catalog.VARIANT_CUMULATED, dice.uniform(11), side="right")
        variant = np.minimum(variant, len(catalog.VARIANTS) - 1)
        model = catalog.VARIANT_MODEL[variant]
        category = catalog.MODEL_CATEGORY[model]
        u = dice.uniform(12)
        condition = (u[:, None] >= catalog.CONDITION_CUMULATED[category]).sum(axis=1)
        condition = np.where(kind == Kind.PARTS, catalog.FOR_PARTS_INDEX, condition)
        ratio = catalog.CONDITION_RATIO[category, condition]
        # Only plainly used things are praised or excused in the title.
        plain = np.isin(kind, (Kind.NORMAL, Kind.SCAM)) & (ratio == 1.0)
        grade = np.where(
            plain, np.searchsorted(_GRADE_CUMULATED, dice.uniform(13), side="right"), 2
        )
        size = 2 + (dice.uniform(14) ** 2 * 4).astype(np.int64)
        accessory = (dice.uniform(15) * catalog.ACCESSORY_COUNT[category]).astype(np.int64)
        base = catalog.MODEL_VALUE[model]
        worth = base * catalog.VARIANT_RATIO[variant] * ratio * _GRADE_RATIO[grade]
        worth = np.where(kind == Kind.LOT, worth * size * 0.84, worth)
        scale = np.clip((base / 30_000) ** 0.3, 0.6, 2.0)
        worth = np.where(
            kind == Kind.ACCESSORY, catalog.ACCESSORY_VALUE[category, accessory] * scale, worth
        )
        scam = kind == Kind.SCAM
        pool = (dice.uniform(16) ** 1.7 * HONEST).astype(np.int64)
        seller = np.where(scam, HONEST + (dice.uniform(17) * THROWAWAY).astype(np.int64), pool)
        normal = np.exp(0.125 + self.sellers.asking_bias[seller] + 0.11 * dice.normal(18))
        cheap = 0.79 - 0.28 * dice.uniform(19) ** 1.3
        asked = np.where((dice.uniform(20) < _DEAL_SHARE) & (kind != Kind.ACCESSORY), cheap, normal)
        asked = np.where(scam, 0.10 + 0.33 * dice.uniform(21), asked)
        return {
            "kind": kind.astype(np.int64),
            "variant": variant.astype(np.int64),
            "category": category,
            "condition": condition.astype(np.int64),
            "grade": grade.astype(np.int64),
            "extra": np.where(kind == Kind.ACCESSORY, accessory, size),
            "worth": worth,
            "seller": seller,
            "asked": asked,
            "bits": dice.bits(22),
        }

    def _shipping(
        self, dice: Dice, category: Ints, total: Floats, small: Bools
    ) -> tuple[Ints, Floats]:
        u = dice.uniform(30)
        way = np.where(
            u < 0.50, Shipping.FREE, np.where(u < 0.94, Shipping.FIXED, Shipping.CALCULATED)
        ).astype(np.int64)
        low, high = catalog.CATEGORY_SHIPPING[category, 0], catalog.CATEGORY_SHIPPING[category, 1]
        cost = np.where(small, 450.0, low + (high - low) * dice.uniform(31) ** 1.5)
        cost = np.rint(np.minimum(cost, 0.12 * total) / 5) * 5
        return way, np.where(way == Shipping.FREE, 0.0, cost)

    def _draw_course(
        self,
        serials: Ints,
        item: Ints,
        again: Ints,
        what: dict[str, npt.NDArray[np.float64] | Ints | Bits],
    ) -> Listings:
        dice = Dice(self.seed, serials)
        kind: Ints = np.asarray(what["kind"], dtype=np.int64)
        category: Ints = np.asarray(what["category"], dtype=np.int64)
        worth: Floats = np.asarray(what["worth"], dtype=np.float64)
        asked: Floats = np.asarray(what["asked"], dtype=np.float64) * np.where(
            again == 2, 0.95, 1.0
        )
        listed = self.arrival(serials)
        value = worth * self.drift(catalog.VARIANT_MODEL[np.asarray(what["variant"])], listed)
        way, shipping_cents = self._shipping(
            Dice(self.seed, item), category, value, kind == Kind.ACCESSORY
        )

        scam = kind == Kind.SCAM
        auction = (dice.uniform(40) < 0.05) & ~scam
        u = dice.uniform(41)
        cut = (u < 0.22) & ~auction & ~scam
        raised = (u < 0.04) & cut
        step = 0.04 + 0.14 * dice.uniform(42)
        first = np.where(raised, 1.12 + 0.16 * dice.uniform(43), np.where(cut, 1 - step, 1.0))
        twice = raised | (cut & (u < 0.09))
        second = np.where(raised, (1 - step * 0.4) / first, np.where(twice, 1 - step * 0.6, 1.0))

        final = asked * first * second
        p_sold = np.where(scam, 0.12, 1 / (1 + np.exp(-(1.18 - final) / 0.075)))
        sold = (dice.uniform(44) < np.where(auction, 0.92, p_sold)) & (again != 1)
        patience = -np.log1p(-dice.uniform(45))
        until_sold = 6.4 * np.exp(1.1 * (np.clip(final, 0.4, 1.6) - 1)) * patience
        until_ended = 5.0 + 19.0 * dice.uniform(46)
        hours = np.where(sold, until_sold, np.where(scam, 6.0 * patience, until_ended))
        hours = np.where(
            auction, np.array([6.0, 12.0, 24.0])[(dice.uniform(47) * 3).astype(np.int64)], hours
        )
        life = np.clip(hours * HOUR, 0.25 * HOUR, MAX_LIFE_S)
        ends = listed + life

        # An auction's `ask` is the bid that wins; it opens at `cut_to` of that.
        winning = value * 0.985 * np.exp(0.09 * dice.normal(48))
        total = np.where(auction, winning, asked * value)
        ask = np.maximum(total - shipping_cents, 99.0)
        opening = 0.3 + 0.6 * dice.uniform(49)
        cut_to = np.where(auction, opening, first)
        cut_at = np.where(cut, listed + life * (0.15 + 0.3 * dice.uniform(51)), np.inf)
        cut2_at = np.where(twice, listed + life * (0.55 + 0.3 * dice.uniform(52)), np.inf)
        best_offer = (dice.uniform(53) < 0.45) & ~auction
        haggled = np.where(best_offer & (dice.uniform(54) < 0.5), 1 - 0.08 * dice.uniform(55), 1.0)
        rows = Listings(
            serial=serials,
            item=item,
            listed=listed,
            origin=np.where(again == 2, self.arrival(item), listed),
            ends=ends,
            kind=kind,
            variant=np.asarray(what["variant"], dtype=np.int64),
            category=category,
            condition=np.asarray(what["condition"], dtype=np.int64),
            grade=np.asarray(what["grade"], dtype=np.int64),
            seller=np.asarray(what["seller"], dtype=np.int64),
            extra=np.asarray(what["extra"], dtype=np.int64),
            worth=worth,
            ask=ask,
            shipping=way,
            shipping_cents=shipping_cents,
            cut_at=cut_at,
            cut_to=cut_to,
            cut2_at=cut2_at,
            cut2_to=second,
            auction=auction,
            best_offer=best_offer,
            sold=sold,
            sold_cents=np.zeros(len(serials)),
            bits=np.asarray(what["bits"], dtype=np.uint64),
        )
        paid = np.rint(self.price(rows, ends) * haggled)
        return replace(rows, sold_cents=np.where(sold, paid, 0.0))
