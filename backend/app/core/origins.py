"""Origins, hosts and networks as they are written in settings: comma-separated, exact, no wildcards."""

import re
from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final
from urllib.parse import urlsplit

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_HOST: Final = re.compile(r"[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|[0-9a-f:]*:[0-9a-f:.]*")
_ORIGIN: Final = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
)


def listed(text: str) -> list[str]:
    """The values of a comma-separated setting."""
    return [value for part in text.split(",") if (value := part.strip())]


def is_origin(text: str) -> bool:
    """Whether this is one web origin as browsers send it: scheme, host, port, and nothing after them."""
    return _ORIGIN.fullmatch(text) is not None


def is_host(text: str) -> bool:
    """Whether this is one host's name or address, without a port."""
    return _HOST.fullmatch(text) is not None


def host_of(origin: str) -> str:
    """The host of an address such as https://deals.example.com:8443; "" when it has none."""
    return urlsplit(origin).hostname or ""


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """Addresses and CIDRs; ValueError names what is neither."""
    return tuple(ip_network(value) for value in listed(text))


def faults(
    *, public_origin: str, cors_origins: str, trusted_hosts: str, trusted_proxies: str
) -> Iterable[str]:
    """What is wrong with these settings."""
    if not is_origin(public_origin):
        yield "PUBLIC_ORIGIN must be like https://deals.example.com"
    for origin in listed(cors_origins):
        if not is_origin(origin):
            yield "CORS_ORIGINS must list whole origins like https://app.example.com, no wildcards"
    for host in listed(trusted_hosts):
        if not is_host(host.lower()):
            yield "TRUSTED_HOSTS must list host names without ports, no wildcards"
    try:
        networks(trusted_proxies)
    except ValueError as error:
        yield f"TRUSTED_PROXIES must list addresses or networks: {error}"
