"""Titles as people write them: any word order, brands left out, slips of the pen, praise and filler, at most 80 characters.

What bears on the value (model, variant, lot, parts) is nearly always said; the rest comes and goes.
"""

from ebay_sim.world import catalog
from ebay_sim.world.economy import Kind, Listings

MAX_TITLE = 80
_GRADE_WORDS = (
    ("MINT", "Mint Condition", "Near Mint", "pristine", "Flawless"),
    ("Excellent", "Excellent Condition", "EXC+++", "Great Condition", "Very Clean"),
    ("Tested", "Works Great", "Good Condition", "", "", "", "Tested Working", ""),
    ("heavy wear", "scratched but works", "Rough Shape", "Well Used", "cosmetic damage"),
)
_CONDITION_WORDS = {
    "new": ("NEW", "Brand New", "New Sealed", "BNIB", "Factory Sealed"),
    "open_box": ("Open Box", "OPEN BOX", "open box new", "New Open Box"),
    "refurbished": ("Refurbished", "Renewed", "refurb", "Seller Refurbished"),
    "like_new": ("Like New", "Barely Used", "like new"),
    "very_good": ("", "Very Good", "", "tested"),
    "good": ("", "Good", "", "tested"),
    "acceptable": ("worn", "Acceptable", "Well Played"),
}
_PARTS_WORDS = (
    "for parts or repair", "FOR PARTS not working", "AS-IS parts only", "Broken for parts", "For Parts / Repair",
    "not working read", "PARTS ONLY AS IS",
)  # fmt: skip
_FILLER = (
    "fast ship", "Free Shipping", "USA", "tested works great", "L@@K", "from estate", "great deal", "ships fast",
    "no reserve", "must see", "US seller", "nice", "rare", "fast free ship", "smoke free home", "read description",
)  # fmt: skip
_LOT_FORMS = (
    "Lot of {n} {m}",
    "LOT OF {n} {m}",
    "{m} Lot of {n}",
    "{n}x {m} bundle",
    "Bundle of {n} {m}",
    "{m} x{n} wholesale lot",
)
_NEIGHBOURS = {
    "a": "s", "b": "v", "c": "x", "d": "s", "e": "r", "f": "g", "g": "h", "i": "o", "k": "l", "l": "k", "m": "n",
    "n": "m", "o": "i", "p": "o", "r": "t", "s": "a", "t": "r", "u": "y", "v": "b", "x": "z", "y": "t",
}  # fmt: skip

_VARIANT_MODEL = [v.model for v in catalog.VARIANTS]
_VARIANT_LABELS = [v.labels for v in catalog.VARIANTS]
_MODEL_NAME = [m.name for m in catalog.MODELS]
_MODEL_BRAND = [m.brand for m in catalog.MODELS]
_MODEL_FULL = [m.full_name for m in catalog.MODELS]
_NOUNS = [c.nouns for c in catalog.CATEGORIES]
_ACCESSORIES = [[template for template, _ in c.accessories] for c in catalog.CATEGORIES]
_WORDS = [
    [_CONDITION_WORDS.get(catalog.condition_of(c, i).word, ()) for i in range(len(c.conditions))]
    + [()] * 8
    for c in catalog.CATEGORIES
]
# A name of digits alone ("700", "2") would be lost without its brand.
_NEEDS_BRAND = [len(m.name) < 5 or not any(c.isalpha() for c in m.name) for m in catalog.MODELS]


def misspell(text: str, noise: int) -> str:
    """One slip of the pen in the longest plain word of the text: a letter dropped, doubled, swapped or a neighbour's."""
    words = text.split(" ")
    place = max(range(len(words)), key=lambda i: len(words[i]) if words[i].isalpha() else 0)
    word = words[place]
    if len(word) < 5 or not word.isalpha():
        return text
    at = 1 + noise % (len(word) - 2)
    form = noise // 16 % 4
    if form == 0:
        word = word[:at] + word[at + 1 :]
    elif form == 1:
        word = word[:at] + word[at] + word[at:]
    elif form == 2:
        word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    else:
        word = word[:at] + _NEIGHBOURS.get(word[at].lower(), "e") + word[at + 1 :]
    words[place] = word
    return " ".join(words)


