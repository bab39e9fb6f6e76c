"""Past sales of one category as a market to compare with: which of them resemble a title, and what
they teach about words and conditions. Built once per state of the store; knows no clock and no listing.

Similarity is the cosine of IDF-weighted words (Salton & Buckley 1988), of character trigrams (for
misspellings), and the agreement of strong tokens. A word weighs by how alike the things that bear it
are priced: "128gb" says a lot about the price, "tested" nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.domain import condition as conditions
from app.domain.titles import Title, read_title

__all__ = ["CONDITION_PRIOR", "Comp", "Market", "Matches", "merge_text"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
StrongTokens = frozenset[tuple[str, str]]

CONDITION_PRIOR = {
    conditions.NEW: 0.18,
    conditions.OPEN_BOX: 0.08,
    conditions.REFURBISHED: 0.0,
    conditions.LIKE_NEW: 0.07,
    conditions.USED: 0.0,
    conditions.GOOD: -0.04,
    conditions.ACCEPTABLE: -0.2,
    conditions.FOR_PARTS: -0.9,
    conditions.UNKNOWN: 0.0,
}
"""Natural log of the price in a condition over the price used. Only where a category starts from: its own
sales move it. Source: own assumption of 2026-11, rounded; every learned value is shrunk towards it."""

W_WORDS, W_GRAMS, W_STRONG = 0.62, 0.2, 0.18
MIN_WORD_COUNT = 4
MAX_EFFECT_WORDS = 500
WORD_SD, CONDITION_SD, MIN_RIDGE = 0.5, 0.15, 0.5
"""How far words and conditions are expected to move a log price, before any sale is seen."""
UNSEEN_WORD_WEIGHT = 0.35
GRAM_BASE = 40
GRAMS = GRAM_BASE**3
EVEN_VARIANCE = 0.05
"""Variance of log prices at which a market is so even that prices say little about words."""
ROBUST_CLIP, ODD_CUT = 2.5, 4.0
MAX_WORD_SHIFT = 0.5


@dataclass(frozen=True, slots=True)
class Comp:
    """One past sale (or another kind of comparable; kinds never share a market).

    Where `dated` is false, `sold_at` is when it was seen: an asking price, or a sale without a date.
    """

    id: UUID
    kind: str
    title: str
    price_cents: int
    shipping_cents: int | None
    currency: str
    condition: str
    sold_at: datetime
    dated: bool = True

    @property
    def total_cents(self) -> int:
        """What the buyer paid as far as it is told."""
        return self.price_cents + (self.shipping_cents or 0)


@dataclass(frozen=True, slots=True)
class Matches:
    """Rows of a market that resemble a title, best first."""

    rows: Ints
    similarity: Floats

    def to_bytes(self) -> bytes:
        """For a cache; rows are only meaningful for the market they come from."""
        return self.rows.astype("<i4").tobytes() + self.similarity.astype("<f8").tobytes()

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Matches":
        """The matches that `to_bytes` packed."""
        count = len(packed) // 12
        return cls(
            np.frombuffer(packed, "<i4", count).astype(np.int32),
            np.frombuffer(packed, "<f8", count, offset=count * 4).astype(np.float64),
        )


class _Postings:
    """Which rows bear which term, with each row's vector scaled to length 1 (a matrix by columns)."""

    def __init__(self, terms: Ints, rows: Ints, weight: Floats, size: int, count: int) -> None:
        values = weight[terms]
        lengths = np.sqrt(np.bincount(rows, values * values, minlength=count))
        order = np.argsort(terms, kind="stable")
        self._rows = rows[order]
        self._values = (values / np.maximum(lengths[rows], 1e-12))[order].astype(np.float32)
        self._starts = np.searchsorted(terms[order], np.arange(size + 1))
        self._weight = weight
        self._count = count

    def cosines(self, terms: Sequence[int] | Ints, unseen: float = 0.0) -> Floats:
        """The cosine of every row with a query; `unseen` = squared weight of query words nobody bears."""
        weights = self._weight[np.asarray(terms, dtype=np.int64)]
        length = float(np.sqrt(weights @ weights + unseen))
        if length <= 0:
            return np.zeros(self._count)
        spans = [(self._starts[t], self._starts[t + 1]) for t in terms]
        rows = np.concatenate([self._rows[a:b] for a, b in spans])
        values = np.concatenate(
            [self._values[a:b] * (w / length) for (a, b), w in zip(spans, weights, strict=True)]
        )
        return np.asarray(np.bincount(rows, values, minlength=self._count), float)


