"""Network addresses as whoever counts by them sees them."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

UNKNOWN: Final = "unknown"
"""All callers whose address cannot be told, together."""

SHARED_BITS: Final = 64
"""An IPv6 customer is given 2^64 addresses or more (RFC 6177), so single ones say nothing."""


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """An address without its zone, IPv4 in IPv6 (`::ffff:…`) as IPv4; None for anything else."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        return found.ipv4_mapped or IPv6Address(int(found))
    return found


@lru_cache(maxsize=4096)
def address_group(text: str) -> str:
    """Whom an address stands for: itself for IPv4, its /64 for IPv6, UNKNOWN when it is none."""
    found = read_address(text)
    if found is None:
        return UNKNOWN
    if isinstance(found, IPv4Address):
        return str(found)
    host_bits = 128 - SHARED_BITS
    return f"{IPv6Address(int(found) >> host_bits << host_bits)}/{SHARED_BITS}"