def titles(rows: Listings) -> list[str]:
    """One title per row."""
    columns = zip(
        rows.kind.tolist(), rows.variant.tolist(), rows.category.tolist(), rows.condition.tolist(), rows.grade.tolist(),
        rows.extra.tolist(), rows.bits.tolist(), strict=True,
    )  # fmt: skip
    return [_title(*row) for row in columns]


def _title(
    kind: int, variant: int, category: int, condition: int, grade: int, extra: int, bits: int
) -> str:
    model = _VARIANT_MODEL[variant]
    noise = bits >> 8
    if kind == Kind.ACCESSORY:
        return _finish(
            _ACCESSORIES[category][extra].format(m=_MODEL_FULL[model]),
            _accessory_tail(noise),
            "",
            noise,
        )
    if (noise & 127) < 12 and not _NEEDS_BRAND[model]:
        name = _MODEL_NAME[model]
    elif (noise & 127) < 17:
        name = f"{_MODEL_NAME[model]} {_MODEL_BRAND[model]}"
    else:
        name = _MODEL_FULL[model]
    labels = _VARIANT_LABELS[variant]
    if (noise >> 7) & 31 == 0 and len(labels) > 1:
        labels = labels[:-1]  # the last axis is the least telling one
    elif (noise >> 7) & 3 == 1:
        labels = labels[::-1]
    nouns = _NOUNS[category]
    noun = nouns[(noise >> 12) % len(nouns)] if (noise >> 16) & 3 else ""
    if kind == Kind.LOT:
        form = _LOT_FORMS[(noise >> 20) % len(_LOT_FORMS)]
        return _finish(
            form.format(n=extra, m=f"{name} {' '.join(labels)}".strip()), noun, "", noise
        )
    if kind == Kind.PARTS:
        said = _PARTS_WORDS[(noise >> 20) % len(_PARTS_WORDS)]
        body = (
            f"{name} {' '.join(labels)}"
            if (noise >> 24) & 3
            else f"{said} {name} {' '.join(labels)}"
        )
        return _finish(body, "" if body.startswith(said) else said, noun, noise)
    words = _WORDS[category][condition] or _GRADE_WORDS[grade]
    said = words[(noise >> 20) % len(words)]
    if grade == 2 and not _WORDS[category][condition] and (noise >> 24) & 1:
        said = ""
    order = (noise >> 25) & 7
    text = " ".join(labels)
    if order < 4:
        body = f"{name} {text} {noun}"
    elif order < 6:
        body = f"{name} {noun} {text}"
    elif order == 6:
        body, said = f"{said} {name} {text}", noun
    else:
        body = f"{text} {name} {noun}" if len(text) < 24 else f"{name} {text}"
    filler = _FILLER[(noise >> 28) % len(_FILLER)] if (noise >> 33) & 3 == 0 else ""
    return _finish(body, said, filler, noise)


def _accessory_tail(noise: int) -> str:
    return ("", "New", "OEM", "Genuine", "High Quality", "Black", "", "USA seller")[
        (noise >> 20) & 7
    ]


def _finish(body: str, *rest: str | int) -> str:
    """Joins what fits into 80 characters, then the writer's habits: slips, shouting, whispering."""
    noise = int(rest[-1])
    text = " ".join(body.split())
    if (noise >> 36) % 33 == 0:
        text = misspell(text, noise >> 30)
    for part in rest[:-1]:
        if part and len(text) + 1 + len(str(part)) <= MAX_TITLE:
            text = f"{text} {part}"
    if len(text) > MAX_TITLE:
        text = text[:MAX_TITLE].rsplit(" ", 1)[0]
    style = (noise >> 40) & 31
    if style < 2:
        return text.upper()
    return text.lower() if style < 4 else text
