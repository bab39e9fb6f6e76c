"""Scripted faults: what the next letters meet instead of being taken."""

from collections import deque
from dataclasses import dataclass
from typing import Any, Final, Literal, cast, get_args

Kind = Literal["451", "550", "hang", "drop"]
Step = Literal["rcpt", "data"]
MAX_QUEUED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Fault:
    """One letter's fault.

    451 and 550 are answers, not now and never. hang: the letter is not taken and no answer comes.
    drop: at `data` the letter is taken, then the line is cut before the answer; at `rcpt` it is only cut.
    """

    kind: Kind
    at: Step


class Faults:
    """The faults that wait, first in first out; each befalls one letter."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def script(self, kind: str, count: int = 1, at: str = "data") -> None:
        """Let the next `count` letters meet this. ValueError when there is no such fault."""
        if kind not in get_args(Kind) or at not in get_args(Step):
            raise ValueError(f"kind is one of {get_args(Kind)}, at one of {get_args(Step)}")
        if not 1 <= count <= MAX_QUEUED - len(self._waiting):
            raise ValueError(f"count is 1 to {MAX_QUEUED}, with those that wait already")
        fault = Fault(cast(Kind, kind), cast(Step, at))
        self._waiting.extend([fault] * count)

    def clear(self) -> None:
        """Let everything go well again."""
        self._waiting.clear()

    def take(self, at: Step) -> Kind | None:
        """The fault that this step of this letter meets."""
        if self._waiting and self._waiting[0].at == at:
            return self._waiting.popleft().kind
        return None


def from_json(document: Any) -> tuple[str, int, str]:
    """kind, count and step of a request's document. ValueError when it is not one."""
    if not isinstance(document, dict) or set(document) - {"kind", "count", "at"}:
        raise ValueError("send {kind, count, at}")
    kind, count, at = document.get("kind"), document.get("count", 1), document.get("at", "data")
    if not isinstance(kind, str) or type(count) is not int or not isinstance(at, str):
        raise ValueError("kind and at are words, count is a number")
    return kind, count, at
