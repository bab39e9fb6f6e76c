"""What every reply says to browsers about itself, made once and not per request.

Replies are documents for programs: they load nothing, are framed by nobody and are not kept. What
everybody may read may be kept as its own headers say; files and pages of the documentation as well.
"""

from typing import Final

from app.core.settings import Settings

Headers = list[tuple[bytes, bytes]]

PUBLIC_READS: Final = frozenset(
    {
        "/buyer/deals",
        "/buyer/deals/{deal_id}",
        "/listings",
        "/marketplaces",
        "/categories",
    }
)
"""Templates of routes whose answers are the same for everybody."""
PUBLIC_FILES: Final = ("/docs", "/openapi.json")

ALWAYS: Final[Headers] = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
STRICT_TRANSPORT: Final = (
    b"strict-transport-security",
    b"max-age=31536000; includeSubDomains",
)
NOT_KEPT: Final = (b"cache-control", b"no-store")
OUR_NAMES: Final = frozenset(name for name, _ in (*ALWAYS, STRICT_TRANSPORT, NOT_KEPT))


class ReplyHeaders:
    """The lists of one deployment: for what everybody may read, and for everything else."""

    def __init__(self, settings: Settings) -> None:
        transport = [STRICT_TRANSPORT] if settings.public_origin.startswith("https://") else []
        self._public: Headers = [*ALWAYS, *transport]
        self._private: Headers = [*self._public, NOT_KEPT]

    def for_reply(self, status: int, template: str, path: str, present: Headers) -> Headers:
        """What to add to a reply that has the headers `present`; these are not overwritten."""
        public = status < 400 and (template in PUBLIC_READS or path.startswith(PUBLIC_FILES))
        own = self._public if public else self._private
        if OUR_NAMES.isdisjoint([name for name, _ in present]):
            return own
        names = {name for name, _ in present}
        return [pair for pair in own if pair[0] not in names]
