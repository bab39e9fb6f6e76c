"""The sellers of the market: a few busy shops, many private people, and a pool of throw-away accounts for scams."""

from dataclasses import dataclass

import numpy as np

from ebay_sim.world.randomness import Dice, Floats, Ints

HONEST = 6_000
THROWAWAY = 600
_FIRST = [
    "retro",
    "camera",
    "vintage",
    "north",
    "river",
    "pixel",
    "tone",
    "sunny",
    "maple",
    "urban",
    "golden",
    "harbor",
    "lucky",
    "quiet",
    "copper",
    "cedar",
    "summit",
    "classic",
    "daily",
    "prime",
    "corner",
    "attic",
    "garage",
    "estate",
    "second",
    "turbo",
    "velvet",
    "iron",
    "lunar",
]
_SECOND = [
    "finds",
    "goods",
    "shop",
    "deals",
    "supply",
    "vault",
    "works",
    "trader",
    "outlet",
    "depot",
    "gear",
    "market",
    "collective",
    "resale",
    "exchange",
    "cellar",
    "store",
    "hub",
    "traders",
    "picks",
    "closet",
    "studio",
    "garage",
    "bay",
    "lane",
]
STATES = (
    ("CA", "Los Angeles", "900**"), ("NY", "Brooklyn", "112**"), ("TX", "Austin", "787**"), ("FL", "Miami", "331**"),
    ("WA", "Seattle", "981**"), ("IL", "Chicago", "606**"), ("OR", "Portland", "972**"), ("OH", "Columbus", "432**"),
    ("PA", "Philadelphia", "191**"), ("GA", "Atlanta", "303**"), ("MI", "Detroit", "482**"), ("CO", "Denver", "802**"),
    ("NJ", "Newark", "071**"), ("NC", "Raleigh", "276**"), ("AZ", "Phoenix", "850**"), ("MN", "Minneapolis", "554**"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seller:
    """A seller as listings show them."""

    username: str
    feedback_score: int
    feedback_percentage: str
    business: bool
    state: str
    city: str
    postal_code: str


class Sellers:
    """Sellers of one seed. Index below HONEST: honest; from there on: throw-away accounts."""

    def __init__(self, seed: int) -> None:
        index: Ints = np.arange(HONEST + THROWAWAY, dtype=np.int64)
        dice = Dice(seed, index)
        fresh = dice.uniform(1) < 0.05
        honest_score = np.exp(5.2 + 1.9 * dice.normal(2)).astype(np.int64) + 3
        honest_score = np.where(fresh, (dice.uniform(3) * 12).astype(np.int64), honest_score)
        throwaway = index >= HONEST
        self.feedback_score: Ints = np.where(
            throwaway, (dice.uniform(4) * 7).astype(np.int64), honest_score
        )
        flaw = dice.uniform(5) ** 3 * np.where(dice.uniform(6) < 0.06, 8.0, 2.5)
        self.feedback_percent: Floats = np.round(
            100.0 - np.where(throwaway, dice.uniform(7) * 30, flaw), 1
        )
        # What a seller tends to ask over the going price; shops ask more and know the price better.
        self.asking_bias: Floats = 0.04 * dice.normal(8)
        self._place: Ints = (dice.uniform(9) * len(STATES)).astype(np.int64)
        self._name: Ints = (dice.bits(10) >> np.uint64(8)).astype(np.int64)

    def get(self, index: int) -> Seller:
        """The seller with this index."""
        score = int(self.feedback_score[index])
        noise = int(self._name[index])
        state, city, postal_code = STATES[int(self._place[index])]
        name = f"{_FIRST[noise % len(_FIRST)]}{'_' if noise & 64 else ''}{_SECOND[noise // 97 % len(_SECOND)]}"
        return Seller(
            username=f"{name}{index}",
            feedback_score=score,
            feedback_percentage="0.0" if score == 0 else f"{self.feedback_percent[index]:.1f}",
            business=score > 2_500,
            state=state,
            city=city,
            postal_code=postal_code,
        )
