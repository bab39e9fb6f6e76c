"""Pages of other origins: none may call us but those in CORS_ORIGINS, and these without cookies.

An origin is allowed when it equals a listed one to the letter. Credentials are never allowed: a page
elsewhere uses an API key of its own, not the session of whoever looks at it.
"""

from collections.abc import Sequence
from typing import Final

from app.api.headers import Headers
from app.core.origins import listed
from app.core.settings import Settings

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
REQUEST_HEADERS: Final = frozenset(
    {
        *("accept", "authorization", "content-type", "idempotency-key"),
        *("if-none-match", "x-request-id"),
    }
)
_EXPOSED: Final = (
    b"ETag, Link, Deprecation, Location, Retry-After, X-Request-Id, Idempotent-Replayed, "
    b"RateLimit, RateLimit-Policy, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
)
_PREFLIGHT_VARY: Final = (
    b"vary",
    b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
)
_MAX_AGE_S: Final = b"600"


class CrossOrigin:
    """The rules of one deployment; false where no origin is listed, and then nothing is looked at."""

    def __init__(self, settings: Settings) -> None:
        self._origins = frozenset(origin.encode() for origin in listed(settings.cors_origins))

    def __bool__(self) -> bool:
        return bool(self._origins)

    def reply_headers(self, origin: bytes | None) -> Headers:
        """What a reply says to a page of `origin`. Caches are told in any case that it depends on that."""
        if origin not in self._origins or origin is None:
            return [(b"vary", b"Origin")]
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", _EXPOSED),
            (b"vary", b"Origin"),
        ]

    def preflight_headers(
        self, origin: bytes | None, request: Sequence[tuple[bytes, bytes]]
    ) -> Headers:
        """The answer to a preflight; what is not allowed is not in it, which is how a browser refuses."""
        asked = dict(request)
        if origin is None or origin not in self._origins:
            return [_PREFLIGHT_VARY]
        method = asked[b"access-control-request-method"].decode("latin-1")
        names = asked.get(b"access-control-request-headers", b"").decode("latin-1").lower()
        wanted = {name.strip() for name in names.split(",")} - {""}
        if method not in METHODS or not wanted <= REQUEST_HEADERS:
            return [(b"access-control-allow-origin", origin), _PREFLIGHT_VARY]
        headers: Headers = [
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-methods", method.encode()),
            (b"access-control-max-age", _MAX_AGE_S),
            _PREFLIGHT_VARY,
        ]
        if wanted:
            headers.append((b"access-control-allow-headers", ", ".join(sorted(wanted)).encode()))
        return headers


def is_preflight(method: str, request: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether a browser asks what another origin's page may do."""
    return method == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in request
    )
