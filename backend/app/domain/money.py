"""Money as integer cents with an ISO currency; amounts of different currencies never meet."""

from dataclasses import dataclass

__all__ = ["CurrencyMismatch", "Money", "format_cents", "total_cents"]

SYMBOLS = {"USD": "$", "GBP": "£", "EUR": "€", "CAD": "C$", "AUD": "A$"}


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were put together."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the smallest unit of its currency."""

    cents: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        """The sum; CurrencyMismatch when the currencies differ."""
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self.currency} + {other.currency}")
        return Money(self.cents + other.cents, self.currency)

    def __str__(self) -> str:
        """For sentences; pages format amounts themselves."""
        return format_cents(self.cents, self.currency)


def total_cents(price_cents: int, shipping_cents: int | None) -> int | None:
    """What the buyer pays in all; None when the shipping is not known."""
    return None if shipping_cents is None else price_cents + shipping_cents


def format_cents(cents: int, currency: str) -> str:
    """An amount for a sentence: whole units lose their cents, `$146` but `$99.49`."""
    sign = "-" if cents < 0 else ""
    units, rest = divmod(abs(cents), 100)
    number = f"{units:,}" + (f".{rest:02d}" if rest else "")
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {currency}"
