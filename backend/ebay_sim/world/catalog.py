"""What the market trades: categories, models, variants, conditions, accessories; flat arrays for drawing.

Data lines (in the catalog_* modules):
  category   id|name|ancestor ids and names, root first|silhouette|nouns|condition set|shipping $ low-high|default axes
  axis       name|label:value ratio:probability;…    (label "-" is unspoken)
  model      brand|name|value in $|axes (optional)   under a line that holds the category id
  accessory  category id|title template:value in $;…
A variant is one choice per axis; its value is the model's times the ratios.
"""

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ebay_sim.world import catalog_computing, catalog_home_and_wear, catalog_sound_and_sight

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_SOURCES = (catalog_sound_and_sight, catalog_computing, catalog_home_and_wear)


class Condition(NamedTuple):
    """A condition as eBay shows it, the product's word for it, its value against a used item, its share."""

    id: str
    text: str
    word: str
    ratio: float
    share: float


CONDITION_SETS: dict[str, tuple[Condition, ...]] = {
    "used_goods": (
        Condition("1000", "New", "new", 1.34, 0.06),
        Condition("1500", "Open box", "open_box", 1.18, 0.07),
        Condition("2500", "Seller refurbished", "refurbished", 1.09, 0.03),
        Condition("3000", "Used", "used", 1.0, 0.84),
    ),
    "refurb_goods": (
        Condition("1000", "New", "new", 1.30, 0.07),
        Condition("1500", "Open box", "open_box", 1.15, 0.09),
        Condition("2010", "Excellent - Refurbished", "refurbished", 1.08, 0.07),
        Condition("2020", "Very Good - Refurbished", "refurbished", 1.03, 0.06),
        Condition("2030", "Good - Refurbished", "refurbished", 0.96, 0.05),
        Condition("3000", "Used", "used", 1.0, 0.66),
    ),
    "graded_media": (
        Condition("1000", "Brand New", "new", 1.65, 0.06),
        Condition("2750", "Like New", "like_new", 1.24, 0.14),
        Condition("4000", "Very Good", "very_good", 1.07, 0.34),
        Condition("5000", "Good", "good", 0.95, 0.30),
        Condition("6000", "Acceptable", "acceptable", 0.72, 0.16),
    ),
    "footwear": (
        Condition("1000", "New with box", "new", 1.46, 0.38),
        Condition("1500", "New without box", "open_box", 1.30, 0.11),
        Condition("3000", "Pre-owned", "used", 1.0, 0.51),
    ),
    "boxed_toys": (
        Condition("1000", "New", "new", 1.58, 0.24),
        Condition("1500", "New (Other)", "open_box", 1.36, 0.06),
        Condition("3000", "Used", "used", 1.0, 0.70),
    ),
}
FOR_PARTS = Condition("7000", "For parts or not working", "for_parts", 0.32, 0.0)
CONDITION_TEXTS = {c.id: c.text for group in CONDITION_SETS.values() for c in group} | {
    FOR_PARTS.id: FOR_PARTS.text
}


class Choice(NamedTuple):
    """One value of an axis; an empty label is not said in titles."""

    label: str
    ratio: float
    share: float


@dataclass(frozen=True, slots=True)
class Category:
    """A leaf category: what its items look like, how conditions and shipping price there, what accessories exist."""

    index: int
    id: str
    name: str
    ancestors: tuple[tuple[str, str], ...]
    silhouette: str
    nouns: tuple[str, ...]
    conditions: tuple[Condition, ...]
    parts_ratio: float
    shipping_cents: tuple[int, int]
    axes: tuple[str, ...]
    accessories: tuple[tuple[str, int], ...]

    @property
    def path(self) -> tuple[tuple[str, str], ...]:
        """Ids and names from the root to this leaf."""
        return (*self.ancestors, (self.id, self.name))


@dataclass(frozen=True, slots=True)
class Model:
    """A product; its value is that of a used, working item of the plainest variant."""

    index: int
    category: Category
    brand: str
    name: str
    value_cents: int
    axes: tuple[str, ...]

    @property
    def full_name(self) -> str:
        """Brand and name."""
        return f"{self.brand} {self.name}"


class Variant(NamedTuple):
    """One choice per axis of a model, and what that makes of its value."""

    model: int
    labels: tuple[str, ...]
    ratio: float


def _wobble(*key: object) -> float:
    """A stable number in 0…1 for a catalogue entry, so that categories differ without more data."""
    state = 2166136261
    for char in "|".join(map(str, key)):
        state = ((state ^ ord(char)) * 16777619) & 0xFFFFFFFF
    return state / 2**32


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _axes() -> dict[str, tuple[Choice, ...]]:
    axes: dict[str, tuple[Choice, ...]] = {}
    for line in (line for source in _SOURCES for line in _lines(source.AXES)):
        name, choices = line.split("|")
        parsed = (part.rsplit(":", 2) for part in choices.split(";"))
        read = [
            Choice("" if label == "-" else label, float(ratio), float(share))
            for label, ratio, share in parsed
        ]
        axes[name] = tuple(choice for choice in read if choice.share > 0)
    return axes


