"""What a log line must not hold is blanked: by the name it stands under, by the look of it, and by its value.

Values are those of the process's own settings, searched for in the finished line, wherever it came from
and in whatever form they got there (JSON, address, repr). Names and looks catch what is not ours: the
headers of a request, a marketplace's answer, another person's key.
"""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote, quote_plus
from uuid import UUID

REDACTED: Final = "[redacted]"
MAX_DEPTH: Final = 8
_LEAST: Final = 6
"""Shorter values would blank half of every line; production refuses secrets as short as that."""

SECRET_NAMES: Final = re.compile(
    r"authorization|password|passwd|secret|token|api[-_]?key|cookie|credential|private_?key|encryption_?key"
    r"|session_?(?:key|id)",
    re.IGNORECASE,
)
_LONGEST_NAME: Final = 100
_HEADER: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
"""The name in a (name, value) pair, as headers and fields come."""
_COUNTS: Final = (int, float, bool, type(None))
"""How many tokens there are is no secret."""

_FIELD: Final = r"\\?[\"']?\s*[:=,]\s*\\?[\"']?"
"""Between a name and its value: in a header, a dict, a pair, or JSON inside a text."""
_NAMED: Final = (
    r"((?<![a-z])[a-z_-]*(?:password|passwd|secret|token|api[-_]?key)\\?[\"']?\s*[=:]\s*\\?[\"']?)"
    r"(?!\[redacted\])[^\s\"'\\&,;)}\]]{4,}"
)
_LOOKS: Final = tuple(
    (hints, re.compile(pattern, re.IGNORECASE), blank)
    for hints, pattern, blank in (
        # postgresql://user:password@host; the last @ before a slash, quote or space ends a password
        (("://",), r"(://[^:/@\s\"']*:)[^/\s\"']+@", rf"\1{REDACTED}@"),
        (
            ("authorization",),
            rf"((?:proxy-)?authorization{_FIELD})[^\"'\\\r\n,;}}\]]+",
            rf"\1{REDACTED}",
        ),
        (("bearer ", "basic "), r"\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,}", rf"\1 {REDACTED}"),
        (("cookie",), rf"((?:set-)?cookie{_FIELD})[^\"'\\\r\n}}\]]+", rf"\1{REDACTED}"),
        (("ds_live_",), r"(ds_live_[a-z0-9]{4,}_)[a-z0-9_-]+", rf"\1{REDACTED}"),
        # password='…', client_secret=…, ?access_token=…&
        (
            ("password", "passwd", "secret", "token", "apikey", "api_key", "api-key"),
            _NAMED,
            rf"\1{REDACTED}",
        ),
        (
            ("code=", "state=", "sig"),
            r"([?&](?:code|state|sig|signature)=)[^&\s\"'\\]+",
            rf"\1{REDACTED}",
        ),
    )
)
"""A pattern is tried only where one of its hints is in the text: that costs much less."""
_PLAIN: Final = (UUID, datetime, date, timedelta, Decimal, PurePath, Enum)
"""What can hold no secret, and is left as it is for the one who writes the line."""


def clean_text(text: str) -> str:
    """`text` without what looks like a password, a key, a cookie or a token."""
    lower = text.lower()
    for hints, pattern, blank in _LOOKS:
        for hint in hints:
            if hint in lower:
                text = pattern.sub(blank, text)
                break
    return text


def clean(value: Any, depth: int = 0) -> Any:
    """A value of a log event without secrets, whatever it is made of; containers are copied, never changed."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, _COUNTS):
        return value
    if depth >= MAX_DEPTH:
        return "[too deep]"
    if isinstance(value, Mapping):
        return {name: clean_named(name, held, depth + 1) for name, held in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = list(value)
        if len(items) == 2 and _names_a_secret(items[0]) and _HEADER.fullmatch(_text(items[0])):
            return [_text(items[0]), clean_named(items[0], items[1], depth + 1)]
        return [clean(held, depth + 1) for held in items]
    if isinstance(value, bytes | bytearray | memoryview):
        return clean_text(bytes(value).decode("utf-8", "backslashreplace"))
    if isinstance(value, BaseException):
        return clean_text(f"{type(value).__name__}: {value}")
    return value if isinstance(value, _PLAIN) else clean_text(str(value))


def clean_named(name: Any, value: Any, depth: int = 0) -> Any:
    """A value that stands under `name`: blanked when the name says that it is a secret."""
    if _names_a_secret(name) and not isinstance(value, _COUNTS):
        return REDACTED
    return clean(value, depth)


def _text(name: Any) -> str:
    return name.decode("latin-1") if isinstance(name, bytes) else str(name)


def _names_a_secret(name: Any) -> bool:
    return isinstance(name, str | bytes) and len(name) <= _LONGEST_NAME and _is_secret_name(name)


@lru_cache(maxsize=4096)
def _is_secret_name(name: str | bytes) -> bool:
    return SECRET_NAMES.search(_text(name)) is not None


class Blanker:
    """Blanks known values in finished lines. Costs a search per value and line, about 50 ns each."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for value in values if len(value) >= _LEAST for form in _forms(value)}
        # a longer one first: it may hold a shorter
        self._texts = sorted(forms, key=lambda form: (-len(form), form))
        self._lines = [form.encode() for form in self._texts]

    def text(self, line: str) -> str:
        """`line` without any of the values."""
        for form in self._texts:
            if form in line:
                line = line.replace(form, REDACTED)
        return line

    def line(self, line: bytes) -> bytes:
        """The same of encoded text."""
        for form in self._lines:
            if form in line:
                line = line.replace(form, REDACTED.encode())
        return line


def _forms(value: str) -> set[str]:
    """How a value may stand in a line: as it is, in JSON, in an address, in a repr."""
    return {
        value,
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(repr(value)[1:-1])[1:-1],
        quote(value, safe=""),
        quote_plus(value),
        repr(value)[1:-1],
    }
