"""How far estimates lie from what was paid, and how far a guess by shared words would lie. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "CONFIDENT_SIMILARITY",
    "Accuracy",
    "Judged",
    "accuracy",
    "keyword_medians",
    "keywords",
    "median_error",
]

CLOSE: Final = 0.25
CONFIDENT_SIMILARITY: Final = 0.6
"""From here on the best comparable reads like the item itself."""
MIN_SHARING: Final = 5

STOP_WORDS: Final = frozenset(
    """the and for with without from this that are was has have had not but all any you your our its
    out off per new used very good""".split()  # noqa: SIM905 - easier to read as a sentence
)
"""Words that a shopper would not search by. Own list, 2026-11."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An estimate beside the price that was paid; all in cents of one currency."""

    paid_cents: int
    point_cents: int
    low_cents: int
    high_cents: int
    best_similarity: float

    @property
    def error(self) -> float:
        """How far the point lies from the price paid, as a share of that price."""
        return abs(self.point_cents - self.paid_cents) / self.paid_cents


@dataclass(frozen=True, slots=True)
class Accuracy:
    """All are fractions (0.22 is 22 %); None where there is nothing to take a median of.

    `mdape`: median of the error as a share of the price paid. `within_25`: share of errors up to a quarter.
    `coverage_80`: share of prices inside the 80 % interval. `median_width_pct`: median of
    (high - low) / point. `mdape_confident`: mdape where the best comparable is CONFIDENT_SIMILARITY alike.
    """

    mdape: float | None
    within_25: float | None
    coverage_80: float | None
    median_width_pct: float | None
    mdape_confident: float | None


def accuracy(judged: Sequence[Judged]) -> Accuracy:
    """What a set of estimates is worth."""
    if not judged:
        return Accuracy(None, None, None, None, None)
    errors = [one.error for one in judged]
    confident = [one.error for one in judged if one.best_similarity >= CONFIDENT_SIMILARITY]
    widths = [(one.high_cents - one.low_cents) / one.point_cents for one in judged]
    inside = [one.low_cents <= one.paid_cents <= one.high_cents for one in judged]
    return Accuracy(
        mdape=float(np.median(errors)),
        within_25=float(np.mean([error <= CLOSE for error in errors])),
        coverage_80=float(np.mean(inside)),
        median_width_pct=float(np.median(widths)),
        mdape_confident=float(np.median(confident)) if confident else None,
    )


def median_error(guesses: Sequence[float], paid_cents: Sequence[int]) -> float | None:
    """Median of |guess - paid| / paid; None without any."""
    errors = [abs(guess - paid) / paid for guess, paid in zip(guesses, paid_cents, strict=True)]
    return float(np.median(errors)) if errors else None


def keywords(title: str) -> frozenset[str]:
    """A title's distinct words of three letters or more that are no stop words."""
    words = re.findall(r"[^\W_]{3,}", title.casefold())
    return frozenset(words) - STOP_WORDS


def keyword_medians(
    titles: Sequence[str], known_titles: Sequence[str], known_cents: Sequence[int]
) -> list[float]:
    """What somebody would guess who searches by words: for each of `titles` the median price of the known
    titles that share most of its keywords.

    Those with the highest number of shared words, and with the next lower ones until they are
    MIN_SHARING. Likeness, condition and date do not count. Needs at least one known title.
    """
    prices = np.array(known_cents, float)
    bearers: dict[str, list[int]] = {}
    for row, title in enumerate(known_titles):
        for word in keywords(title):
            bearers.setdefault(word, []).append(row)
    rows_of: dict[str, NDArray[np.int64]] = {
        word: np.array(rows, np.int64) for word, rows in bearers.items()
    }
    rank = min(MIN_SHARING, len(prices)) - 1
    guesses = []
    for title in titles:
        shared = np.zeros(len(prices), np.int64)
        for word in keywords(title):
            if word in rows_of:
                shared[rows_of[word]] += 1
        least = np.sort(shared)[::-1][rank]
        guesses.append(float(np.median(prices[shared >= least])))
    return guesses
