"""What the supervisor needs to know about a part, and nothing about what the part does."""

import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.core.settings import Settings
from app.stack.processes import MARK, Launch

ROOT = Path(__file__).resolve().parents[3]
"""The checkout: where alembic.ini and frontend/ are."""

_SETTING_NAMES = frozenset(name.upper() for name in Settings.model_fields) | {
    "EBAY_CLIENT_ID",
    "PORT",
    "HOSTNAME",
    "PYTHONDONTWRITEBYTECODE",  # five processes that compile the same modules at every start
}


@dataclass
class Plan:
    """What all parts of one stack share. `settings` grows as the parts are given their addresses."""

    data_dir: Path
    secrets: dict[str, str]
    settings: dict[str, str] = field(default_factory=dict)
    durable: bool = True
    owner_url: str = ""
    """DATABASE_MIGRATION_URL: for the migrations, not for the parts that serve. Empty: DATABASE_URL's user owns."""

    @property
    def run_dir(self) -> Path:
        """Where small files of running parts are: ports, pids, configurations with passwords (0700)."""
        return self.data_dir / "run"

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a part: the caller's without the product's settings, then ours."""
        inherited = {
            name: value for name, value in os.environ.items() if name not in _SETTING_NAMES
        }
        paths = [str(ROOT / "backend"), inherited.get("PYTHONPATH", "")]
        return {
            **inherited,
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "PYTHONUNBUFFERED": "1",
            "OPENBLAS_NUM_THREADS": "1",  # processes share the cores; small products only lose by threads
            **self.settings,
            **(extra or {}),
            MARK: str(self.data_dir),
        }


class Part(ABC):
    """One process of the stack. `prepare` and `is_ready` run outside the supervisor's own thread.

    A part that cannot be asked counts as ready when it has lived for `settle_s`.
    """

    name: str
    needs: tuple[str, ...] = ()
    stop_signal = signal.SIGTERM
    stop_grace_s = 3.5
    death_signal = signal.SIGTERM
    one_shot = False
    start_timeout_s = 60.0
    settle_s = 0.0
    nice = 0
    """How far it steps back when the processors are busy: a person's pages come first."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._log_from = 0

    @property
    def log(self) -> Path:
        """The file that holds what it prints."""
        return self.plan.data_dir / "logs" / f"{self.name}.log"

    def mark_log(self) -> None:
        """Remember where the log of the process that starts now begins."""
        self._log_from = self.log.stat().st_size if self.log.exists() else 0

    def said(self) -> bytes:
        """What the process has printed since it started."""
        with self.log.open("rb") as file:
            file.seek(self._log_from)
            return file.read()

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it is, for people and for stack.json; without secrets."""

    def is_done(self) -> bool:
        """Whether a one-shot part has nothing to do."""
        return False

    @abstractmethod
    def prepare(self) -> Launch:
        """Make what it needs on disk and say what to run. May take a second; may be called again."""

    def clear(self) -> None:  # noqa: B027 - most parts leave nothing
        """Remove what a killed process leaves outside the data directory."""

    def is_ready(self) -> bool:
        """One short look whether it serves."""
        return True

    def complete(self) -> None:  # noqa: B027 - most parts have nothing to add
        """What must be done once it serves, before others may lean on it (a database, a bucket)."""
