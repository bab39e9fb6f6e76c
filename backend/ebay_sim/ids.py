"""eBay item ids of simulated listings, and back.

The serial of a listing (its place in the stream of arrivals) is folded into the number, so that an id that the
product kept for weeks still means the same item after a restart. Ids from `/sim/list` live in a range of their own.
"""

import re

ORIGIN = 110_000_000_000
PLANTED_ORIGIN = 390_000_000_000
_STEP = 7
_ITEM_ID = re.compile(r"v1\|(\d{12})\|0")


def legacy_id(serial: int) -> int:
    """The 12-digit number of the serial; serials below zero are planted listings, -1 being the first."""
    if serial < 0:
        return PLANTED_ORIGIN - serial
    return ORIGIN + serial * _STEP + (serial * 2654435761 >> 7) % _STEP


def item_id(serial: int) -> str:
    """`v1|<legacy id>|0`."""
    return f"v1|{legacy_id(serial)}|0"


def find_serial(legacy: int) -> int | None:
    """The serial behind a legacy id; None for a number that the simulator never gives out."""
    if legacy > PLANTED_ORIGIN:
        return PLANTED_ORIGIN - legacy
    serial = (legacy - ORIGIN) // _STEP
    return serial if legacy >= ORIGIN and legacy_id(serial) == legacy else None


def find_serial_of_item(item: str) -> int | None:
    """The serial behind `v1|<legacy id>|0`; None for anything else."""
    match = _ITEM_ID.fullmatch(item)
    return find_serial(int(match.group(1))) if match else None
