"""Amounts of money as people and spreadsheets write them: read strictly, never guessed.

The decimal mark is a point, a comma only groups thousands. "1.234,50" and "12,5" are refused, for the
same signs mean a thousand times as much to somebody else.
"""

import re
from dataclasses import dataclass
from typing import Final

__all__ = ["CURRENCIES", "MAX_CENTS", "Amount", "UnreadableAmount", "agree", "read_amount"]

MAX_CENTS: Final = 10**12

CURRENCIES: Final = frozenset(
    [
        "AED",
        "AFN",
        "ALL",
        "AMD",
        "ANG",
        "AOA",
        "ARS",
        "AUD",
        "AWG",
        "AZN",
        "BAM",
        "BBD",
        "BDT",
        "BGN",
        "BHD",
        "BIF",
        "BMD",
        "BND",
        "BOB",
        "BRL",
        "BSD",
        "BTN",
        "BWP",
        "BYN",
        "BZD",
        "CAD",
        "CDF",
        "CHF",
        "CLP",
        "CNY",
        "COP",
        "CRC",
        "CUP",
        "CVE",
        "CZK",
        "DJF",
        "DKK",
        "DOP",
        "DZD",
        "EGP",
        "ERN",
        "ETB",
        "EUR",
        "FJD",
        "FKP",
        "GBP",
        "GEL",
        "GHS",
        "GIP",
        "GMD",
        "GNF",
        "GTQ",
        "GYD",
        "HKD",
        "HNL",
        "HTG",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "IQD",
        "IRR",
        "ISK",
        "JMD",
        "JOD",
        "JPY",
        "KES",
        "KGS",
        "KHR",
        "KMF",
        "KPW",
        "KRW",
        "KWD",
        "KYD",
        "KZT",
        "LAK",
        "LBP",
        "LKR",
        "LRD",
        "LSL",
        "LYD",
        "MAD",
        "MDL",
        "MGA",
        "MKD",
        "MMK",
        "MNT",
        "MOP",
        "MRU",
        "MUR",
        "MVR",
        "MWK",
        "MXN",
        "MYR",
        "MZN",
        "NAD",
        "NGN",
        "NIO",
        "NOK",
        "NPR",
        "NZD",
        "OMR",
        "PAB",
        "PEN",
        "PGK",
        "PHP",
        "PKR",
        "PLN",
        "PYG",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "RWF",
        "SAR",
        "SBD",
        "SCR",
        "SDG",
        "SEK",
        "SGD",
        "SHP",
        "SLE",
        "SOS",
        "SRD",
        "SSP",
        "STN",
        "SYP",
        "SZL",
        "THB",
        "TJS",
        "TMT",
        "TND",
        "TOP",
        "TRY",
        "TTD",
        "TWD",
        "TZS",
        "UAH",
        "UGX",
        "USD",
        "UYU",
        "UZS",
        "VES",
        "VND",
        "VUV",
        "WST",
        "XAF",
        "XCD",
        "XOF",
        "XPF",
        "YER",
        "ZAR",
        "ZMW",
    ]
)
"""Currencies in circulation by their code (ISO 4217, as of 2026)."""

SIGNS: Final = {
    "US$": "USD",
    "C$": "CAD",
    "CA$": "CAD",
    "A$": "AUD",
    "AU$": "AUD",
    "NZ$": "NZD",
    "€": "EUR",
    "£": "GBP",
}
"""Signs that mean one currency. A bare "$" is any dollar."""

DOLLARS: Final = frozenset({"USD", "CAD", "AUD", "NZD", "SGD", "HKD"})

_SHAPE: Final = re.compile(
    r"(?P<sign>[A-Z]{3}|[A-Z]{0,2}\$|[€£])? ?"
    r"(?P<units>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<rest>[0-9]{1,2}))?"
    r" ?(?P<tail>[A-Z]{3}|[€£])?"
)
_PLAIN: Final = re.compile(r"([0-9]{1,10})(?:\.([0-9]{1,2}))?")
_DECIMAL_COMMA: Final = re.compile(r"[0-9][0-9. ]*,(?:[0-9]{1,2}|[0-9]{4,})\D*")


class UnreadableAmount(ValueError):
    """An amount that cannot be read for certain. `code` is stable, the message says what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Amount:
    """Hundredths of the currency's unit; `currency` None where the text names none, "$" any dollar."""

    cents: int
    currency: str | None


def read_amount(text: str) -> Amount:
    """The amount that `text` states, 0 included. UnreadableAmount with the reason otherwise."""
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return Amount(_cents(plain[1], plain[2]), None)
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise _refusal(text)
    named = {_currency(sign) for sign in (found["sign"], found["tail"]) if sign is not None}
    if len(named) > 1:
        raise UnreadableAmount("currency", "The amount names two currencies.")
    cents = _cents(found["units"].replace(",", ""), found["rest"])
    return Amount(cents, named.pop() if named else None)


def agree(amount: Amount, stated: str | None, *, default: str) -> str:
    """The currency of an amount: as stated beside it, else as its sign says, else the default.

    UnreadableAmount when the sign contradicts what is stated, or "$" a default that is no dollar.
    """
    sign = amount.currency
    currency = stated or (sign if sign is not None and sign != "$" else default)
    if sign is None or sign == currency or (sign == "$" and currency in DOLLARS):
        return currency
    raise UnreadableAmount(
        "currency", f"The amount is marked {sign} but the currency is {currency}."
    )


def _currency(sign: str) -> str:
    if sign == "$":
        return sign
    currency = SIGNS.get(sign, sign)
    if currency not in CURRENCIES:
        raise UnreadableAmount("currency", f"{sign} is not a currency such as USD.")
    return currency


def _cents(units: str, rest: str | None) -> int:
    if len(units) > 12:
        raise UnreadableAmount("too_large", "The amount is larger than anything sold.")
    cents = int(units) * 100 + (int(rest.ljust(2, "0")) if rest else 0)
    if cents > MAX_CENTS:
        raise UnreadableAmount("too_large", "The amount is larger than anything sold.")
    return cents


def _refusal(text: str) -> UnreadableAmount:
    bare = text.lstrip("€£$ABCDEFGHIJKLMNOPQRSTUVWXYZ ")
    if bare.startswith(("-", "\N{MINUS SIGN}", "(")):
        return UnreadableAmount("negative", "The amount is negative.")
    if _DECIMAL_COMMA.fullmatch(bare):
        return UnreadableAmount(
            "decimal_comma",
            "Write a point before the cents and commas between thousands: 1,234.50.",
        )
    if re.search(r"\.[0-9]{3,}", text):
        return UnreadableAmount(
            "decimals", "More than two digits after the point: cents or thousands? Write 1,234.50."
        )
    return UnreadableAmount("not_an_amount", "This is not an amount such as 1,234.50.")
