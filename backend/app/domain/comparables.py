"""Past sales of one category as a market to compare with: which of them resemble a title, and what
they teach about prices. Built once per state of the store; knows no clock and no listing.

Similarity is the cosine of IDF-weighted words and of character n-grams (Salton & Buckley 1988), the
latter for misspellings, and the agreement of strong tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from app.domain import condition as conditions
from app.domain import price_model
from app.domain.agreement import StrongIndex, StrongTokens
from app.domain.calibration import Calibration
from app.domain.effects import CONDITION_PRIOR, Effects, learn_effects
from app.domain.features import FeatureSpace, Query, Terms
from app.domain.price_model import PriceModel, Trend
from app.domain.titles import Flag, Title, read_title

__all__ = ["CONDITION_PRIOR", "Comp", "Learned", "Market", "Matches"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

W_WORDS, W_GRAMS, W_STRONG = 0.5, 0.35, 0.15
MAX_WORD_SHIFT = 0.5
FIRST_LOOK = 2_000
"""Rows of which the best set a bar for the rest, so that few are left to be ranked."""
MAX_UNFIT = 10
"""Lots, accessories and the like among the matches, to be named as rejected: more would only crowd out sales."""


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


def _cosines(by_term: sp.csc_array, query: Terms) -> Floats:
    """The inner product of every row with a query, touching the query's terms only."""
    return np.asarray(by_term[:, query.columns] @ query.values, float)


def _best(scores: Floats, rows: Ints, limit: int) -> Ints:
    """The `limit` of `rows` that score highest, and whatever ties with the last of them; in no order."""
    if (
        limit < FIRST_LOOK < len(rows)
    ):  # what the best of some rows reach, the best of all reach too
        rows = rows[scores[rows] >= _bar(scores[rows[:FIRST_LOOK]], limit)]
    if limit < len(rows):
        rows = rows[scores[rows] >= _bar(scores[rows], limit)]
    return rows


def _bar(scores: Floats, limit: int) -> float:
    """The score of the `limit`th best; there are more than `limit`."""
    last = len(scores) - limit
    return float(np.partition(scores, last)[last])


def _weighted_query(query: Terms, weight: Floats | None) -> Terms:
    """As `_weighted`, for one title."""
    if weight is None:
        return query
    values = (query.values * weight[query.columns]).astype(np.float32)
    return Terms(query.columns, values / np.float32(max(float(np.sqrt(values @ values)), 1e-12)))


def _weighted(vectors: sp.csr_array, weight: Floats | None) -> sp.csr_array:
    """Rows of length 1 with each column weighted; as they are without weights."""
    if weight is None:
        return vectors
    found = sp.csr_array(vectors.multiply(weight[None, :]))
    lengths = np.sqrt(np.asarray(found.multiply(found).sum(axis=1)).ravel())
    found.data /= np.repeat(np.maximum(lengths, 1e-12), np.diff(found.indptr))
    return found


@dataclass(frozen=True, slots=True)
class Learned:
    """All that a market learns from its sales, which an artefact keeps.

    `words` and `grams`: rows' vectors by term. `strong`: rows by strong token. `trend`: how the market's prices move. `word_weight`: in a market
    too small for a model, how much each word counts beyond its IDF. `plain`: rows that are the thing itself, not a lot,
    an accessory, a broken one, nor in another currency. `calibration` is added by who values. Rows older than
    `use_for_days` may not be used, if that is set.
    """

    space: FeatureSpace
    words: sp.csc_array
    grams: sp.csc_array
    strong: StrongIndex
    effects: Effects
    row_effect: Floats
    plain: NDArray[np.bool_]
    model: PriceModel | None
    trend: Trend
    word_weight: Floats | None
    calibration: Calibration
    use_for_days: float | None = None
    version: str | None = None


