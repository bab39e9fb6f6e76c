"""A fitted market as bytes: the same content the same bytes, the same evidence, nothing else read."""

import random
import zipfile
from datetime import timedelta
from functools import lru_cache
from io import BytesIO

import numpy as np
import orjson
import pytest

from app.domain import artefact, explain, scoring
from app.domain.artefact import InvalidArtefact
from app.domain.comparables import Market
from app.domain.valuation import FORMULA_VERSION, Item, estimate, fitted
from tests.domain.making import NOW, make_comp, make_offer, make_sales

TITLES = [
    "Canon AE-1 Program body",
    "leica m6 black",
    "Nikon FM2 with strap",
    "something unheard of",
]


@lru_cache
def market(per_model: int) -> Market:
    """A small market, or one large enough for networks, with odd rows of every kind."""
    odd = [
        make_comp(9001, title="Bücher\nKamera €", shipping_cents=None, dated=False),
        make_comp(9002, currency="EUR", condition="unknown"),
        make_comp(9003, title="", sold_at=NOW - timedelta(days=70, microseconds=7)),
    ]
    return fitted([*make_sales(per_model=per_model), *odd], currency="USD", use_for_days=90.0)


def evidence(market: Market) -> bytes:
    """All that pages would show of some items."""
    shown = []
    for title in TITLES:
        offer = make_offer(title=title)
        worth = estimate(Item(title, "used", "USD"), market, now=NOW)
        score = scoring.score_deal(offer, worth, now=NOW)
        shown.append(explain.evidence(offer, "USD", worth, score))
    return orjson.dumps(shown)


@pytest.mark.parametrize("per_model", [10, 60], ids=["small", "with networks"])
def test_what_was_packed_gives_the_same_evidence_wherever_it_is_unpacked(per_model: int) -> None:
    made = market(per_model)
    assert (made.model is not None) == (per_model == 60)
    packed = artefact.pack(made)
    once, again = artefact.unpack(packed), artefact.unpack(packed)
    assert artefact.pack(once) == packed
    assert once.comps == made.comps
    assert (once.currency, once.learned.use_for_days) == ("USD", 90.0)
    assert evidence(once) == evidence(again)
    assert once.learned.version == artefact.version_of(packed)
    assert once.learned.version.startswith(f"{FORMULA_VERSION}-")
    assert orjson.loads(evidence(once))[0]["estimate"]["model_version"] == once.learned.version
    if made.model is None:  # nothing is kept in half precision
        with_name = evidence(once).replace(f'"{once.learned.version}"'.encode(), b"null")
        assert with_name == evidence(made)


@pytest.mark.parametrize("per_model", [10, 60], ids=["small", "with networks"])
def test_the_same_comparables_in_any_order_give_the_same_bytes(per_model: int) -> None:
    shuffled = list(market(per_model).comps)
    random.Random(5).shuffle(shuffled)
    anew = fitted(shuffled, currency="USD", use_for_days=90.0)
    assert artefact.pack(anew) == artefact.pack(market(per_model))
    dearer = [*shuffled[1:], make_comp(9999, price_cents=19_000)]
    other = fitted(dearer, currency="USD", use_for_days=90.0)
    assert artefact.pack(other) != artefact.pack(anew)


def test_comparables_older_than_their_terms_allow_are_neither_used_nor_shown() -> None:
    made = market(10)
    then = NOW + timedelta(days=60)
    worth = estimate(Item(TITLES[0], "used", "USD"), made, now=then)
    assert worth.comps
    assert all(then - judged.comp.sold_at < timedelta(days=90) for judged in worth.comps)
    assert estimate(Item(TITLES[0], "used", "USD"), made, now=NOW + timedelta(days=95)).comps == ()


def rezipped(packed: bytes, **changes: bytes | None) -> bytes:
    """The artefact with members replaced, or left out where None."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(packed)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            content = changes.get(name.removesuffix(".npy").replace(".", "_"), old.read(name))
            if content is not None:
                new.writestr(name, content)
    return made.getvalue()


def member(array: np.ndarray, *, pickled: bool = False) -> bytes:
    """An array as a member."""
    made = BytesIO()
    np.save(made, array, allow_pickle=pickled)
    return made.getvalue()


def test_bytes_that_are_no_artefact_are_refused_with_the_reason() -> None:
    packed = artefact.pack(market(10))
    header = {"format": 99, "formula": FORMULA_VERSION}
    later = member(np.frombuffer(orjson.dumps(header), np.uint8))
    wrong = {
        "nothing": b"",
        "text": b"no zip at all",
        "cut off": packed[: len(packed) // 2],
        "another format": rezipped(packed, header=later),
        "no header": rezipped(packed, header=None),
        "no grams": rezipped(packed, grams_values=None),
        "fewer ids": rezipped(packed, comp_id=member(np.zeros(16, np.uint8))),
        "wrong column": rezipped(packed, comp_kind=member(np.full(83, 7, np.uint16))),
        "wrong rows": rezipped(packed, row_effect=member(np.zeros(3))),
        "a pickle": rezipped(packed, plain=member(np.array([{}], object), pickled=True)),
        "no array": rezipped(packed, plain=b"\x00" * 40),
    }
    for name, content in wrong.items():
        with pytest.raises(InvalidArtefact):
            pytest.fail(f"{name}: read as {artefact.unpack(content)}")


def test_a_flipped_bit_anywhere_is_refused_or_changes_the_name() -> None:
    packed = artefact.pack(market(10))
    dice = random.Random(3)
    for _ in range(60):
        broken = bytearray(packed)
        broken[dice.randrange(len(broken))] ^= 1 << dice.randrange(8)
        try:
            version = artefact.unpack(bytes(broken)).learned.version
        except InvalidArtefact:
            continue
        assert version != artefact.version_of(packed)
