"""Passwords: argon2id by pwdlib, at most HASHERS at once, and never a common one.

A hash takes 64 MB and some tenths of a second, so unbounded many at once would be a lever against
the whole machine; who waits longer than WAIT_S is told to come back.
"""

import unicodedata
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Final

from pwdlib import PasswordHash
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.errors import InvalidInput, ServiceUnavailable

MIN_LENGTH: Final = 8
ADVISED_LENGTH: Final = 15
MAX_LENGTH: Final = 1000
"""Far beyond any password manager's; a bound only so that a body cannot be all password."""

HASHERS: Final = 2
WAIT_S: Final = 5.0

_turns = BoundedSemaphore(HASHERS)
_argon2id = PasswordHash.recommended()
_common: Final = frozenset(FREQUENCY_LISTS["passwords"])


def check_new(password: str, *, not_like: tuple[str, ...] = ()) -> None:
    """InvalidInput unless `password` may be somebody's: long enough, not common, not their own name.

    `not_like` are words that are no secret, such as the account's address (OWASP ASVS 5.0 6.2.4, 6.2.11).
    """
    plain = _normal(password)
    if len(plain) < MIN_LENGTH:
        raise weak(f"Use at least {MIN_LENGTH} characters; {ADVISED_LENGTH} or more are better.")
    if len(plain) > MAX_LENGTH:
        raise weak(f"Use at most {MAX_LENGTH} characters.")
    folded = plain.casefold()
    if folded in _common or len(set(folded)) < 4:
        raise weak("This password is among the first that are guessed. Choose another.")
    if any(len(word) > 3 and folded == word.casefold() for word in not_like):
        raise weak("A password must not be the account's name or address.")


def hash_password(password: str) -> str:
    """The argon2id hash of the whole password. ServiceUnavailable when too many are being made."""
    with _Turn():
        return _argon2id.hash(_normal(password))


def is_password(password: str, hashed: str | None) -> bool:
    """Whether `password` made `hashed`. With None it takes as long, and is never true."""
    with _Turn():
        matches = _argon2id.verify(_normal(password)[: MAX_LENGTH + 1], hashed or _nobodys())
    return matches and hashed is not None


class _Turn:
    """One of the HASHERS places, or ServiceUnavailable."""

    def __enter__(self) -> None:
        if not _turns.acquire(timeout=WAIT_S):
            raise ServiceUnavailable("Too many people are signing in. Try again.", retry_after_s=5)

    def __exit__(self, *_: object) -> None:
        _turns.release()


@lru_cache
def _nobodys() -> str:
    """A hash that no password is known for, as costly to check as any other."""
    return _argon2id.hash("nobody's")


def _normal(password: str) -> str:
    """The same letters typed on another keyboard are the same password (NFC)."""
    return unicodedata.normalize("NFC", password)


def weak(message: str) -> InvalidInput:
    """The error that says why a password will not do."""
    return InvalidInput(
        message, errors=[{"loc": ["body", "password"], "msg": message, "type": "weak_password"}]
    )
