"""eBay's search filter, built from typed parts: `name:value` joined by commas.

Sets are `{A|B}`, ranges `[a..b]`. Nothing that a person typed goes into the grammar unchecked: a
value that holds a character of the grammar is refused, not escaped, as eBay documents no escape.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_WORD: Final = re.compile(r"[A-Za-z0-9_.-]+")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")

MAX_QUERY_LENGTH: Final = 100
"""eBay cuts longer queries (Browse API v1.20.4, parameter q)."""


@dataclass(frozen=True, slots=True)
class Filters:
    """The filters that the product uses; every field left out asks for nothing."""

    buying_options: Sequence[str] = ()
    condition_ids: Sequence[str] = ()
    started_since: datetime | None = None
    sold_since: datetime | None = None
    min_price_cents: int | None = None
    max_price_cents: int | None = None
    currency: str = "USD"
    location_country: str | None = None

    def __str__(self) -> str:
        """The value of the `filter` parameter, not yet URL-encoded; "" when nothing is asked."""
        parts = []
        if self.buying_options:
            parts.append(f"buyingOptions:{_set(self.buying_options)}")
        if self.condition_ids:
            parts.append(f"conditionIds:{_set(self.condition_ids)}")
        if self.started_since is not None:
            parts.append(f"itemStartDate:[{_time(self.started_since)}..]")
        if self.sold_since is not None:
            parts.append(f"lastSoldDate:[{_time(self.sold_since)}..]")
        if self.min_price_cents is not None or self.max_price_cents is not None:
            low, high = _amount(self.min_price_cents), _amount(self.max_price_cents)
            parts.append(f"price:[{low}..{high}]")
            parts.append(f"priceCurrency:{_checked(_CURRENCY, self.currency)}")
        if self.location_country is not None:
            parts.append(f"itemLocationCountry:{_checked(_COUNTRY, self.location_country)}")
        return ",".join(parts)


def query_text(words: str) -> str:
    """Words as the `q` parameter takes them: at most 100 characters and no `*`; parentheses and
    commas would mean OR, so they become spaces.
    """
    plain = re.sub(r"[*(),\x00-\x1f\x7f]+", " ", words)
    return " ".join(plain.split())[:MAX_QUERY_LENGTH].strip()


def _set(values: Sequence[str]) -> str:
    return "{" + "|".join(_checked(_WORD, value) for value in values) + "}"


def _checked(pattern: re.Pattern[str], value: str) -> str:
    if not pattern.fullmatch(value):
        raise ValueError(f"{value!r} cannot be part of a filter")
    return value


def _time(at: datetime) -> str:
    if at.tzinfo is None:
        raise ValueError("a filter's time needs a zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _amount(cents: int | None) -> str:
    if cents is None:
        return ""
    if cents < 0:
        raise ValueError("a filter's price cannot be negative")
    return f"{cents // 100}.{cents % 100:02d}"
