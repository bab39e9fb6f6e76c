"""A small neural network from sparse title features to a log price, trained and read with numpy alone.

Two hidden layers of rectifiers over an embedding of the features (Mercari's price challenge of 2018
was won with such). Huber loss (1964), Adam (Kingma & Ba 2015), dropout. Everything random is derived
from names and not from positions, so that a few more rows move the result only a little.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from app.domain.features import Terms

__all__ = ["Network", "train"]

Floats = NDArray[np.float32]

WIDTH: Final = 32
DEPTH_WIDTH: Final = 24
EPOCHS: Final = 8
RATE: Final = 6e-3
DECAY: Final = 3e-4
DROPOUT: Final = 0.2
HUBER: Final = 0.25
LEAST_BATCH: Final = 8
MOST_BATCH: Final = 256
STEPS: Final = 32
"""Steps an epoch has at the least, down to LEAST_BATCH rows each: a small market needs as many as a large one."""
BLOCK: Final = 1_024
"""Rows of weights that are stepped at once: so many stay in a core's cache from one operation to the next."""
_LAYERS: Final = ("embed", "embed_bias", "hidden", "hidden_bias", "out", "out_bias")


@dataclass(frozen=True, slots=True)
class Network:
    """Trained weights. `centre` is what is added to the output."""

    weights: tuple[Floats, ...]
    centre: float

    def predict(self, features: sp.csr_array) -> NDArray[np.float64]:
        """A log price per row."""
        embed, embed_bias, hidden, hidden_bias, out, out_bias = self.weights
        first = np.maximum(features @ embed + embed_bias, 0)
        second = np.maximum(first @ hidden + hidden_bias, 0)
        return np.asarray((second @ out + out_bias)[:, 0] + self.centre, np.float64)

    def predict_one(self, title: Terms) -> float:
        """The log price of one title."""
        embed, embed_bias, hidden, hidden_bias, out, out_bias = self.weights
        first = np.maximum(title.values @ embed[title.columns] + embed_bias, 0)
        second = np.maximum(first @ hidden + hidden_bias, 0)
        return float((second @ out + out_bias)[0]) + self.centre

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an artefact: half precision, which moves a price by less than 0.1 %."""
        arrays: dict[str, NDArray[np.generic]] = {
            name: weight.astype(np.float16)
            for name, weight in zip(_LAYERS, self.weights, strict=True)
        }
        return {**arrays, "centre": np.array(self.centre)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Network":
        """The network that `to_arrays` wrote."""
        return cls(
            tuple(arrays[name].astype(np.float32) for name in _LAYERS), float(arrays["centre"])
        )


def _spread(keys: NDArray[np.uint64], seed: int) -> NDArray[np.float64]:
    """Numbers from 0 to 1 that depend on nothing but the keys and the seed (SplitMix64, Steele 2014)."""
    mixed = keys + np.uint64(seed * 0x9E3779B97F4A7C15 % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))).astype(np.float64) / 2.0**64


def _start(names: NDArray[np.uint64], seed: int, scale: float, width: int) -> list[Floats]:
    """Weights before training: each feature's row follows from its name."""
    columns = np.arange(width, dtype=np.uint64) * np.uint64(0x100000001)
    embed = (_spread(names[:, None] + columns[None, :], seed) - 0.5) * 3.46
    rng = np.random.default_rng(seed)
    return [
        (embed * scale).astype(np.float32),
        np.zeros(width, np.float32),
        rng.normal(0, np.sqrt(2 / width), (width, DEPTH_WIDTH)).astype(np.float32),
        np.zeros(DEPTH_WIDTH, np.float32),
        (rng.normal(0, np.sqrt(1 / DEPTH_WIDTH), (DEPTH_WIDTH, 1)) * 0.3).astype(np.float32),
        np.zeros(1, np.float32),
    ]


def train(
    features: sp.csr_array,
    target: NDArray[np.float64],
    *,
    columns: Sequence[int],
    rows: Sequence[int],
    seed: int,
    width: int = WIDTH,
) -> Network:
    """A network that predicts `target` (log price) from `features`.

    `columns` and `rows` are numbers that name each column and row, the same wherever it stands.
    """
    count = features.shape[0]
    centre = float(np.median(target))
    wanted = (target - centre).astype(np.float32)
    weights = _start(np.array(columns, np.uint64), seed, 0.3, width)
    first_moment = [np.zeros_like(w) for w in weights]
    second_moment = [np.zeros_like(w) for w in weights]
    row_names = np.array(rows, np.uint64)
    rng = np.random.default_rng(seed)
    last_batch = min(max(count // STEPS, LEAST_BATCH), MOST_BATCH)
    step = 0
    for epoch in range(EPOCHS):
        order = np.argsort(_spread(row_names, seed * 1_000 + epoch + 1), kind="stable")
        shuffled = features[order]
        batch = min(max(last_batch // 4, LEAST_BATCH) * 2**epoch, last_batch)
        rate = RATE * (1 - epoch / EPOCHS)
        for start in range(0, count, batch):
            step += 1
            part = shuffled[start : start + batch]
            gradients = _gradients(part, wanted[order[start : start + batch]], weights, rng)
            for i, gradient in enumerate(gradients):
                if i % 2 == 0:
                    gradient += DECAY * weights[i]
                for at in range(0, len(gradient), BLOCK):
                    block = slice(at, at + BLOCK)
                    _adam(
                        weights[i][block],
                        gradient[block],
                        first_moment[i][block],
                        second_moment[i][block],
                        rate=rate,
                        step=step,
                    )
    return Network(tuple(weights), centre)


def _adam(
    weights: Floats, gradient: Floats, first: Floats, second: Floats, *, rate: float, step: int
) -> None:
    """One step of Adam (Kingma & Ba 2015) in place; `gradient` is used up."""
    scratch = gradient - first
    scratch *= 0.1
    first += scratch
    gradient *= gradient
    gradient -= second
    gradient *= 0.01
    second += gradient
    np.multiply(second, 1 / (1 - 0.99**step), out=scratch)
    np.sqrt(scratch, out=scratch)
    scratch += 1e-6
    np.divide(first, scratch, out=scratch)
    scratch *= rate / (1 - 0.9**step)
    weights -= scratch


def _gradients(
    part: sp.csr_array, wanted: Floats, weights: Sequence[Floats], rng: np.random.Generator
) -> list[Floats]:
    """The mean Huber loss' slope in every weight, with dropout on the embedding."""
    embed, embed_bias, hidden, hidden_bias, out, out_bias = weights
    raw_first = part @ embed + embed_bias
    kept = (rng.random(raw_first.shape, np.float32) > DROPOUT) / np.float32(1 - DROPOUT)
    first = np.maximum(raw_first, 0) * kept
    raw_second = first @ hidden + hidden_bias
    second = np.maximum(raw_second, 0)
    error = (second @ out + out_bias)[:, 0] - wanted
    slope = (np.clip(error, -HUBER, HUBER) / len(wanted)).astype(np.float32)[:, None]
    to_second = (slope @ out.T) * (raw_second > 0)
    to_first = (to_second @ hidden.T) * (raw_first > 0) * kept
    return [
        np.asarray(part.T @ to_first, np.float32),
        to_first.sum(0),
        first.T @ to_second,
        to_second.sum(0),
        second.T @ slope,
        slope.sum(0),
    ]
