"""Who is at the other end: the client's address, and the host and scheme that it used.

What proxies add (X-Forwarded-For, -Host, -Proto) is believed only when the connection comes from one of
TRUSTED_PROXIES; anybody may write these headers.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Final

from app.core.addresses import UNKNOWN, read_address
from app.core.origins import is_host, networks
from app.core.settings import Settings

Scope = Mapping[str, Any]
MAX_HOPS: Final = 20


def client_ip(scope: Scope, settings: Settings) -> str:
    """The client's address: the last one that is no proxy of ours.

    X-Forwarded-For grows to the right, so it is read from there; what is not an address ends the
    walk, and what stands before it is not believed.
    """
    peer: tuple[str, int] | None = scope.get("client")
    if peer is None:
        return UNKNOWN
    nearest = peer[0]
    if not settings.trusted_proxies or not _is_trusted(nearest, settings.trusted_proxies):
        return nearest
    for hop in _hops(scope):
        found = read_address(_without_port(hop))
        if found is None:
            break
        nearest = str(found)
        if not _is_trusted(nearest, settings.trusted_proxies):
            break
    return nearest


def asked_host(scope: Scope, settings: Settings) -> str:
    """The host that the client asked for, lower-case and without its port; "" when it named none, or two."""
    forwarded = _forwarded(scope, settings, b"x-forwarded-host")
    if forwarded and (host := host_name(forwarded)):
        return host
    given = [value for name, value in scope["headers"] if name == b"host"]
    return host_name(given[0].decode("latin-1")) if len(given) == 1 else ""


def asked_scheme(scope: Scope, settings: Settings) -> str:
    """The scheme that the client used: http or https."""
    forwarded = _forwarded(scope, settings, b"x-forwarded-proto").lower()
    own: str = scope["scheme"]
    return forwarded if forwarded in ("http", "https") else own


def host_name(authority: str) -> str:
    """The host of `host:port`, lower-case; "" when it cannot be one."""
    text = authority.strip().lower()
    if text.startswith("["):
        host, bracket, port = text[1:].partition("]")
        sign, number = port[:1], port[1:]
        bad = not bracket or (bool(port) and (sign != ":" or not number.isdigit()))
    else:
        host, sign, number = text.partition(":")
        bad = bool(sign) and not number.isdigit()
    return "" if bad or not is_host(host) else host


def _forwarded(scope: Scope, settings: Settings, header: bytes) -> str:
    """What the nearest trusted proxy says: the header's last value."""
    peer: tuple[str, int] | None = scope.get("client")
    if (
        peer is None
        or not settings.trusted_proxies
        or not _is_trusted(peer[0], settings.trusted_proxies)
    ):
        return ""
    values = [value for name, value in scope["headers"] if name == header]
    return values[-1].decode("latin-1").rpartition(",")[2].strip() if values else ""


def _hops(scope: Scope) -> Iterator[str]:
    """X-Forwarded-For from right to left."""
    lines = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    hops = b",".join(lines).decode("latin-1").split(",") if lines else []
    for hop in reversed(hops[-MAX_HOPS:]):
        yield hop.strip()


def _without_port(hop: str) -> str:
    """Some proxies write 203.0.113.7:50123 or [2001:db8::7]:50123."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


@lru_cache(maxsize=16)
def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return networks(text)


@lru_cache(maxsize=4096)
def _is_trusted(address: str, trusted: str) -> bool:
    found = read_address(address)
    return found is not None and any(found in network for network in _networks(trusted))
