"""How much one caller may ask of us in a minute, by what each operation costs.

One budget per caller: a signed-in one is counted by account or key, everybody else by address. Told in
RateLimit-* headers on every counted reply; over the limit the answer is 429 with Retry-After. What can
be guessed (signing in) has besides limits that never give way: `app.services.throttles`.
"""

from functools import lru_cache
from typing import Final, Self

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.headers import Headers
from app.api.peer import client_ip
from app.core.addresses import address_group
from app.core.metrics import RATE_LIMIT_REFUSED
from app.core.ratelimit import RateLimiter, Verdict
from app.core.settings import Settings
from app.errors import TooManyRequests

WINDOW_S: Final = 60
UNLIMITED: Final = frozenset({"get_liveness", "get_readiness", "get_health"})
"""Those who look whether we are well must not be told that they ask too often."""

COSTS: Final = {
    # a market may have to be fitted or read for it: tens of milliseconds of a processor
    "suggest_price": 10,
    # hundreds of megabytes may be read; two run at a time and the rest wait
    "import_comps": 60,
    "delete_comps_import": 20,
    # each spends marketplace calls, of which there are some thousands a day
    "queue_scan": 20,
    "run_scan": 20,
    "queue_comps_refresh": 20,
    # hashes a password: 64 MiB and 0.2 s each
    "register": 20,
    "sign_in": 10,
    "reset_password": 20,
    "change_password": 20,
    "change_email": 20,
    "delete_account": 20,
    # send a mail
    "request_password_reset": 20,
    # reads everything of an account
    "export_account": 60,
}
"""By operation id; all others cost 1."""

_VERDICT: Final = "deal_scout.rate_limit"


def address_identity(scope: Scope, settings: Settings) -> str:
    """A caller of whom nothing is known but where the request came from."""
    return f"ip:{address_group(client_ip(scope, settings))}"


class Limits:
    """The budgets of one deployment; `close` ends its connections."""

    def __init__(self, settings: Settings, limiter: RateLimiter) -> None:
        self._settings = settings
        self._limiter = limiter
        self._anonymous = settings.rate_limit_anonymous
        self._signed_in = settings.rate_limit_signed_in

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The limits that the settings ask for."""
        return cls(settings, RateLimiter.from_settings(settings))

    async def close(self) -> None:
        """Close the connections."""
        await self._limiter.close()

    async def charge(
        self, scope: Scope, operation: str | None, identity: str | None = None
    ) -> None:
        """Count a request to its caller's budget; TooManyRequests when that is used up.

        `identity`: `user:…`, `key:…` or `ip:…`; without one, the address.
        """
        known = identity is not None and not identity.startswith("ip:")
        limit = self._signed_in if known else self._anonymous
        if not limit or operation in UNLIMITED:
            return
        verdict = await self._limiter.hit(
            "requests",
            identity or address_identity(scope, self._settings),
            limit=limit,
            window_s=WINDOW_S,
            cost=COSTS.get(operation or "", 1),
        )
        scope[_VERDICT] = verdict
        if not verdict.allowed:
            RATE_LIMIT_REFUSED.labels("signed_in" if known else "anonymous").inc()
            raise TooManyRequests(
                "These are more requests than may be made in a minute. Wait, then go on slower.",
                retry_after_s=verdict.reset_s,
            )


def verdict_headers(scope: Scope) -> Headers:
    """What a reply says of its caller's budget; nothing where it was not counted.

    RateLimit-Limit and its siblings as clients know them, and the two fields that replace them
    (draft-ietf-httpapi-ratelimit-headers-10).
    """
    verdict: Verdict | None = scope.get(_VERDICT)
    if verdict is None:
        return []
    _, limit, remaining, reset_s = verdict
    return [
        (b"ratelimit-limit", b"%d" % limit),
        (b"ratelimit-remaining", b"%d" % remaining),
        (b"ratelimit-reset", b"%d" % reset_s),
        _policy(limit),
        (b"ratelimit", b'"default";r=%d;t=%d' % (remaining, reset_s)),
    ]


@lru_cache(maxsize=16)
def _policy(limit: int) -> tuple[bytes, bytes]:
    return b"ratelimit-policy", b'"default";q=%d;w=%d' % (limit, WINDOW_S)


def count_what_is_not_there(app: FastAPI) -> None:
    """Count requests for addresses that lead nowhere: looking for holes is not free either."""
    not_found: ASGIApp = app.router.default
    limits: Limits = app.state.limits

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await limits.charge(scope, None)
        await not_found(scope, receive, send)

    app.router.default = counted