def merge_text(words: Sequence[str]) -> str:
    """The text whose character trigrams are compared: words without the gaps people put differently."""
    return "".join(words)


_LETTERS = np.zeros(256, np.int32)
_LETTERS[ord("a") : ord("z") + 1] = np.arange(1, 27)
_LETTERS[ord("0") : ord("9") + 1] = np.arange(27, 37)


def _gram_codes(text: str) -> Ints:
    """Distinct codes of a text's character trigrams."""
    letter = _LETTERS[np.frombuffer(text.encode("ascii", "replace"), np.uint8)]
    if len(letter) < 3:
        return np.empty(0, np.int32)
    codes = (letter[:-2] * GRAM_BASE + letter[1:-1]) * GRAM_BASE + letter[2:]
    return np.unique(codes).astype(np.int32)


def _index_grams(texts: Sequence[str]) -> _Postings:
    """Trigrams that at most a quarter of the texts share: the others cost time and tell nothing."""
    codes = [_gram_codes(text) for text in texts]
    rows = np.repeat(np.arange(len(codes), dtype=np.int32), [len(c) for c in codes])
    terms = np.concatenate(codes) if codes else np.empty(0, np.int32)
    documents = np.bincount(terms, minlength=GRAMS)
    idf = np.log1p(len(codes) / np.maximum(documents, 1)) ** 2
    idf[documents > max(8, len(codes) // 4)] = 0.0
    telling = idf[terms] > 0
    return _Postings(terms[telling], rows[telling], idf, GRAMS, len(codes))


class Market:
    """Comparables of one category, one kind and one currency, indexed. Immutable once built.

    The same comps in any order give the same market. All share one kind; those in another currency
    than `currency` are kept only to be named as rejected.
    """

    def __init__(self, comps: Sequence[Comp], *, currency: str) -> None:
        self.currency = currency
        self.comps = sorted(comps, key=lambda comp: comp.id)
        titles = [read_title(comp.title) for comp in self.comps]
        shared: dict[StrongTokens, StrongTokens] = {}
        self.strong = [shared.setdefault(title.strong, title.strong) for title in titles]
        self.flags = [title.flags for title in titles]
        count = len(self.comps)
        self.log_total: Floats = np.log(
            np.array([max(comp.total_cents, 1) for comp in self.comps], float)
        )
        self.sold_at: Floats = np.array([comp.sold_at.timestamp() for comp in self.comps], float)
        self.foreign = np.array([comp.currency != currency for comp in self.comps], bool)
        self.shipping_untold = np.array([c.shipping_cents is None for c in self.comps], float)
        self._vocabulary = {
            word: i for i, word in enumerate(sorted({w for t in titles for w in t.words}))
        }
        self.plain = ~self.foreign & np.array([not flags for flags in self.flags], bool)
        usable = self.plain & np.array(
            [comp.condition != conditions.FOR_PARTS for comp in self.comps], bool
        )
        rows, terms = self._word_pairs(titles)
        weight = self._learn_weights(rows, terms, usable)
        self._words = _Postings(terms, rows, weight, len(weight), count)
        self._idf_unseen = float(np.log1p(max(count, 1))) * UNSEEN_WORD_WEIGHT
        self._grams = _index_grams([merge_text(title.words) for title in titles])
        self._learn_effects(rows, terms, weight)

    def __len__(self) -> int:
        return len(self.comps)

    # --- what the market teaches ------------------------------------------------------------

    def _word_pairs(self, titles: Sequence[Title]) -> tuple[Ints, Ints]:
        rows = [row for row, title in enumerate(titles) for _ in title.words]
        terms = [self._vocabulary[word] for title in titles for word in title.words]
        return np.array(rows, np.int32), np.array(terms, np.int32)

    def _learn_weights(self, rows: Ints, terms: Ints, usable: NDArray[np.bool_]) -> Floats:
        """IDF times how much a word narrows the price: 1 - variance among its bearers / variance of all."""
        size, count = len(self._vocabulary), len(self.comps)
        documents = np.bincount(terms, minlength=size)
        idf = np.log1p(count / np.maximum(documents, 1))
        if usable.sum() < 2:
            return np.asarray(idf, float)
        prices = self.log_total[usable]
        centre = float(np.median(prices))
        reach = ROBUST_CLIP * max(1.4826 * float(np.median(np.abs(prices - centre))), 0.05)
        residual = np.clip(self.log_total - centre, -reach, reach)
        chosen = usable[rows]
        t, r = terms[chosen], residual[rows[chosen]]
        n = np.bincount(t, minlength=size)
        mean = np.bincount(t, r, minlength=size) / np.maximum(n, 1)
        within = np.bincount(t, (r - mean[t]) ** 2, minlength=size)
        overall = float(np.var(residual[usable])) or 1.0
        prior = 3.0
        share = (within + prior * overall) / ((n + prior) * overall)
        uneven = overall / (overall + EVEN_VARIANCE)
        return np.asarray(idf * (1.0 - uneven * np.clip(share, 0.0, 1.0)), float)

    def _learn_effects(self, rows: Ints, terms: Ints, weight: Floats) -> None:
        """Ridge regression of log price on words and conditions, robust by clipped residuals.

        The ridge is the residual variance over the variance expected of an effect (Hoerl & Kennard 1970).

        Gives `condition_offset` (shrunk to CONDITION_PRIOR), `word effects` and `spread`, the typical
        residual. Used to adjust a comp for what distinguishes it from the listing, as appraisers do.
        """
        believable = self.plain & ~self._is_odd(rows, terms, weight)
        plain = np.flatnonzero(believable)
        self.condition_offset = dict(CONDITION_PRIOR)
        self._effects = np.zeros(len(self._vocabulary))
        self._row_effect: Floats = np.zeros(len(self.comps))
        self.spread = 0.3
        if len(plain) >= 2 * MIN_WORD_COUNT:
            documents = np.bincount(terms[believable[rows]], minlength=len(self._vocabulary))
            frequent = np.argsort(-documents, kind="stable")[:MAX_EFFECT_WORDS]
            words = frequent[documents[frequent] >= MIN_WORD_COUNT]
            self._fit(plain, words.astype(np.int32), rows, terms)
        np.add.at(self._row_effect, rows, self._effects[terms])
        self.row_offset: Floats = np.array(
            [self.condition_offset[comp.condition] for comp in self.comps], float
        )

    def _is_odd(self, rows: Ints, terms: Ints, weight: Floats) -> NDArray[np.bool_]:
        """Sales far from what the words they bear usually sell for: they must not teach anything.

        Each sale is held against the weighted mean of its words' median prices. Medians, because a
        least-squares fit that has once followed a few absurd prices does not find back.
        """
        if not len(terms):
            return np.zeros(len(self.comps), bool)
        order = np.lexsort((self.log_total[rows], terms))
        counts = np.bincount(terms, minlength=len(weight))
        starts = np.cumsum(counts) - counts
        medians = self.log_total[rows[order[starts + counts // 2]]]
        mass = np.bincount(rows, weight[terms], minlength=len(self.comps))
        expected = np.bincount(rows, weight[terms] * medians[terms], minlength=len(self.comps))
        distance = np.where(mass > 0, self.log_total - expected / np.maximum(mass, 1e-12), 0.0)
        scale = 1.4826 * float(np.median(np.abs(distance[self.plain]))) if self.plain.any() else 0.0
        return np.asarray(np.abs(distance) > ODD_CUT * max(scale, 0.1), bool)

    def _fit(self, plain: NDArray[np.int64], words: Ints, rows: Ints, terms: Ints) -> None:
        known = [c for c in conditions.CONDITIONS if c != conditions.UNKNOWN]
        columns = np.full(len(self._vocabulary), -1)
        columns[words] = np.arange(len(words))
        place = np.full(len(self.comps), -1)
        place[plain] = np.arange(len(plain))
        x = np.zeros((len(plain), len(words) + len(known) + 1))
        hit = (place[rows] >= 0) & (columns[terms] >= 0)
        x[place[rows[hit]], columns[terms[hit]]] = 1.0
        for row, comp in enumerate(self.comps[i] for i in plain):
            if comp.condition in known:
                x[row, len(words) + known.index(comp.condition)] = 1.0
        x[:, -1] = 1.0
        prior = np.zeros(x.shape[1])
        prior[len(words) : -1] = [CONDITION_PRIOR[c] for c in known]
        is_condition = np.zeros(x.shape[1], bool)
        is_condition[len(words) : -1] = True
        y = self.log_total[plain]
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
        self._effects[words] = beta[: len(words)]
        used = beta[len(words) + known.index(conditions.USED)]
        for i, name in enumerate(known):
            self.condition_offset[name] = float(beta[len(words) + i] - used)
        self.spread = max(sigma, 0.05)

    # --- asking it ----------------------------------------------------------------------------

    def word_shift(self, title: Title, rows: Ints) -> Floats:
        """What separates a title's words from each row's in log price, within reason."""
        shift = self._effect_of(title) - self._row_effect[rows]
        return np.asarray(np.clip(shift, -MAX_WORD_SHIFT, MAX_WORD_SHIFT), float)

    def _effect_of(self, title: Title) -> float:
        known = [self._vocabulary[w] for w in title.words if w in self._vocabulary]
        return float(self._effects[known].sum()) if known else 0.0

    def search(self, title: Title, *, limit: int) -> Matches:
        """The `limit` comparables most similar to `title`, exactly; ties by id."""
        if not self.comps or not title.words:
            return Matches(np.empty(0, np.int32), np.empty(0))
        known = [self._vocabulary[w] for w in title.words if w in self._vocabulary]
        missing = len(title.words) - len(known)
        similarity = np.zeros(len(self.comps))
        if known:
            similarity += W_WORDS * self._words.cosines(known, missing * self._idf_unseen**2)
        grams = _gram_codes(merge_text(title.words))
        if len(grams):
            similarity += W_GRAMS * self._grams.cosines(grams)
        # The strong tokens can add at most W_STRONG: only rows within that reach matter.
        reach = min(len(similarity), limit + limit // 2)
        near = np.argpartition(-similarity, reach - 1)[:reach] if reach else np.empty(0, int)
        agreement = np.array([_agreement(title.strong, self.strong[i]) for i in near])
        scores = np.where(
            agreement >= 0,
            similarity[near] + W_STRONG * agreement,
            similarity[near] / (W_WORDS + W_GRAMS),
        )
        order = np.lexsort((near, -scores))[:limit]
        return Matches(near[order].astype(np.int32), np.minimum(scores[order], 1.0))


def _agreement(mine: StrongTokens, theirs: StrongTokens) -> float:
    """Share of strong tokens that both titles give; -1 when neither gives any."""
    if mine == theirs:
        return 1.0 if mine else -1.0
    return len(mine & theirs) / len(mine | theirs)
