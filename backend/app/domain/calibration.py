"""How wrong estimates of one market are, learned from sales that were valued without themselves.

Normalised split conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018): the size of the error
is modelled from what is known before the price is, by quantile regression (Koenker & Bassett 1978), and
the errors divided by it give the distribution of the value around the point. Twins of a title never value each other, and newer sales
weigh more (Barber et al. 2023).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["MIN_ERRORS", "Calibration", "calibrate", "circumstances"]

Floats = NDArray[np.float64]

MIN_ERRORS: Final = 40
"""With fewer errors than this an 80 % interval is a guess; the default is used."""
LEVELS: Final[Floats] = np.concatenate(
    [[0.005, 0.01, 0.02], np.arange(0.03, 0.975, 0.02), [0.98, 0.99, 0.995]]
)
SMALLEST_ERROR: Final = 0.02
SIZE_LEVEL: Final = 0.75
"""The size of an error is what three in four stay under: the ends of an interval lie near it. The mean of log errors
follows the smallest, which say little, and left easy items with too wide an interval and hard ones with too narrow."""
RIDGE: Final = 10.0
ROUNDS: Final = 30
LEAST_SCALE: Final = 0.03
MOST_SCALE: Final = 1.5


def circumstances(
    best_similarity: float, spread: float, effective: float, disagreement: float
) -> Floats:
    """What foretells the size of an error: how alike the best comparable is, how far the prices of the
    comparables lie apart (log), how many there are, how far the comparables and the title's own
    price (log) are apart; 0 where there is no such.
    """
    return np.array(
        [
            1.0,
            np.log(1.05 - min(best_similarity, 1.0)),
            np.log(spread + 0.05),
            effective**-0.5 if effective > 0 else 1.0,
            min(disagreement, 1.5),
        ]
    )


_NORMAL: Final = NormalDist()
_DEFAULT_EFFECTS: Final = np.array([-0.4, 0.15, 0.8, 0.5, 0.4])
"""Where no errors are known: the width goes with the spread of the comparables. Own judgement, 2026-11."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """The distribution of log(value / point) is `quantiles` at LEVELS times the scale of the case.

    `errors` = how many valued sales it rests on; 0 for the default.
    """

    effects: Floats
    quantiles: Floats
    errors: int

    @classmethod
    def default(cls) -> "Calibration":
        """A normal distribution whose width goes with the comparables' spread."""
        return cls(_DEFAULT_EFFECTS, np.array([_NORMAL.inv_cdf(level) for level in LEVELS]), 0)

    def scale(self, case: Floats) -> float:
        """The size of error to expect in the `circumstances` of a case."""
        return float(np.clip(np.exp(case @ self.effects), LEAST_SCALE, MOST_SCALE))

    def quantile(self, level: float, scale: float) -> float:
        """The log(value / point) that the value lies under with probability `level`."""
        return scale * float(np.interp(level, LEVELS, self.quantiles))

    def at_least(self, log_ratio: float, scale: float) -> float:
        """P(log(value / point) ≥ log_ratio); falls in `log_ratio`, beyond the known levels by halves."""
        asked = log_ratio / scale
        lowest, highest = self.quantiles[0], self.quantiles[-1]
        if asked <= lowest:
            return float(1.0 - LEVELS[0] * 2.0 ** -(lowest - asked))
        if asked >= highest:
            return float((1.0 - LEVELS[-1]) * 2.0 ** -(asked - highest))
        return float(1.0 - np.interp(asked, self.quantiles, LEVELS))

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an artefact without pickle."""
        return {
            "effects": self.effects,
            "quantiles": self.quantiles,
            "errors": np.array(self.errors),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Calibration":
        """The calibration that `to_arrays` wrote."""
        return cls(
            arrays["effects"].astype(float),
            arrays["quantiles"].astype(float),
            int(arrays["errors"]),
        )


def calibrate(cases: Floats, errors: Floats, weights: Floats) -> Calibration:
    """From `circumstances` of valued sales, one row each, and log(paid / point) of each."""
    if len(errors) < MIN_ERRORS:
        return Calibration.default()
    effects = _sizes(cases, np.log(np.abs(errors) + SMALLEST_ERROR), weights)
    scales = np.clip(np.exp(cases @ effects), LEAST_SCALE, MOST_SCALE)
    return Calibration(effects, _conformal(errors / scales, weights), len(errors))


def _sizes(cases: Floats, size: Floats, weights: Floats) -> Floats:
    """The effects under whose sum SIZE_LEVEL of the log sizes lie: a ridge on the pinball loss, by
    reweighted least squares.
    """
    centre = np.average(cases[:, 1:], axis=0, weights=weights)
    spread = np.sqrt(np.average((cases[:, 1:] - centre) ** 2, axis=0, weights=weights))
    spread = np.where(spread > 1e-9, spread, 1.0)
    x = np.column_stack([np.ones(len(size)), (cases[:, 1:] - centre) / spread])
    penalty = RIDGE * np.eye(x.shape[1])
    penalty[0, 0] = 0.0
    mass = weights / weights.mean()
    pull = mass
    for _ in range(ROUNDS):
        slopes = np.linalg.solve(x.T @ (x * pull[:, None]) + penalty, x.T @ (pull * size))
        left = size - x @ slopes
        side = np.where(left > 0, SIZE_LEVEL, 1 - SIZE_LEVEL)
        pull = mass * side / np.maximum(np.abs(left), 0.05)
    effects = slopes[1:] / spread
    return np.array([slopes[0] - float(effects @ centre), *effects])


def _conformal(ratios: Floats, weights: Floats) -> Floats:
    """Quantiles at LEVELS, outwards of the middle by the finite-sample correction (n + 1) / n."""
    order = np.argsort(ratios, kind="stable")
    mass = weights[order] / weights.sum()
    effective = 1.0 / float(mass @ mass)
    middle = np.cumsum(mass) - mass / 2
    wider = np.clip(0.5 + (LEVELS - 0.5) * (1.0 + 1.0 / effective), 0.0, 1.0)
    found = np.interp(wider, middle, ratios[order])
    return np.asarray(np.maximum.accumulate(found + np.arange(len(found)) * 1e-9), float)
