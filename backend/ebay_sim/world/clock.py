"""The market's own time: real time plus an offset, at a chosen speed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime


class Clock:
    """Starts at `now` (default: real now) and runs at `speed` virtual seconds a second; 0 stands still."""

    def __init__(
        self, now: float | None = None, *, speed: float = 1.0, real: Callable[[], float] = time.time
    ) -> None:
        self._real = real
        self._anchor_real = real()
        self._anchor = self._anchor_real if now is None else now
        self.speed = speed

    def now(self) -> float:
        """The market's time in Unix seconds."""
        return self._anchor + (self._real() - self._anchor_real) * self.speed

    def set(
        self, *, now: float | None = None, advance_s: float = 0.0, speed: float | None = None
    ) -> None:
        """Jumps to `now` and on by `advance_s`; from there on it runs at `speed`."""
        self._anchor = (self.now() if now is None else now) + advance_s
        self._anchor_real = self._real()
        self.speed = self.speed if speed is None else speed

    @property
    def offset(self) -> float:
        """How far it is ahead of real time, in seconds."""
        return self.now() - self._real()


def stamp(seconds: float) -> str:
    """EBay's way to write a time: UTC with milliseconds and Z."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def parse_stamp(text: str) -> float:
    """Seconds of an ISO time; without an offset it is UTC. ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
