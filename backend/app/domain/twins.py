"""Keys by which listings are known to be twins: the same photo, the same words. Values in, 64 bits out.

Stored as signed integers: of a million listings two share a key by chance once in forty million stores.
"""

import hashlib
import re
from typing import Final
from urllib.parse import urlsplit

__all__ = ["key_of", "photo_key", "words_key"]

MIN_WORDS: Final = 5
"""Shorter titles are the same by chance: people write "iphone 13 128gb blue"."""

_EBAY_PHOTO: Final = re.compile(r"/(?:images/g|z)/([^/]+)/")
"""A photo of eBay's in any size: `/images/g/ID/s-l225.jpg`, `/thumbs/images/g/ID/s-l500.jpg`, and in
older addresses `/00/s/SIZE/z/ID/$_57.JPG` (as found in public listings; not documented)."""
_WORD: Final = re.compile(r"\w+")


def key_of(data: bytes, secret: bytes = b"") -> int:
    """A 64-bit key of some bytes; with a `secret` (64 bytes at most) it cannot be found by trying names."""
    return int.from_bytes(hashlib.blake2b(data, key=secret, digest_size=8).digest(), signed=True)


def photo_key(url: str | None) -> int | None:
    """The same for every size and server of one photo; None without an address."""
    if not url:
        return None
    parts = urlsplit(url)
    found = _EBAY_PHOTO.search(parts.path)
    return key_of((found.group(1) if found else f"{parts.netloc}{parts.path}").encode())


def words_key(title: str, description: str | None) -> int | None:
    """The same for two listings in the same words; None where a title is too short to tell."""
    words = _WORD.findall(title.casefold())
    if len(words) < MIN_WORDS:
        return None
    said = _WORD.findall((description or "").casefold())
    return key_of(f"{' '.join(words)}\n{' '.join(said)}".encode())
