"""Which of the settings are secrets, and which secrets are none: missing, short, placeholders, or used twice.

Words about a secret name it and never hold it.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from app.core.keyring import parse_keys

MIN_SECRET_LENGTH: Final = 24
MIN_PASSWORD_LENGTH: Final = 12
"""Of what others hand out: hosting companies' passwords for databases are shorter than our own keys."""

_PLACEHOLDER: Final = re.compile(
    r"change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|it)|place[-_ ]?holder|your[-_ ]|example"
    r"|insecure|default|password|secret[-_ ]?key|super[-_ ]?secret|development|deal[-_ ]?scout",
    re.IGNORECASE,
)
"""What stands in documentation until somebody fills it in. Random text holds none of it but by a miracle."""
_FEWEST_CHARACTERS: Final = 6


def password_of(url: str) -> str:
    """The password in an address; "" when it has none."""
    return unquote(urlsplit(url).password or "")


def weakness(name: str, value: str, least: int) -> str | None:
    """What is wrong with a secret that production needs; None when nothing is."""
    if not value:
        return f"{name} is missing"
    if len(value) < least:
        return f"{name} is shorter than {least} characters"
    if _PLACEHOLDER.search(value) or len(set(value)) < _FEWEST_CHARACTERS:
        return f"{name} is a placeholder"
    return None


def key_faults(text: str) -> list[str]:
    """What is wrong with how ENCRYPTION_KEYS is written."""
    try:
        parse_keys(text)
    except ValueError as error:
        return [f"ENCRYPTION_KEYS: {error}"]
    return []


def weak_keys(text: str) -> list[str]:
    """Which keys of ENCRYPTION_KEYS nobody has drawn by lot; none when they cannot be read."""
    keys = {} if key_faults(text) else parse_keys(text)
    return [
        f"ENCRYPTION_KEYS: the key {key_id} is a placeholder"
        for key_id, key in keys.items()
        if len(set(key)) < _FEWEST_CHARACTERS
    ]


def keys_apart(text: str) -> dict[str, str]:
    """The written form of each key of ENCRYPTION_KEYS, by a name for it."""
    parts = (one.strip().partition(":") for one in text.split(","))
    return {f"ENCRYPTION_KEYS' {key_id}": key.rstrip("=") for key_id, _, key in parts if key}


def used_twice(secrets: Mapping[str, str]) -> Iterable[str]:
    """Pairs of names that hold the same secret."""
    seen: dict[str, str] = {}
    for name, value in secrets.items():
        if not value:
            continue
        if value in seen:
            yield f"{seen[value]} and {name} are the same"
        else:
            seen[value] = name
