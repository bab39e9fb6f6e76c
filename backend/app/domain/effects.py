"""What words and conditions are worth in one market: a robust ridge regression of log price.

Knows titles' words and prices, no clock and no listing. It serves small markets whole, gives every
market its condition ratios, and tells which prices are too odd to learn from.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.domain import condition as conditions

__all__ = ["CONDITION_PRIOR", "Effects", "learn_effects"]

Floats = NDArray[np.float64]

CONDITION_PRIOR = {
    conditions.NEW: 0.18,
    conditions.OPEN_BOX: 0.08,
    conditions.REFURBISHED: 0.0,
    conditions.LIKE_NEW: 0.07,
    conditions.EXCELLENT: 0.04,
    conditions.VERY_GOOD: 0.0,
    conditions.USED: 0.0,
    conditions.GOOD: -0.04,
    conditions.ACCEPTABLE: -0.2,
    conditions.FOR_PARTS: -0.9,
    conditions.UNKNOWN: 0.0,
}
"""Natural log of the price in a condition over the price used. Only where a category starts from: its own
sales move it. Source: own assumption of 2026-11, rounded; every learned value is shrunk towards it."""

MIN_WORD_COUNT: Final = 4
MAX_EFFECT_WORDS: Final = 500
WORD_SD: Final = 0.5
CONDITION_SD: Final = 0.15
"""How far words and conditions are expected to move a log price, before any sale is seen."""
MIN_RIDGE: Final = 0.5
ROBUST_CLIP: Final = 2.5
ODD_CUT: Final = 4.0
EVEN_VARIANCE: Final = 0.05
UNLEARNED_SPREAD: Final = 0.3


@dataclass(frozen=True, slots=True)
class Effects:
    """By how much a word, or a condition against used, moves the log price; `spread`: the typical residual.

    `telling`: how much a word narrows the price, 0 to 1. `odd` marks the rows whose prices taught nothing.
    """

    words: Mapping[str, float]
    telling: Mapping[str, float]
    condition_offset: Mapping[str, float]
    spread: float
    odd: NDArray[np.bool_]

    def of(self, words: Sequence[str]) -> float:
        """The sum over a title's words; unknown ones move nothing."""
        return sum(self.words.get(word, 0.0) for word in words)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an artefact without pickle."""
        arrays: dict[str, NDArray[np.generic]] = {
            "odd": self.odd,
            "spread": np.array(self.spread),
        }
        for name, known in self._named().items():
            terms = sorted(known)
            arrays[f"{name}_terms"] = np.frombuffer("\n".join(terms).encode(), np.uint8)
            arrays[f"{name}_values"] = np.array([known[term] for term in terms], float)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Effects":
        """The effects that `to_arrays` wrote."""

        def named(name: str) -> dict[str, float]:
            text = arrays[f"{name}_terms"].tobytes().decode()
            values = arrays[f"{name}_values"].tolist()
            return dict(zip(text.split("\n") if text else [], values, strict=True))

        return cls(
            named("words"),
            named("telling"),
            named("condition_offset"),
            float(arrays["spread"]),
            arrays["odd"].astype(bool),
        )

    def _named(self) -> dict[str, Mapping[str, float]]:
        return {
            "words": self.words,
            "telling": self.telling,
            "condition_offset": self.condition_offset,
        }


def learn_effects(
    titles: Sequence[Sequence[str]],
    log_price: Floats,
    condition: Sequence[str],
    plain: NDArray[np.bool_],
) -> Effects:
    """Effects from rows of (words, log price, condition); only `plain` rows teach.

    The ridge is the residual variance over the variance expected of an effect (Hoerl & Kennard 1970);
    residuals are clipped, so that a few absurd prices cannot bend it. Conditions shrink to
    CONDITION_PRIOR, words to nothing.
    """
    vocabulary = {word: i for i, word in enumerate(sorted({w for words in titles for w in words}))}
    rows = np.array([row for row, words in enumerate(titles) for _ in words], np.int64)
    terms = np.array([vocabulary[word] for words in titles for word in words], np.int64)
    counts = np.bincount(terms, minlength=len(vocabulary))
    narrowing = _telling(rows, terms, counts, log_price, plain)
    telling = dict(zip(vocabulary, narrowing.tolist(), strict=True))
    odd = _odd(rows, terms, counts, narrowing, log_price, plain)
    believable = plain & ~odd
    chosen = np.flatnonzero(believable)
    if len(chosen) < 2 * MIN_WORD_COUNT:
        return Effects({}, telling, dict(CONDITION_PRIOR), UNLEARNED_SPREAD, odd)
    bearers = np.bincount(terms[believable[rows]], minlength=len(vocabulary))
    frequent = np.argsort(-bearers, kind="stable")[:MAX_EFFECT_WORDS]
    words = frequent[bearers[frequent] >= MIN_WORD_COUNT]
    beta, spread = _fit(rows, terms, words, len(vocabulary), log_price, condition, chosen)
    names = list(vocabulary)
    used = beta[len(words) + _KNOWN.index(conditions.USED)]
    offsets = {name: float(beta[len(words) + i] - used) for i, name in enumerate(_KNOWN)}
    return Effects(
        {names[word]: float(beta[i]) for i, word in enumerate(words)},
        telling,
        {**CONDITION_PRIOR, **offsets},
        max(spread, 0.05),
        odd,
    )


_KNOWN: Final = [c for c in conditions.CONDITIONS if c != conditions.UNKNOWN]


def _odd(
    rows: NDArray[np.int64],
    terms: NDArray[np.int64],
    counts: NDArray[np.int64],
    telling: Floats,
    log_price: Floats,
    plain: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Rows far from what the words they bear usually sell for: they must not teach anything.

    Each is held against the weighted mean of its words' median prices; a word weighs by IDF. Medians,
    because a least-squares fit that has once followed a few absurd prices does not find back.
    """
    count = len(log_price)
    if not len(terms):
        return np.zeros(count, bool)
    order = np.lexsort((log_price[rows], terms))
    starts = np.cumsum(counts) - counts
    medians = log_price[rows[order[starts + counts // 2]]]
    weight = (telling + 1e-9) * np.log1p(count / np.maximum(counts, 1))
    mass = np.bincount(rows, weight[terms], minlength=count)
    expected = np.bincount(rows, weight[terms] * medians[terms], minlength=count)
    distance = np.where(mass > 0, log_price - expected / np.maximum(mass, 1e-12), 0.0)
    scale = 1.4826 * float(np.median(np.abs(distance[plain]))) if plain.any() else 0.0
    return np.asarray(np.abs(distance) > ODD_CUT * max(scale, 0.1), bool)


def _telling(
    rows: NDArray[np.int64],
    terms: NDArray[np.int64],
    counts: NDArray[np.int64],
    log_price: Floats,
    plain: NDArray[np.bool_],
) -> Floats:
    """How much each word narrows the price: 1 - variance among its bearers / variance of all.

    A market whose prices are even (variance near EVEN_VARIANCE) says little about words: all tell.
    """
    if plain.sum() < 2:
        return np.ones(len(counts))
    centre = float(np.median(log_price[plain]))
    typical = 1.4826 * float(np.median(np.abs(log_price[plain] - centre)))
    reach = ROBUST_CLIP * max(typical, 0.05)
    residual = np.clip(log_price - centre, -reach, reach)
    chosen = plain[rows]
    t, r = terms[chosen], residual[rows[chosen]]
    n = np.bincount(t, minlength=len(counts))
    mean = np.bincount(t, r, minlength=len(counts)) / np.maximum(n, 1)
    within = np.bincount(t, (r - mean[t]) ** 2, minlength=len(counts))
    overall = float(np.var(residual[plain])) or 1.0
    prior = 3.0
    share = (within + prior * overall) / ((n + prior) * overall)
    uneven = overall / (overall + EVEN_VARIANCE)
    return np.asarray(1.0 - uneven * np.clip(share, 0.0, 1.0), float)


def _fit(
    rows: NDArray[np.int64],
    terms: NDArray[np.int64],
    words: NDArray[np.int64],
    size: int,
    log_price: Floats,
    condition: Sequence[str],
    chosen: NDArray[np.int64],
) -> tuple[Floats, float]:
    """(coefficients of words, conditions and the constant; the typical residual)."""
    columns = np.full(size, -1)
    columns[words] = np.arange(len(words))
    place = np.full(len(log_price), -1)
    place[chosen] = np.arange(len(chosen))
    x = np.zeros((len(chosen), len(words) + len(_KNOWN) + 1))
    hit = (place[rows] >= 0) & (columns[terms] >= 0)
    x[place[rows[hit]], columns[terms[hit]]] = 1.0
    for row, index in enumerate(chosen):
        if condition[index] in _KNOWN:
            x[row, len(words) + _KNOWN.index(condition[index])] = 1.0
    x[:, -1] = 1.0
    prior = np.zeros(x.shape[1])
    prior[len(words) : -1] = [CONDITION_PRIOR[c] for c in _KNOWN]
    is_condition = np.zeros(x.shape[1], bool)
    is_condition[len(words) : -1] = True
    y = log_price[chosen]
    gram = x.T @ x
    sigma = max(1.4826 * float(np.median(np.abs(y - np.median(y)))), 0.05)
    for _ in range(2):  # the second time knowing how much the first could not explain
        penalty = np.where(is_condition, (sigma / CONDITION_SD) ** 2, (sigma / WORD_SD) ** 2)
        penalty = np.maximum(penalty, MIN_RIDGE)
        penalty[-1] = 1e-6
        inverse = np.linalg.inv(gram + np.diag(penalty))
        target = y
        for _ in range(3):
            beta = prior + inverse @ (x.T @ (target - x @ prior))
            fitted = x @ beta
            sigma = max(1.4826 * float(np.median(np.abs(y - fitted))), 0.02)
            reach = ROBUST_CLIP * sigma
            target = fitted + np.clip(y - fitted, -reach, reach)
    return beta, sigma
