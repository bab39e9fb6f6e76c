"""Randomness without state: every draw is a function of (seed, serial, purpose).

Splitmix64's finaliser over a counter (Steele, Lea & Flood 2014). So any listing can be computed again, in any order,
in any batch, on any day, and two worlds of one seed agree to the byte.
"""

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_MASK = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


def _finalise(z: int) -> int:
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


class Dice:
    """Draws for an array of serials; each `purpose` is a stream of its own."""

    def __init__(self, seed: int, serials: Ints) -> None:
        self._seed = seed
        self._counter = serials.astype(np.uint64) * np.uint64(_GOLDEN)

    def bits(self, purpose: int) -> npt.NDArray[np.uint64]:
        """64 random bits for each serial."""
        salt = _finalise(
            (self._seed * 0xD1342543DE82EF95 + purpose * 0xA0761D6478BD642F + 1) & _MASK
        )
        z = self._counter + np.uint64(salt)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))

    def uniform(self, purpose: int) -> Floats:
        """0 ≤ u < 1."""
        return (self.bits(purpose) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, purpose: int) -> Floats:
        """Standard normal (Box & Muller 1958); uses the streams `purpose` and `purpose + 1000`."""
        u = self.uniform(purpose)
        v = self.uniform(purpose + 1000)
        return np.asarray(np.sqrt(-2.0 * np.log1p(-u)) * np.cos(2.0 * np.pi * v), dtype=np.float64)


def hash_words(seed: int, *words: object) -> int:
    """A stable 64-bit hash of a few words, for single decisions."""
    state = _finalise((seed + _GOLDEN) & _MASK)
    for char in "\x1f".join(map(str, words)):
        state = _finalise((state ^ ord(char)) + _GOLDEN & _MASK)
    return state
