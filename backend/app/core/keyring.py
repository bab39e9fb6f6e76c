"""The keys of ENCRYPTION_KEYS: how they are written, and what is wrong when they are not."""

import base64
import re
from typing import Final

KEY_BYTES: Final = 32
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
_ENCODED: Final = re.compile(r"[A-Za-z0-9_-]*={0,2}")


def parse_keys(text: str) -> dict[str, bytes]:
    """The keys of ENCRYPTION_KEYS by id, the current one first: `id:base64url of 32 bytes`, comma-separated.

    ValueError, without the keys in its words, when something is malformed or an id comes twice.
    """
    keys: dict[str, bytes] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        key_id, _, encoded = part.partition(":")
        if not _ID.fullmatch(key_id):
            raise ValueError("a key's id must be 1 to 32 letters, digits, - or _, before a colon")
        if key_id in keys:
            raise ValueError(f"the id {key_id} comes twice")
        if not _ENCODED.fullmatch(encoded):
            raise ValueError(f"the key {key_id} is not base64url")
        try:
            key = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError as error:
            raise ValueError(f"the key {key_id} is not base64url") from error
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key {key_id} has {len(key)} bytes instead of {KEY_BYTES}")
        keys[key_id] = key
    return keys
