"""By which names we answer: a request for another host was led here by somebody else's DNS or link."""

from typing import Final

from starlette.types import Scope

from app.api.peer import asked_host, host_name
from app.core.settings import Settings
from app.errors import BadRequest

FOR_ANY_HOST: Final = frozenset({"/livez", "/readyz"})
"""Balancers ask these by address."""
_MOST_REMEMBERED: Final = 1000


class UnknownHost(BadRequest):
    """The Host header names a host that we do not answer for."""

    code, title = "unknown_host", "Unknown host"


class KnownHosts:
    """The names of one deployment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._names = settings.known_hosts
        self._good: set[bytes] = set()

    def check(self, scope: Scope, host: bytes | None) -> None:
        """UnknownHost unless the request is for one of our names. `host`: its only Host header."""
        if host in self._good and not self._settings.trusted_proxies:
            return
        if scope["path"] in FOR_ANY_HOST:
            return
        name = asked_host(scope, self._settings)
        if name not in self._names:
            raise UnknownHost("We do not answer for this host.")
        if host is not None and host_name(host.decode("latin-1")) == name:
            if len(self._good) >= _MOST_REMEMBERED:  # any port may follow a good name
                self._good.clear()
            self._good.add(host)
