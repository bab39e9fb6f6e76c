"""Which titles hold which words: an inverted index over rows that only ever grow.

A big sorted base plus small later segments, merged when there are many. A word is letters and digits; what is joined by - / .
counts both as one word and as its parts, so that "ae-1" finds "AE-1" and "ae 1" does too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ebay_sim.world.randomness import Ints

_CHUNK = re.compile(r"[a-z0-9]+(?:[-/.'][a-z0-9]+)*")
_JOINT = re.compile(r"[-/.']")
_MAX_SEGMENTS = 12
_EMPTY: Ints = np.zeros(0, dtype=np.int64)


def _fold(word: str) -> str:
    """Plural and singular are one word."""
    return (
        word[:-1]
        if len(word) > 3 and word[-1] == "s" and word[-2] != "s" and word.isalpha()
        else word
    )


def words_of_title(title: str) -> set[str]:
    """The words under which a title is found."""
    words: set[str] = set()
    for chunk in _CHUNK.findall(title.lower()):
        if chunk.isalnum():
            words.add(_fold(chunk))
        else:
            parts = _JOINT.split(chunk)
            words.add("".join(parts))
            words.update(_fold(part) for part in parts)
    return words


def words_of_query(text: str) -> list[str]:
    """The words to look up, in order; what is joined in the query must be joined in the title."""
    return [_fold(_JOINT.sub("", chunk)) for chunk in _CHUNK.findall(text.lower())]


@dataclass(slots=True)
class _Segment:
    starts: dict[int, int]
    stops: dict[int, int]
    rows: Ints

    def get(self, word: int) -> Ints:
        start = self.starts.get(word)
        return _EMPTY if start is None else self.rows[start : self.stops[word]]


def _segment(words: Ints, rows: Ints) -> _Segment:
    order = np.argsort(words, kind="stable")
    sorted_words = words[order]
    unique, first = np.unique(sorted_words, return_index=True)
    stops = np.append(first[1:], len(words))
    keys = unique.tolist()
    return _Segment(
        dict(zip(keys, first.tolist(), strict=True)),
        dict(zip(keys, stops.tolist(), strict=True)),
        rows[order].astype(np.int32),
    )


@dataclass(slots=True)
class SearchIndex:
    """Rows are numbered 0, 1, 2… in the order in which they are added; `find` answers them ascending."""

    _vocabulary: dict[str, int] = field(default_factory=dict)
    _segments: list[_Segment] = field(default_factory=list)
    _size: int = 0

    def __len__(self) -> int:
        return self._size

    def add(self, titles: Iterable[str]) -> None:
        """Appends titles as the next rows."""
        vocabulary = self._vocabulary
        words: list[int] = []
        rows: list[int] = []
        for title in titles:
            found = words_of_title(title)
            words.extend([vocabulary.setdefault(word, len(vocabulary)) for word in found])
            rows.extend([self._size] * len(found))
            self._size += 1
        if words:
            self._segments.append(
                _segment(np.array(words, dtype=np.int32), np.array(rows, dtype=np.int32))
            )
            if len(self._segments) > _MAX_SEGMENTS:
                self._merge()

    def find(self, word: str) -> Ints:
        """Rows whose title holds the word."""
        known = self._vocabulary.get(word)
        if known is None:
            return _EMPTY
        parts = [segment.get(known) for segment in self._segments]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def find_all(self, words: Sequence[str]) -> Ints:
        """Rows whose title holds every word."""
        found = sorted((self.find(word) for word in words), key=len)
        rows = found[0]
        for other in found[1:]:
            rows = _both(rows, other)
        return rows

    def find_any(self, alternatives: Sequence[Sequence[str]]) -> Ints:
        """Rows whose title holds every word of at least one alternative."""
        parts = [self.find_all(words) for words in alternatives if words]
        return np.unique(np.concatenate(parts)) if parts else _EMPTY

    def _merge(self) -> None:
        """All later segments become one; when they have outgrown a quarter of the base, the base takes them in."""
        head, tail = self._segments[0], self._segments[1:]
        if sum(len(s.rows) for s in tail) * 4 > len(head.rows):
            head, tail = _segment(*_flatten([head, *tail])), []
        self._segments = [head, *([_segment(*_flatten(tail))] if tail else [])]


def _flatten(segments: Sequence[_Segment]) -> tuple[Ints, Ints]:
    words: list[Ints] = []
    for segment in segments:
        keys = np.fromiter(segment.starts, dtype=np.int32, count=len(segment.starts))
        lengths = [segment.stops[word] - start for word, start in segment.starts.items()]
        words.append(np.repeat(keys, lengths))
    return np.concatenate(words), np.concatenate([segment.rows for segment in segments])


def _both(few: Ints, many: Ints) -> Ints:
    if not len(few) or not len(many):
        return _EMPTY
    place = np.searchsorted(many, few)
    place[place == len(many)] = 0
    shared: Ints = few[many[place] == few]
    return shared
