"""Secrets at rest: envelope encryption with AES-256-GCM, bound to the place where they are stored.

Every value has a random data key; that key is wrapped by a key-encryption key from ENCRYPTION_KEYS and
stored beside the value. So changing the key-encryption key re-wraps short data keys and leaves values
alone. Both layers authenticate `table|row id|column`: a value copied elsewhere does not open.

A sealed value is MAGIC · length and id of the key · nonce and wrapped data key · nonce and ciphertext.
"""

import os
from collections.abc import Mapping
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.keyring import KEY_BYTES, parse_keys
from app.core.settings import Settings

MAGIC: Final = b"\x01"
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
_WRAPPED: Final = NONCE_BYTES + KEY_BYTES + TAG_BYTES


class CryptoError(Exception):
    """Base of what can go wrong with sealed values. Messages name keys' ids and places, never contents."""


class KeyMissing(CryptoError):
    """No key is configured, or not the one that this value was sealed under."""


class SealBroken(CryptoError):
    """The value is not one of ours, was changed, or stands in another place than it was sealed for."""


class Sealer:
    """Seals under the current key, opens under any that is configured."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """A sealer with ENCRYPTION_KEYS; without any it can neither seal nor open."""
        given = settings.encryption_keys
        return cls(parse_keys(given.get_secret_value()) if given else {})

    @property
    def current(self) -> str:
        """The id of the key that new values are sealed under. KeyMissing when there is none."""
        if not self._keys:
            raise KeyMissing("ENCRYPTION_KEYS is not set")
        return next(iter(self._keys))

    def seal(self, plain: bytes, *, table: str, row_id: object, column: str) -> bytes:
        """`plain` so that only this product can read it, and only in that place."""
        place = _place(table, row_id, column)
        data_key = AESGCM.generate_key(bit_length=256)
        nonce = os.urandom(NONCE_BYTES)
        body = nonce + AESGCM(data_key).encrypt(nonce, plain, place)
        return sealed_under(self.current) + self._wrap(self.current, data_key, place) + body

    def open(self, sealed: bytes, *, table: str, row_id: object, column: str) -> bytes:
        """What was sealed. KeyMissing or SealBroken when that cannot be had."""
        place = _place(table, row_id, column)
        _, data_key, body = self._unwrap(sealed, place)
        return _decrypted(data_key, body, place)

    def key_id(self, sealed: bytes) -> str:
        """The id of the key that a value was sealed under."""
        return _split(sealed)[0]

    def rewrap(self, sealed: bytes, *, table: str, row_id: object, column: str) -> bytes:
        """The same value under the current key; itself when it is under that already."""
        place = _place(table, row_id, column)
        key_id, data_key, body = self._unwrap(sealed, place)
        _decrypted(data_key, body, place)  # what cannot be read must not be made to look renewed
        if key_id == self.current:
            return sealed
        return sealed_under(self.current) + self._wrap(self.current, data_key, place) + body

    def _wrap(self, key_id: str, data_key: bytes, place: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(self._keys[key_id]).encrypt(nonce, data_key, place)

    def _unwrap(self, sealed: bytes, place: bytes) -> tuple[str, bytes, bytes]:
        key_id, wrapped, body = _split(sealed)
        key = self._keys.get(key_id)
        if key is None:
            raise KeyMissing(f"the key {key_id} is not in ENCRYPTION_KEYS")
        return key_id, _decrypted(key, wrapped, place), body


def _place(table: str, row_id: object, column: str) -> bytes:
    return f"{table}|{row_id}|{column}".encode()


def sealed_under(key_id: str) -> bytes:
    """What every value sealed under this key begins with, and no other."""
    name = key_id.encode()
    return MAGIC + bytes([len(name)]) + name


def _split(sealed: bytes) -> tuple[str, bytes, bytes]:
    if len(sealed) < 2 or sealed[:1] != MAGIC:
        raise SealBroken("not a sealed value")
    start = 2 + sealed[1]
    wrapped, body = sealed[start : start + _WRAPPED], sealed[start + _WRAPPED :]
    if len(wrapped) < _WRAPPED or len(body) < NONCE_BYTES + TAG_BYTES:
        raise SealBroken("a sealed value is cut short")
    try:
        return sealed[2:start].decode("ascii"), wrapped, body
    except UnicodeDecodeError as error:
        raise SealBroken("a sealed value's key id is not text") from error


def _decrypted(key: bytes, text: bytes, place: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(text[:NONCE_BYTES], text[NONCE_BYTES:], place)
    except InvalidTag as error:
        raise SealBroken("a sealed value was changed or moved") from error
