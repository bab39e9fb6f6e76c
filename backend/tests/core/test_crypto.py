"""Sealed values: they open where they were sealed, under any key that is configured, and nowhere else."""

import base64
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.crypto import KeyMissing, SealBroken, Sealer
from app.core.keyring import parse_keys

OLD, NEW = ({name: os.urandom(32)} for name in ("k1", "k2"))
PLACE = {"table": "users", "row_id": 7, "column": "secret"}


@given(st.binary(max_size=500))
def test_what_is_sealed_opens_in_its_place(plain: bytes) -> None:
    sealer = Sealer(NEW)
    sealed = sealer.seal(plain, **PLACE)
    assert sealer.open(sealed, **PLACE) == plain
    assert len(plain) < 4 or plain not in sealed
    assert sealer.seal(plain, **PLACE) != sealed


@pytest.mark.parametrize("other", [{"table": "keys"}, {"row_id": 8}, {"column": "token"}])
def test_a_value_moved_elsewhere_does_not_open(other: dict[str, object]) -> None:
    sealer = Sealer(NEW)
    sealed = sealer.seal(b"JBSWY3DP", **PLACE)
    with pytest.raises(SealBroken):
        sealer.open(sealed, **{**PLACE, **other})
    with pytest.raises(SealBroken):
        Sealer({**NEW, **OLD}).rewrap(sealed, **{**PLACE, **other})


@given(st.data())
def test_a_changed_or_cut_value_does_not_open(data: st.DataObject) -> None:
    sealer = Sealer(NEW)
    sealed = bytearray(sealer.seal(b"JBSWY3DPEHPK3PXP", **PLACE))
    at = data.draw(st.integers(0, len(sealed) - 1))
    if data.draw(st.booleans()):
        sealed[at] ^= data.draw(st.integers(1, 255))
    else:
        del sealed[at:]
    with pytest.raises((SealBroken, KeyMissing)):
        sealer.open(bytes(sealed), **PLACE)


def test_keys_change_without_touching_the_value() -> None:
    sealed = Sealer(OLD).seal(b"JBSWY3DP", **PLACE)
    both = Sealer({**NEW, **OLD})
    renewed = both.rewrap(sealed, **PLACE)
    assert (both.key_id(sealed), both.key_id(renewed)) == ("k1", "k2")
    assert both.rewrap(renewed, **PLACE) == renewed
    assert Sealer(NEW).open(renewed, **PLACE) == b"JBSWY3DP"
    with pytest.raises(KeyMissing, match="k1"):
        Sealer(NEW).open(sealed, **PLACE)
    with pytest.raises(SealBroken):
        Sealer({"k1": os.urandom(32)}).open(sealed, **PLACE)


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(KeyMissing):
        Sealer({}).seal(b"x", **PLACE)


def test_keys_are_read_in_order_and_faults_are_named_without_the_key() -> None:
    good = base64.urlsafe_b64encode(b"x" * 32).decode()
    assert list(parse_keys(f"b:{good}, a:{good.rstrip('=')}")) == ["b", "a"]
    for bad in (f"a:{good},a:{good}", "a:c2hvcnQ=", f":{good}", good, "a b:" + good, "a:***"):
        with pytest.raises(ValueError, match=r"id|bytes|base64url") as found:
            parse_keys(bad)
        assert good not in str(found.value)
