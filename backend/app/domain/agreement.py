"""How far titles agree in the tokens that pin a variant: one title held against all rows of a market at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.domain.titles import Title

__all__ = ["StrongIndex", "StrongTokens"]

StrongTokens = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StrongIndex:
    """Which rows bear which strong tokens: `rows[starts[i]:starts[i + 1]]` bear the token at place i.

    `borne`: how many tokens each row bears.
    """

    place: Mapping[tuple[str, str], int]
    starts: NDArray[np.int32]
    rows: NDArray[np.int32]
    borne: NDArray[np.int32]

    @classmethod
    def of(cls, titles: Sequence[Title]) -> "StrongIndex":
        """The index of some titles, a row each; the same titles give the same index."""
        bearers: dict[tuple[str, str], list[int]] = {}
        for row, title in enumerate(titles):
            for token in title.strong:
                bearers.setdefault(token, []).append(row)
        tokens = sorted(bearers)
        starts = np.cumsum([0, *(len(bearers[token]) for token in tokens)])
        return cls(
            {token: i for i, token in enumerate(tokens)},
            starts.astype(np.int32),
            np.array([row for token in tokens for row in bearers[token]], np.int32),
            np.array([len(title.strong) for title in titles], np.int32),
        )

    def agreement(self, mine: StrongTokens) -> NDArray[np.float64]:
        """For every row, the share of strong tokens that both titles give; -1 where neither gives any."""
        if not mine:
            return np.where(self.borne > 0, 0.0, -1.0)
        places = sorted(self.place[token] for token in mine if token in self.place)
        bearing = [self.rows[self.starts[i] : self.starts[i + 1]] for i in places]
        shared = (
            np.bincount(np.concatenate(bearing), minlength=len(self.borne))
            if bearing
            else np.zeros(len(self.borne), np.intp)
        )
        return np.asarray(shared / (len(mine) + self.borne - shared), np.float64)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an artefact without pickle."""
        text = "\n".join(f"{kind} {token}" for kind, token in self.place).encode()
        return {
            "tokens": np.frombuffer(text, np.uint8),
            "starts": self.starts,
            "rows": self.rows,
            "borne": self.borne,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "StrongIndex":
        """The index that `to_arrays` wrote. ValueError where its parts do not fit together."""
        text = arrays["tokens"].tobytes().decode()
        place: dict[tuple[str, str], int] = {}
        for line in text.split("\n") if text else []:
            kind, token = line.split(" ", 1)
            place[kind, token] = len(place)
        starts, rows, borne = (
            arrays[name].astype(np.int32) for name in ("starts", "rows", "borne")
        )
        whole = len(starts) == len(place) + 1 and starts[0] == 0 and starts[-1] == len(rows)
        if not whole or (np.diff(starts) < 0).any():
            raise ValueError("strong tokens and their rows do not agree")
        if not np.array_equal(np.bincount(rows, minlength=len(borne)), borne):
            raise ValueError("rows bear other strong tokens than they count")
        return cls(place, starts, rows, borne)
