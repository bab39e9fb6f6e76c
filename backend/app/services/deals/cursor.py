"""Page cursors: where a page ended, sealed so that only what we made is ever read back.

A cursor belongs to its filters and its order. Anything else (cut, changed, taken to other filters,
invented) is InvalidCursor. It holds nothing secret; the seal catches nonsense before SQL sees it.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from app.core.settings import get_settings
from app.errors import InvalidCursor

VERSION: Final = 1
SEAL_BYTES: Final = 8
_INTEGER = struct.Struct(">BB8s?q16s")
_FLOAT = struct.Struct(">BB8s?d16s")
_ENCODED_LENGTH: Final = -(-(_INTEGER.size + SEAL_BYTES) * 4 // 3)
_KINDS: Final = {
    "score": (1, _INTEGER),
    "newest": (2, _INTEGER),
    "discount": (3, _FLOAT),
    "price": (4, _INTEGER),
    "profit": (5, _INTEGER),
    "roi": (6, _FLOAT),
}


@dataclass(frozen=True, slots=True)
class Position:
    """The last row of a page: `key` is what its order descends by (times as microseconds since 1970)."""

    scored: bool
    key: int | float
    listing_id: UUID


@lru_cache
def _seal_key() -> bytes:
    key = get_settings().session_key
    secret = key.get_secret_value() if key else "deal-scout"
    return hashlib.blake2b(secret.encode(), person=b"deals.cursor", digest_size=32).digest()


def _seal(body: bytes) -> bytes:
    return hashlib.blake2b(body, key=_seal_key(), digest_size=SEAL_BYTES).digest()


def _fingerprint(filters: str) -> bytes:
    return hashlib.blake2b(filters.encode(), digest_size=8).digest()


def encode(position: Position, *, sort: str, filters: str) -> str:
    """The cursor after `position` in the list of `filters` (their canonical text) ordered by `sort`."""
    kind, layout = _KINDS[sort]
    body = layout.pack(
        VERSION,
        kind,
        _fingerprint(filters),
        position.scored,
        position.key,
        position.listing_id.bytes,
    )
    return _text(body + _seal(body))


def _text(packed: bytes) -> str:
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(cursor: str, *, sort: str, filters: str) -> Position:
    """The position a cursor stands for. Raises InvalidCursor for one that was not made for this list."""
    kind, layout = _KINDS[sort]
    try:
        packed = base64.b64decode(
            cursor.encode("ascii") + b"=" * (-len(cursor) % 4), b"-_", validate=True
        )
    except (UnicodeEncodeError, binascii.Error) as error:
        raise InvalidCursor("The cursor is not one of ours; start from the first page.") from error
    body, seal = packed[: layout.size], packed[layout.size :]
    if (
        len(cursor) != _ENCODED_LENGTH
        or not hmac.compare_digest(seal, _seal(body))
        or _text(packed) != cursor
    ):
        raise InvalidCursor("The cursor is not one of ours; start from the first page.")
    version, found, fingerprint, scored, key, listing_id = layout.unpack(body)
    if (version, found, fingerprint) != (VERSION, kind, _fingerprint(filters)):
        raise InvalidCursor(
            "The cursor belongs to other filters or another order; start from the first page."
        )
    return Position(scored, key, UUID(bytes=listing_id))
