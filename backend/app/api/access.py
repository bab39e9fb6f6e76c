"""The one wall: every request passes `authorise`, which lets through what `RULES` says and nothing else.

Browsers come with a session's cookie, machines with `Authorization: Bearer ds_live_…`. What a cookie
sends is only believed when the page that sent it is ours: the browser says so (Sec-Fetch-Site, Origin),
and for whoever is signed in the page proves it with the session's own token in X-CSRF-Token.
"""

import hmac
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from app.api.access_rules import RULES, Rule
from app.api.limits import Limits
from app.core.clock import utc_now
from app.core.settings import Settings
from app.core.tokens import derived
from app.errors import Forbidden, Unauthenticated
from app.services import callers
from app.services.callers import Caller

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

bearer = HTTPBearer(auto_error=False, description="An API key: `ds_live_…`.")
cookie = APIKeyCookie(
    name="ds_session",
    auto_error=False,
    description="A session, as signing in sets it; under https its name begins with `__Host-`.",
)


class SecondFactorNeeded(Forbidden):
    """An administrator has to sign in with a second factor here."""

    code, title = "second_factor_needed", "Second factor needed"


class ForeignPage(Forbidden):
    """The request was sent by a page that is not ours, or without its session's token."""

    code, title = "foreign_page", "Sent from elsewhere"


def cookie_name(settings: Settings) -> str:
    """Browsers keep a `__Host-` cookie to https and to this host alone (RFC 6265bis 4.1.3.2)."""
    return "__Host-ds_session" if settings.is_https else "ds_session"


def csrf_token(settings: Settings, session_id: object) -> str:
    """What a page of ours sends as X-CSRF-Token: made from the session, told only to our own origin."""
    return derived(settings, "csrf", str(session_id))


async def authorise(
    request: Request,
    _credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    _cookie: Annotated[str | None, Depends(cookie)],
) -> None:
    """Find out who calls, count it, and refuse everything that no rule opens to them."""
    settings: Settings = request.app.state.settings
    operation: str = request.scope["route"].operation_id or ""
    rule = RULES.get(operation)
    if rule is None:
        raise Forbidden("No rule says who may do this.")
    limits: Limits = request.app.state.limits
    try:
        caller = (
            await run_in_threadpool(_find_caller, request, settings)
            if _has_credentials(request, settings)
            else None
        )
    except Unauthenticated:
        await limits.charge(request.scope, operation)  # guessing keys is not free either
        if not rule.public:
            raise
        caller = None
    else:
        await limits.charge(request.scope, operation, caller.identity if caller else None)
    if request.method not in SAFE_METHODS:
        _refuse_foreign_pages(request, settings, caller)
    if not rule.public:
        _refuse_others(request.method, settings, rule, caller)
    request.state.caller = caller


def find_caller(request: Request) -> Caller | None:
    """Who calls; None for nobody known. Set by `authorise`, without which there is no answer at all."""
    caller: Caller | None = request.state.caller
    return caller


def get_caller(request: Request) -> Caller:
    """Who calls, of operations that are not public."""
    caller = find_caller(request)
    if caller is None:
        raise Unauthenticated("Sign in first.")
    return caller


def is_admin(request: Request) -> bool:
    """Whether an admin asks, or a machine of one, where everybody may ask but is told less."""
    caller = find_caller(request)
    if caller is None or "admin" not in caller.roles:
        return False
    return caller.scopes is None or not {"admin:tasks", "metrics"}.isdisjoint(caller.scopes)


IsAdmin = Annotated[bool, Depends(is_admin)]
CallerDep = Annotated[Caller, Depends(get_caller)]
AnyCallerDep = Annotated[Caller | None, Depends(find_caller)]


def _has_credentials(request: Request, settings: Settings) -> bool:
    return _bearer_key(request) is not None or cookie_name(settings) in request.cookies


def _find_caller(request: Request, settings: Settings) -> Caller | None:
    """By key when one is sent, which must then be good; else by session, where a dead one counts as none."""
    key = _bearer_key(request)
    if key is not None:
        caller = callers.by_key(key, now=utc_now())
        if caller is None:
            raise Unauthenticated("This key is not known, has run out or was revoked.")
        return caller
    token = request.cookies.get(cookie_name(settings))
    return callers.by_session(token, now=utc_now()) if token else None


def _bearer_key(request: Request) -> str | None:
    """The key that is sent; other schemes are not for us (a proxy's own password may be on its way)."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _refuse_others(method: str, settings: Settings, rule: Rule, caller: Caller | None) -> None:
    if caller is None:
        raise Unauthenticated("Sign in first.")
    if caller.scopes is not None:
        reading = rule.read and method in SAFE_METHODS and "read" in caller.scopes
        if not reading and not rule.scopes & caller.scopes:
            raise Forbidden("This key's scopes do not open this.")
    if rule.role is not None and rule.role not in caller.roles:
        raise Forbidden(f"This is for accounts that are {rule.role}.")
    if rule.role == "admin" and caller.scopes is None:
        refuse_without_second_factor(settings, caller)


def refuse_without_second_factor(settings: Settings, caller: Caller) -> None:
    """Refuse a session that was opened by a password alone, where administering takes more."""
    if settings.admins_need_second_factor and not caller.second_factor:
        raise SecondFactorNeeded(
            "Administering takes a second factor here. Set one up under Settings and sign in with it."
        )


def _refuse_foreign_pages(request: Request, settings: Settings, caller: Caller | None) -> None:
    """Refuse what another site's page makes a browser send (OWASP ASVS 5.0 3.5)."""
    if caller is not None and caller.scopes is not None:
        return  # a key is not sent by itself
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site == "same-origin" or origin in settings.own_origins:
        ours = True
    else:
        ours = site is None and origin is None  # no browser: then the token below decides alone
    if not ours:
        raise ForeignPage("This was sent by a page of another site.")
    if caller is not None:
        given = request.headers.get("x-csrf-token", "")
        expected = csrf_token(settings, caller.session_id)
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise ForeignPage("The page's token is missing or old. Load the page again.")
