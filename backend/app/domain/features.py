"""Titles as sparse feature vectors: words, word pairs, character n-grams and the numbers they state.

A space is learned from the titles of one market and knows nothing of prices. Words and character
n-grams serve the search for similar titles; all blocks together feed the price networks. Weights are
IDF (Spärck Jones 1972); each block of a title has length 1 times the block's share.
"""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, pairwise
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from app.domain.titles import Title

__all__ = ["NUMBERS", "FeatureSpace", "Query", "Terms", "Vectors"]

MIN_BEARERS: Final = 2
MIN_GRAM_BEARERS: Final = 4
MAX_GRAMS: Final = 20_000
GRAM_SHARE: Final = 0.7
NUMBER_SHARE: Final = 0.5

_YEAR = re.compile(r"\b(19[3-9]\d|20[0-4]\d)\b")
_DECADE = re.compile(r"\b([3-9])0s\b")
_STORAGE = re.compile(r"\b(\d+(?:\.\d+)?)(gb|tb)\b")
_INCHES = re.compile(r"\b(\d\d(?:\.\d)?)in\b")
_GENERATION = re.compile(r"\bgen(\d{1,2})\b")
_TIER = re.compile(r"\bi([3579])\b")

NUMBERS: Final = (
    "year_known", "year", "year_squared", "storage_known", "storage_most", "storage_least",
    "several_storages", "inches_known", "inches", "generation_known", "generation", "tier_known",
    "tier", "words",
)  # fmt: skip
"""What is read from a title as numbers, each scaled to about -1 to 1; 0 where the title does not say."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """Titles in a space, one row each: `words` (without noise) and `grams` for similarity, rows of
    length 1; `all` for the networks, which also see what sellers praise.
    """

    words: sp.csr_array
    grams: sp.csr_array
    all: sp.csr_array


@dataclass(frozen=True, slots=True)
class Terms:
    """The columns of one title that are not 0, and what stands there."""

    columns: NDArray[np.int32]
    values: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Query:
    """One title in a space, as Vectors has many: to ask with, without a matrix."""

    words: Terms
    grams: Terms
    all: Terms


def _numbers(text: str) -> list[float]:
    year = _YEAR.search(text)
    decade = None if year else _DECADE.search(text)
    told = int(year[1]) if year else 1905 + 10 * int(decade[1]) if decade else None
    age = 0.0 if told is None else (told - 2000) / 20
    gigabytes = [float(n) * (1024 if unit == "tb" else 1) for n, unit in _STORAGE.findall(text)]
    most = np.log2(min(max(gigabytes), 1e6) + 1) / 6 if gigabytes else 0.0
    least = np.log2(min(*gigabytes, 1e6) + 1) / 4 if len(gigabytes) > 1 else 0.0
    inches, generation, tier = _INCHES.search(text), _GENERATION.search(text), _TIER.search(text)
    return [
        float(told is not None),
        age,
        age * age,
        float(bool(gigabytes)),
        float(most),
        float(least),
        float(len(gigabytes) > 1),
        float(inches is not None),
        (float(inches[1]) - 14) / 4 if inches else 0.0,
        float(generation is not None),
        (int(generation[1]) - 6) / 4 if generation else 0.0,
        float(tier is not None),
        int(tier[1]) / 5 - 1 if tier else 0.0,
        len(text.split()) / 10 - 1,
    ]


def _grams(words: Iterable[str]) -> Counter[str]:
    """Character trigrams and 4-grams inside words, with the words' edges as blanks."""
    return Counter(chain.from_iterable(map(_grams_of_word, words)))


@lru_cache(maxsize=16_384)
def _grams_of_word(word: str) -> tuple[str, ...]:
    """Remembered, for the titles of a market share most of their words."""
    text = f" {word} "
    return tuple(text[i : i + size] for size in (3, 4) for i in range(len(text) - size + 1))


class _Block:
    """One kind of term: its vocabulary in a fixed order and the IDF of each."""

    def __init__(self, terms: Sequence[str], idf: NDArray[np.float32]) -> None:
        self.spelling = list(terms)
        self.idf = idf
        self.place = {term: i for i, term in enumerate(self.spelling)}

    @classmethod
    def learn(
        cls, bags: Sequence[Mapping[str, int]], *, least: int, most: int | None = None
    ) -> "_Block":
        """The terms that at least `least` bags hold, at most the `most` commonest; ties by spelling."""
        bearers = Counter(term for bag in bags for term in bag)
        kept = [term for term, count in bearers.items() if count >= least]
        if most is not None and len(kept) > most:
            kept = sorted(kept, key=lambda term: (-bearers[term], term))[:most]
        kept.sort()
        counts = np.array([bearers[term] for term in kept], float)
        return cls(kept, (np.log((1 + len(bags)) / (1 + counts)) + 1).astype(np.float32))

    def terms(self, bag: Mapping[str, int]) -> Terms:
        """A bag as a row of length 1, by rising columns."""
        known = sorted(
            (place, count)
            for term, count in bag.items()
            if (place := self.place.get(term)) is not None
        )
        columns = np.array([place for place, _ in known], np.int32)
        counts = np.array([count for _, count in known], np.float64)
        values = ((1 + np.log(counts)) * self.idf[columns]).astype(np.float32)
        length = float(np.sqrt(values @ values))
        return Terms(columns, values / np.float32(max(length, 1e-12)))

    def rows(self, bags: Sequence[Mapping[str, int]], share: float) -> sp.csr_array:
        """Each bag as a row of length `share`; (1 + log count) × IDF. Unknown terms count for nothing."""
        indices: list[int] = []
        counts: list[int] = []
        starts = [0]
        for bag in bags:
            for term, count in bag.items():
                place = self.place.get(term)
                if place is not None:
                    indices.append(place)
                    counts.append(count)
            starts.append(len(indices))
        columns = np.array(indices, np.int32)
        values = ((1 + np.log(np.array(counts, float))) * self.idf[columns]).astype(np.float32)
        matrix = sp.csr_array(
            (values, columns, np.array(starts, np.int32)), shape=(len(bags), len(self.spelling))
        )
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        scale = share / np.maximum(lengths, 1e-12)
        matrix.data *= np.repeat(scale, np.diff(matrix.indptr)).astype(np.float32)
        matrix.sort_indices()
        return matrix


