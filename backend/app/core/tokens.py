"""Secrets that are handed out once: random, and kept as digests only."""

import hashlib
import hmac
import secrets

from app.core.settings import Settings


def new_token() -> str:
    """256 random bits as text that may stand in a header or an address."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> bytes:
    """What is stored of a token: SHA-256. It has 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(token.encode()).digest()


def derived(settings: Settings, purpose: str, value: str, *, length: int = 43) -> str:
    """A code that only who has SESSION_KEY can make, the same for the same purpose and value.

    With no SESSION_KEY (development without the stack) it is made from an empty key: it then keeps
    nothing safe, which production refuses.
    """
    key = settings.session_key.get_secret_value() if settings.session_key else ""
    code = hmac.digest(key.encode(), f"{purpose}|{value}".encode(), "sha256")
    return code.hex()[:length]
