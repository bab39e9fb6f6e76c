"""Application tokens of eBay (client credentials grant).

A token lives two hours and may be minted 1,000 times a day. Each process keeps its own in memory,
minted once however many threads ask; tokens are secrets, so they are never written to the cache.
"""

import base64
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final
from urllib.parse import quote

from app.adapters.ebay.errors import read_object
from app.adapters.http import Answer, HttpClient, TryAgain, refuse_transient
from app.ports import NotGranted, PortError, Rejected, Unavailable

BASE_SCOPE: Final = "https://api.ebay.com/oauth/api_scope"
INSIGHTS_SCOPE: Final = f"{BASE_SCOPE}/buy.marketplace.insights"

REFUSED_FOR_S: Final = 60.0
"""How long a refusal is believed without asking again, so that wrong keys cost few calls."""

EARLY_S: Final = 300.0
"""A token is renewed this long before it ends, so that none expires on its way."""

QUOTA_SERVICE: Final = "ebay_oauth"


@dataclass(frozen=True, slots=True)
class Credentials:
    """A keyset's App ID and Cert ID."""

    app_id: str
    client_secret: str

    def basic(self) -> str:
        """The Authorization header of token requests."""
        pair = f"{self.app_id}:{self.client_secret}".encode()
        return f"Basic {base64.b64encode(pair).decode()}"


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    good_until: float


class ApplicationTokens:
    """Gives the application token for a set of scopes, minting it when there is none."""

    def __init__(
        self,
        http: HttpClient,
        api_base: str,
        credentials: Credentials,
        *,
        spend: Callable[[str], None],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._http = http
        self._url = f"{api_base.rstrip('/')}/identity/v1/oauth2/token"
        self._credentials = credentials
        self._spend = spend
        self._clock = clock
        self._tokens: dict[tuple[str, ...], _Token] = {}
        self._refusals: dict[tuple[str, ...], tuple[PortError, float]] = {}
        self._lock = threading.Lock()

    def get(self, *scopes: str) -> str:
        """A token for these scopes, the base one by default.

        Raises Rejected with a hint when eBay does not know the keyset, NotGranted when a scope is
        not given to it, else what the call raises.
        """
        wanted = scopes or (BASE_SCOPE,)
        with self._lock:
            token = self._tokens.get(wanted)
            if token is None or token.good_until <= self._clock():
                self._raise_recent_refusal(wanted)
                try:
                    token = self._mint(wanted)
                except (Rejected, NotGranted) as refusal:
                    self._refusals[wanted] = (refusal, self._clock() + REFUSED_FOR_S)
                    raise
                self._tokens[wanted] = token
            return token.value

    def drop(self, value: str) -> None:
        """Forget a token that eBay no longer takes; a newer one in its place stays."""
        with self._lock:
            self._tokens = {s: t for s, t in self._tokens.items() if t.value != value}

    def _raise_recent_refusal(self, scopes: tuple[str, ...]) -> None:
        refusal, until = self._refusals.get(scopes, (None, 0.0))
        if refusal is not None and self._clock() < until:
            raise type(refusal)(str(refusal)) from refusal

    def _mint(self, scopes: Sequence[str]) -> _Token:
        if not self._credentials.app_id or not self._credentials.client_secret:
            raise Rejected("eBay keys are missing: set EBAY_APP_ID and EBAY_CLIENT_SECRET")
        started = self._clock()
        token, lives_s = self._http.call(
            "oauth.token",
            "POST",
            self._url,
            read=_read_token,
            headers={
                "Content-Type": "application/x-www-form-urlencoded",
                "Authorization": self._credentials.basic(),
            },
            content=mint_body(scopes),
            before=lambda: self._spend(QUOTA_SERVICE),
        )
        return _Token(token, started + max(lives_s - EARLY_S, lives_s / 2))


def mint_body(scopes: Sequence[str]) -> bytes:
    """The body of a token request, byte for byte as eBay's own client sends it."""
    return f"grant_type=client_credentials&scope={quote(' '.join(scopes), safe='')}".encode()


def _read_token(answer: Answer) -> tuple[str, float]:
    refuse_transient("eBay", answer)
    if answer.status != 200:
        raise _refusal(answer)
    body = read_object(answer)
    token, lives_s = body.get("access_token"), body.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(lives_s, int):
        raise TryAgain(Unavailable("eBay's token answer has no token"))
    return token, float(lives_s)


def _refusal(answer: Answer) -> PortError:
    """This endpoint has an envelope of its own: {"error", "error_description"}."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = None
    code = str(body.get("error", "")) if isinstance(body, dict) else ""
    if code == "invalid_client":
        return Rejected(
            "eBay does not accept EBAY_APP_ID and EBAY_CLIENT_SECRET. Check that both belong to the"
            " environment named by EBAY_ENV. A new production keyset is also refused until its"
            " marketplace account deletion notices are subscribed to, or opted out of, in eBay's"
            " developer portal.",
            code=code,
        )
    if code == "invalid_scope":
        return NotGranted("eBay has not granted this keyset the scope that the call needs")
    return Rejected(f"eBay refused to give a token: {code or answer.status}", code=code)
