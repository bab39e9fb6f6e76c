"""The parts' log files: the last lines for people, and a bound on their size."""

import os
from pathlib import Path

MAX_BYTES = 20_000_000


def tail(path: Path, lines: int) -> str:
    """The last lines of a file; empty when there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 200 * lines))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])


def rotate(directory: Path) -> None:
    """Copy a log that has grown too large to NAME.log.1 and empty it.

    The writers append, so they go on at the new beginning. What they write between copy and cut is
    lost; that is the price of not having to tell them.
    """
    for path in directory.glob("*.log"):
        if path.stat().st_size > MAX_BYTES:
            with path.open("rb") as source, path.with_suffix(".log.1").open("wb") as copy:
                while block := source.read(1 << 20):
                    copy.write(block)
            os.truncate(path, 0)
