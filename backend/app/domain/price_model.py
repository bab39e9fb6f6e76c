"""What a title alone says about the price in one market: networks trained on folds of its sales.

Each sale is also priced by the networks that have not seen it or its title's twins, so that a sale and
a listing can be held against each other on equal terms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from app.domain.features import FeatureSpace, Terms, stable_hash
from app.domain.network import Network, train
from app.domain.titles import Title

__all__ = ["MIN_SALES", "PriceModel", "Trend", "fit", "trend"]

Floats = NDArray[np.float64]

MIN_SALES: Final = 300
"""Fewer sales than this teach a network little more than noise."""
FOLDS: Final = 4
MEMBERS: Final = 2
TREND_SD: Final = 0.001
"""By how much a market's log price is expected to move a day, before any sale is seen."""
MOST_DRIFT: Final = 0.2


@dataclass(frozen=True, slots=True)
class PriceModel:
    """`networks`, and for every sale of the market the log price that those say who did not see it.

    Log prices are of a used thing: condition is taken out before and put back by who asks.
    """

    networks: tuple[Network, ...]
    fitted: Floats

    def predict_one(self, title: Terms) -> float:
        """The mean log price of one title (Query.all)."""
        return sum(network.predict_one(title) for network in self.networks) / len(self.networks)

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """For an artefact without pickle."""
        arrays: dict[str, NDArray[np.generic]] = {"fitted": self.fitted.astype(np.float32)}
        for i, network in enumerate(self.networks):
            arrays |= {f"net{i}_{name}": a for name, a in network.to_arrays().items()}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "PriceModel":
        """The model that `to_arrays` wrote."""
        count = len({name.split("_")[0] for name in arrays if name.startswith("net")})
        networks = tuple(
            Network.from_arrays(
                {
                    name.removeprefix(f"net{i}_"): array
                    for name, array in arrays.items()
                    if name.startswith(f"net{i}_")
                }
            )
            for i in range(count)
        )
        return cls(networks, arrays["fitted"].astype(np.float64))


def fit(
    space: FeatureSpace,
    features: sp.csr_array,
    titles: Sequence[Title],
    target: Floats,
    teaching: NDArray[np.bool_],
) -> PriceModel | None:
    """Train on the `teaching` rows; None where there are fewer than MIN_SALES.

    Titles that read alike share a fold. `target` is the log price as of a used thing.
    """
    if teaching.sum() < MIN_SALES:
        return None
    columns = [stable_hash(name) for name in space.names]
    groups = np.array([stable_hash(title.full) for title in titles])
    seen: dict[str, int] = {}
    names = []
    for title in titles:
        seen[title.full] = seen.get(title.full, 0) + 1
        names.append(stable_hash(f"{title.full}#{seen[title.full]}"))
    rows = np.array(names)
    fold = groups // 7 % FOLDS
    networks: list[Network] = []
    fitted = np.zeros(len(target))
    for number in range(FOLDS):
        learning = np.flatnonzero(teaching & (fold != number))
        mine = [
            train(
                sp.csr_array(features[learning]),
                target[learning],
                columns=columns,
                rows=rows[learning].tolist(),
                seed=1 + number * MEMBERS + member,
            )
            for member in range(MEMBERS)
        ]
        unseen = np.flatnonzero(fold == number)
        unseen_features = sp.csr_array(features[unseen])
        fitted[unseen] = np.mean([n.predict(unseen_features) for n in mine], axis=0)
        networks += mine
    return PriceModel(tuple(networks), fitted)


@dataclass(frozen=True, slots=True)
class Trend:
    """How a market's log prices move: by `per_day` around the time `centre` (seconds since 1970)."""

    per_day: float = 0.0
    centre: float = 0.0

    def between(self, then: Floats | float, now: float) -> Floats:
        """What log prices have moved by from `then` to `now` (seconds), within reason."""
        moved = self.per_day * (now - np.asarray(then, float)) / 86_400.0
        return np.asarray(np.clip(moved, -MOST_DRIFT, MOST_DRIFT), float)


def trend(
    target: Floats, model: PriceModel | None, times: Floats, teaching: NDArray[np.bool_]
) -> Trend:
    """The slope of what titles do not explain, over time, shrunk to none; none without a model."""
    if model is None:
        return Trend()
    residual = (target - model.fitted)[teaching]
    day = times[teaching] / 86_400.0
    centre = float(day.mean())
    typical = max(1.4826 * float(np.median(np.abs(residual - np.median(residual)))), 0.02)
    held = np.clip(residual - np.median(residual), -2 * typical, 2 * typical)
    spread = day - centre
    slope = float(spread @ held) / (float(spread @ spread) + (typical / TREND_SD) ** 2)
    return Trend(slope, centre * 86_400.0)