def _categories() -> tuple[Category, ...]:
    accessories: dict[str, tuple[tuple[str, int], ...]] = {}
    for line in (line for source in _SOURCES for line in _lines(source.ACCESSORIES)):
        category_id, entries = line.split("|")
        split = (entry.rsplit(":", 1) for entry in entries.split(";"))
        accessories[category_id] = tuple(
            (template, round(float(value) * 100)) for template, value in split
        )
    found: list[Category] = []
    for line in (line for source in _SOURCES for line in _lines(source.CATEGORIES)):
        category_id, name, ancestors, silhouette, nouns, condition_set, shipping, axes = line.split(
            "|"
        )
        low, high = shipping.split("-")
        pairs = (part.split(":", 1) for part in ancestors.split(">"))
        conditions = tuple(
            c._replace(ratio=1 + (c.ratio - 1) * (0.75 + 0.5 * _wobble(category_id, c.id)))
            for c in CONDITION_SETS[condition_set]
        )
        found.append(
            Category(
                index=len(found),
                id=category_id,
                name=name,
                ancestors=tuple((ident, text) for ident, text in pairs),
                silhouette=silhouette,
                nouns=tuple(nouns.split(";")),
                conditions=conditions,
                parts_ratio=0.22 + 0.2 * _wobble(category_id, "parts"),
                shipping_cents=(int(low) * 100, int(high) * 100),
                axes=tuple(axes.split(",")),
                accessories=accessories[category_id],
            )
        )
    return tuple(found)


def _models(categories: tuple[Category, ...]) -> tuple[Model, ...]:
    by_id = {category.id: category for category in categories}
    models: list[Model] = []
    for source in _SOURCES:
        category = categories[0]
        for line in _lines(source.MODELS):
            if line in by_id:
                category = by_id[line]
                continue
            brand, name, value, *axes = line.split("|")
            names = tuple(axes[0].split(",")) if axes else category.axes
            models.append(
                Model(len(models), category, brand, name, round(float(value) * 100), names)
            )
    return tuple(models)


AXES = _axes()
CATEGORIES = _categories()
MODELS = _models(CATEGORIES)
CATEGORY_BY_ID = {category.id: category for category in CATEGORIES}
ROOTS = {category.ancestors[0][0] for category in CATEGORIES}


def _variants() -> tuple[tuple[Variant, ...], Floats]:
    """Every variant of every model, and the cumulated share with which each is drawn.

    Models of one category follow a gentle Zipf law; categories are about equally busy.
    """
    variants: list[Variant] = []
    shares: list[float] = []
    rank: dict[str, int] = {}
    for model in MODELS:
        position = rank[model.category.id] = rank.get(model.category.id, -1) + 1
        popularity = (0.6 + 0.8 * _wobble(model.category.id)) / (position + 6.0)
        for choices in product(*(AXES[name] for name in model.axes)):
            share = popularity
            ratio = 1.0
            for choice in choices:
                share *= choice.share
                ratio *= choice.ratio
            variants.append(Variant(model.index, tuple(c.label for c in choices if c.label), ratio))
            shares.append(share)
    cumulated = np.cumsum(np.array(shares))
    return tuple(variants), cumulated / cumulated[-1]


VARIANTS, VARIANT_CUMULATED = _variants()

# Columns over the catalogue, for vectorised drawing.
VARIANT_MODEL: Ints = np.array([v.model for v in VARIANTS], dtype=np.int64)
VARIANT_RATIO: Floats = np.array([v.ratio for v in VARIANTS])
MODEL_CATEGORY: Ints = np.array([m.category.index for m in MODELS], dtype=np.int64)
MODEL_VALUE: Floats = np.array([m.value_cents for m in MODELS], dtype=np.float64)
CATEGORY_PARTS_RATIO: Floats = np.array([c.parts_ratio for c in CATEGORIES])
CATEGORY_SHIPPING: Floats = np.array([c.shipping_cents for c in CATEGORIES], dtype=np.float64)
ACCESSORY_COUNT: Ints = np.array([len(c.accessories) for c in CATEGORIES], dtype=np.int64)
MAX_CONDITIONS = max(len(c.conditions) for c in CATEGORIES)
FOR_PARTS_INDEX = MAX_CONDITIONS


def _condition_table() -> tuple[Floats, Floats]:
    cumulated = np.full((len(CATEGORIES), MAX_CONDITIONS), 2.0)
    ratio = np.ones((len(CATEGORIES), MAX_CONDITIONS + 1))
    for category in CATEGORIES:
        shares = np.cumsum([c.share for c in category.conditions])
        cumulated[category.index, : len(shares) - 1] = shares[:-1] / shares[-1]
        ratio[category.index, : len(shares)] = [c.ratio for c in category.conditions]
        ratio[category.index, FOR_PARTS_INDEX] = category.parts_ratio
    return cumulated, ratio


CONDITION_CUMULATED, CONDITION_RATIO = _condition_table()
ACCESSORY_VALUE: Floats = np.zeros((len(CATEGORIES), int(ACCESSORY_COUNT.max())))
for _category in CATEGORIES:
    ACCESSORY_VALUE[_category.index, : len(_category.accessories)] = [
        value for _, value in _category.accessories
    ]


def condition_of(category: Category, index: int) -> Condition:
    """The condition that a drawn index means in this category."""
    return FOR_PARTS if index == FOR_PARTS_INDEX else category.conditions[index]