class FeatureSpace:
    """The terms of one market's titles. The same titles in any order give the same space."""

    def __init__(self, words: _Block, pairs: _Block, grams: _Block) -> None:
        self._words, self._pairs, self._grams = words, pairs, grams

    @classmethod
    def learn(cls, titles: Sequence[Title]) -> "FeatureSpace":
        """The space of a market's titles."""
        split = [title.full.split() for title in titles]
        return cls(
            _Block.learn([Counter(words) for words in split], least=1),
            _Block.learn([_pairs(words) for words in split], least=MIN_BEARERS),
            _Block.learn(
                [_grams(title.words) for title in titles], least=MIN_GRAM_BEARERS, most=MAX_GRAMS
            ),
        )

    def vectors(self, titles: Sequence[Title]) -> Vectors:
        """The titles in this space."""
        split = [title.full.split() for title in titles]
        everything = [Counter(words) for words in split]
        grams = self._grams.rows([_grams(title.words) for title in titles], 1.0)
        numbers = sp.csr_array(
            np.array([_numbers(title.full) for title in titles], np.float32).reshape(
                len(titles), len(NUMBERS)
            )
        )
        half = np.float32(np.sqrt(0.5))
        features = sp.hstack(
            [
                self._words.rows(everything, 1.0) * half,
                self._pairs.rows([_pairs(words) for words in split], 1.0) * half,
                grams * np.float32(GRAM_SHARE),
                numbers * np.float32(NUMBER_SHARE),
            ],
            format="csr",
        )
        telling = [Counter(title.words) for title in titles]
        return Vectors(self._words.rows(telling, 1.0), grams, sp.csr_array(features))

    def query(self, title: Title) -> Query:
        """One title in this space: what `vectors` gives for it."""
        words = title.full.split()
        grams = self._grams.terms(_grams(title.words))
        half = np.float32(np.sqrt(0.5))
        numbers = np.array(_numbers(title.full), np.float32)
        blocks = [
            (self._words.terms(Counter(words)), half, len(self._words.spelling)),
            (self._pairs.terms(_pairs(words)), half, len(self._pairs.spelling)),
            (grams, np.float32(GRAM_SHARE), len(self._grams.spelling)),
            (Terms(np.arange(len(NUMBERS), dtype=np.int32), numbers), np.float32(NUMBER_SHARE), 0),
        ]
        starts = np.cumsum([0, *(size for _, _, size in blocks)])
        everything = Terms(
            np.concatenate(
                [
                    terms.columns + start
                    for (terms, _, _), start in zip(blocks, starts, strict=False)
                ]
            ).astype(np.int32),
            np.concatenate([terms.values * share for terms, share, _ in blocks]),
        )
        return Query(self._words.terms(Counter(title.words)), grams, everything)

    @property
    def names(self) -> list[str]:
        """A name for each column of `Vectors.all`, the same in every space that has the term."""
        return [
            *(f"w:{term}" for term in self._words.spelling),
            *(f"p:{term}" for term in self._pairs.spelling),
            *(f"g:{term}" for term in self._grams.spelling),
            *(f"n:{name}" for name in NUMBERS),
        ]

    @property
    def known_words(self) -> Mapping[str, int]:
        """The words that any title bears, with their places."""
        return self._words.place

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an artefact without pickle."""
        arrays: dict[str, NDArray[np.generic]] = {}
        for name, block in self._blocks().items():
            text = "\n".join(block.spelling).encode()
            arrays[f"{name}_terms"] = np.frombuffer(text, np.uint8)
            arrays[f"{name}_idf"] = block.idf
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "FeatureSpace":
        """The space that `to_arrays` wrote."""

        def block(name: str) -> _Block:
            text = arrays[f"{name}_terms"].tobytes().decode()
            return _Block(
                text.split("\n") if text else [], arrays[f"{name}_idf"].astype(np.float32)
            )

        return cls(block("words"), block("pairs"), block("grams"))

    def _blocks(self) -> dict[str, _Block]:
        return {"words": self._words, "pairs": self._pairs, "grams": self._grams}


def _pairs(words: Sequence[str]) -> Counter[str]:
    return Counter(f"{a} {b}" for a, b in pairwise(words))


def stable_hash(text: str) -> int:
    """A 32-bit number that is the same on every machine and in every run."""
    return zlib.crc32(text.encode())