class Market:
    """Comparables of one category, one kind and one currency, indexed. Immutable once built.

    The same comps in any order give the same market. All share one kind; those in another currency
    than `currency` are kept only to be named as rejected. Without `learned` it learns from its comps.
    """

    def __init__(
        self, comps: Sequence[Comp], *, currency: str, learned: Learned | None = None
    ) -> None:
        self.currency = currency
        self.comps = sorted(comps, key=lambda comp: comp.id)
        self.log_total: Floats = np.log(
            np.array([max(comp.total_cents, 1) for comp in self.comps], float)
        )
        self.sold_at: Floats = np.array([comp.sold_at.timestamp() for comp in self.comps], float)
        self.shipping_untold = np.array([c.shipping_cents is None for c in self.comps], float)
        self._titles: dict[int, Title] = {}
        self.learned = self._learn() if learned is None else learned
        self._fit_rows = np.flatnonzero(self.plain).astype(np.int32)
        self._unfit_rows = np.flatnonzero(~self.plain).astype(np.int32)
        self.row_offset: Floats = np.array(
            [self.condition_offset[comp.condition] for comp in self.comps], float
        )

    def __len__(self) -> int:
        return len(self.comps)

    @property
    def plain(self) -> NDArray[np.bool_]:
        """Rows that are the thing itself, in this market's currency."""
        return self.learned.plain

    @property
    def condition_offset(self) -> dict[str, float]:
        """Log price in a condition over the price used, learned and shrunk."""
        return dict(self.learned.effects.condition_offset)

    @property
    def spread(self) -> float:
        """The typical residual of log prices that words and conditions do not explain."""
        return self.learned.effects.spread

    @property
    def model(self) -> PriceModel | None:
        """What titles alone say about prices; None in a small market."""
        return self.learned.model

    def allowed(self, matches: "Matches", now: float) -> "Matches":
        """The matches that may still be used at `now` (seconds): none older than `use_for_days`."""
        if self.learned.use_for_days is None:
            return matches
        young = now - self.sold_at[matches.rows] < 86_400.0 * self.learned.use_for_days
        return Matches(matches.rows[young], matches.similarity[young])

    def title(self, row: int) -> Title:
        """A row's title as read; remembered, for good comparables come up again and again."""
        title = self._titles.get(row)
        if title is None:
            title = self._titles[row] = read_title(self.comps[row].title)
        return title

    def flags(self, row: int) -> tuple[Flag, ...]:
        """Why a row is not the plain thing, if it is not."""
        return self.title(row).flags

    def strong(self, row: int) -> StrongTokens:
        """The tokens that pin a row's variant."""
        return self.title(row).strong

    def _learn(self) -> Learned:
        titles = [read_title(comp.title) for comp in self.comps]
        self._titles = dict(enumerate(titles))  # whoever fits asks for them again
        plain = np.array(
            [
                comp.currency == self.currency and not title.flags
                for comp, title in zip(self.comps, titles, strict=True)
            ],
            bool,
        )
        condition = [comp.condition for comp in self.comps]
        working = plain & np.array([c != conditions.FOR_PARTS for c in condition], bool)
        effects = learn_effects([t.words for t in titles], self.log_total, condition, plain)
        # what is not the thing itself must not shape the space either
        space = FeatureSpace.learn([t for t, fit in zip(titles, plain, strict=True) if fit])
        vectors = space.vectors(titles)
        offset = np.array([effects.condition_offset[c] for c in condition], float)
        used_total = self.log_total - offset
        teaching = working & ~effects.odd
        model = price_model.fit(space, vectors.all, titles, used_total, teaching)
        weight = None
        if model is None:  # what a network would see for itself
            weight = np.array([effects.telling.get(w, 1.0) for w in space.known_words], float)
        return Learned(
            space=space,
            words=sp.csc_array(_weighted(vectors.words, weight)),
            grams=sp.csc_array(vectors.grams),
            strong=StrongIndex.of(titles),
            effects=effects,
            row_effect=np.array([effects.of(title.words) for title in titles], float),
            plain=plain,
            model=model,
            trend=price_model.trend(used_total, model, self.sold_at, teaching),
            word_weight=weight,
            calibration=Calibration.default(),
        )

    # --- asking it ----------------------------------------------------------------------------

    def word_shift(self, title: Title, rows: Ints) -> Floats:
        """What separates a title's words from each row's in log price, within reason."""
        shift = self.learned.effects.of(title.words) - self.learned.row_effect[rows]
        return np.asarray(np.clip(shift, -MAX_WORD_SHIFT, MAX_WORD_SHIFT), float)

    def query(self, title: Title) -> Query:
        """A title in this market's space."""
        return self.learned.space.query(title)

    def search(self, title: Title, *, limit: int) -> Matches:
        """The `limit` comparables most similar to `title`; ties by id; at most MAX_UNFIT unfit ones.

        Exactly these: every row is scored in full before any is left out.
        """
        if not self.comps or not title.words:
            return Matches(np.empty(0, np.int32), np.empty(0))
        query = self.query(title)
        weighted = _weighted_query(query.words, self.learned.word_weight)
        words = _cosines(self.learned.words, weighted)
        missing = sum(word not in self.learned.space.known_words for word in title.words)
        words *= (1 - missing / len(title.words)) ** 0.5
        similarity = W_WORDS * words + W_GRAMS * _cosines(self.learned.grams, query.grams)
        agreement = self.learned.strong.agreement(title.strong)
        scores = np.where(
            agreement >= 0,
            similarity + W_STRONG * agreement,
            similarity / (W_WORDS + W_GRAMS),
        )
        scores = scores.round(6)  # the same words in another order are a tie
        near = np.concatenate(
            [
                _best(scores, self._fit_rows, limit),
                _best(scores, self._unfit_rows, min(limit, MAX_UNFIT)),
            ]
        )
        near = near[np.lexsort((near, -scores[near]))]
        unfit = ~self.plain[near]
        near = near[~unfit | (np.cumsum(unfit) <= MAX_UNFIT)][:limit]
        return Matches(near.astype(np.int32), np.minimum(scores[near], 1.0))
