"""Application tokens: minting, reading, and which scopes a call must bring.

Tokens are signed, not stored, so that they outlive a restart of the simulator as eBay's do. They expire in real time,
whatever the market's clock does; `expire_all` ends every token given out before.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

from ebay_sim.errors import EbayError, envelope

SCOPE = "https://api.ebay.com/oauth/api_scope"
INSIGHTS_SCOPE = f"{SCOPE}/buy.marketplace.insights"
METADATA_SCOPE = f"{SCOPE}/metadata.insights"
TOKEN_LIFE_S = 7200


@dataclass(frozen=True, slots=True)
class Credentials:
    """A keyset: App ID and Cert ID."""

    client_id: str
    client_secret: str


class OAuthRefusal(Exception):
    """The token endpoint's own error form, without the `errors` envelope."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(error)
        self.status = status
        self.body = {"error": error, "error_description": description}


class Tokens:
    """The keyset's tokens. `granted` are the scopes that eBay has given to this keyset."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        granted: Collection[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self.granted = frozenset(granted)
        self._clock = clock
        self._generation = 0
        self._key = hashlib.sha256(
            f"ebay-sim|{credentials.client_id}|{credentials.client_secret}".encode()
        ).digest()

    def check_client(self, authorization: str | None) -> None:
        """OAuthRefusal unless the Basic header names this keyset."""
        refusal = OAuthRefusal(401, "invalid_client", "client authentication failed")
        scheme, _, encoded = (authorization or "").partition(" ")
        if scheme.lower() != "basic":
            raise refusal
        try:
            given = base64.b64decode(encoded.strip(), validate=True)
        except binascii.Error:
            raise refusal from None
        expected = f"{self._credentials.client_id}:{self._credentials.client_secret}".encode()
        if not hmac.compare_digest(given, expected):
            raise refusal

    def mint(self, scopes: Collection[str]) -> str:
        """A token that holds these scopes for two hours."""
        claims = {"s": sorted(scopes), "x": self._clock() + TOKEN_LIFE_S, "g": self._generation}
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        return f"v^1.1#i^1#{body}.{self._sign(body)}"

    def require(self, authorization: str | None, scopes: Collection[str]) -> None:
        """EbayError 401 without a live token, 403 when the token holds none of these scopes."""
        scheme, _, token = (authorization or "").partition(" ")
        if not authorization:
            raise EbayError(
                401,
                _denied(
                    1002,
                    "Missing access token",
                    "Access token is missing in the Authorization HTTP request header.",
                ),
            )
        held = self._read(token.strip()) if scheme.lower() == "bearer" else None
        if held is None:
            raise EbayError(
                401,
                _denied(
                    1001,
                    "Invalid access token",
                    "Invalid access token. Check the value of the Authorization header.",
                ),
            )
        if not held & set(scopes):
            raise EbayError(
                403,
                _denied(1100, "Access denied", "Insufficient permissions to fulfill the request."),
            )

    def expire_all(self) -> None:
        """Ends every token given out before."""
        self._generation += 1

    def _read(self, token: str) -> frozenset[str] | None:
        body, _, signature = token.rpartition("#")[2].partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign(body).encode()):
            return None
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        alive = claims["x"] > self._clock() and claims["g"] == self._generation
        return frozenset(claims["s"]) if alive else None

    def _sign(self, body: str) -> str:
        return hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()[:40]


def _denied(error_id: int, message: str, long_message: str) -> dict[str, object]:
    return envelope(
        error_id, "OAuth" if error_id < 1100 else "ACCESS", "REQUEST", message, long_message
    )
