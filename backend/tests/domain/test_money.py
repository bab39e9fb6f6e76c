"""Amounts: never mixed between currencies, readable in sentences."""

import pytest

from app.domain.money import CurrencyMismatch, Money, format_cents, total_cents


def test_currencies_never_add_up() -> None:
    assert Money(100, "USD") + Money(250, "USD") == Money(350, "USD")
    with pytest.raises(CurrencyMismatch):
        Money(100, "USD") + Money(100, "EUR")


@pytest.mark.parametrize(
    ("cents", "currency", "text"),
    [
        (14_600, "USD", "$146"),
        (9_949, "USD", "$99.49"),
        (123_456_700, "GBP", "£1,234,567"),
        (-505, "EUR", "-€5.05"),
        (500, "SEK", "5 SEK"),
        (7, "USD", "$0.07"),
    ],
)
def test_amounts_in_sentences(cents: int, currency: str, text: str) -> None:
    assert format_cents(cents, currency) == text


def test_a_total_without_known_shipping_is_unknown() -> None:
    assert total_cents(1000, None) is None
    assert total_cents(1000, 0) == 1000
