"""The supervisor: starts the parts in the order of their needs, restarts what dies, ends everything in order.

One thread starts and watches all children, because the kernel ties a child to the *thread* that made
it. Slow work (initdb, readiness probes) happens in a small pool, so parts that do not depend on each
other start at the same time.
"""

import fcntl
import json
import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from app.stack.assembly import ALL_PARTS, assemble, public_settings
from app.stack.errors import StackError
from app.stack.logs import rotate, tail
from app.stack.part import Part, Plan
from app.stack.ports import Ports
from app.stack.postgres import database_urls, remove_cluster
from app.stack.processes import end_all, orphans_of
from app.stack.runner import Crew, State
from app.stack.secrets import load_secrets

__all__ = ["ALL_PARTS", "Stack"]

_LEAVING = "leaving"

log = logging.getLogger("deal_scout.stack")


class Stack:
    """The parts of one data directory, as a context manager.

    `env` holds product settings by environment name; API_PORT and WEB_PORT "0" mean any free port.
    The caller's own environment gives no settings. `durable=False` trades crash safety of the
    database and the broker for speed, for tests.
    """

    def __init__(
        self,
        data_dir: Path | str,
        parts: Iterable[str] = ALL_PARTS,
        env: Mapping[str, str] | None = None,
        *,
        durable: bool = True,
        say: Callable[[str], None] = log.info,
    ) -> None:
        self.data_dir = Path(data_dir).absolute()
        self._wanted = tuple(parts)
        self._given = dict(env or {})
        self._durable = durable
        self._say = say
        self._lock: IO[str] | None = None
        self._elsewhere: dict[str, str] = {}
        self._crew: Crew | None = None
        self._plan: Plan | None = None
        self.extra_parts: list[Callable[[Plan], Part]] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def env(self) -> dict[str, str]:
        """Every setting of the stack's programs by environment name, secrets too."""
        if self._plan is None:
            raise StackError("the stack has not been started")
        owner = {"DATABASE_MIGRATION_URL": self._plan.owner_url} if self._plan.owner_url else {}
        return {**self._plan.settings, **owner}

    @property
    def names(self) -> list[str]:
        """The parts that run here, in the order of their start."""
        return [part.name for part in self._parts()]

    def start(self) -> None:
        """Start everything and return when all parts serve. StackError when one cannot; then nothing is left running."""
        self._lock_data_dir()
        try:
            self._end_orphans()
            plan = self._make_plan()
            ports = Ports(plan.run_dir / "ports.json")
            parts, self._elsewhere = assemble(plan, self._wanted, self._given, ports)
            parts += [make(plan) for make in self.extra_parts]
            self._plan = plan
            ports.save(_port_owners(parts))
            self._crew = Crew(parts, self._say, on_change=self._write_state)
            self._crew.start()
            self._crew.wait_ready()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End every process within 10 s. Stopping twice does nothing."""
        if self._lock is not None:
            _write_owner(self._lock, _LEAVING)
        if self._crew is not None:
            self._crew.stop()
            self._crew = None
            (self.data_dir / "stack.json").unlink(missing_ok=True)
            (self.data_dir / "run" / "pids.json").unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def destroy(self) -> None:
        """Stop, and remove the data directory and all that belongs to it."""
        self.stop()
        remove_cluster(self.data_dir)
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def address(self, name: str) -> str:
        """Where a part is: host:port or a URL, without secrets."""
        if name in self._elsewhere:
            return self._elsewhere[name]
        return self._running().part(name).address

    def pid(self, name: str) -> int:
        """The process of a part now. StackError when it does not run at this moment."""
        return self._running().pid(name)

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a part, as a fault; the supervisor restarts it like any other that died."""
        os.kill(self.pid(name), number)

    def restart(self, name: str, *, timeout_s: float = 60.0) -> None:
        """End a part in order, start it again and wait until it serves."""
        self.stop_part(name)
        self.start_part(name, timeout_s=timeout_s)

    def stop_part(self, name: str, *, timeout_s: float = 20.0) -> None:
        """End a part and leave it away until `start_part`."""
        self._running().hold(name, timeout_s=timeout_s)

    def start_part(self, name: str, *, timeout_s: float = 60.0) -> None:
        """Start a part that `stop_part` took away, and wait until it serves."""
        self._running().release(name)
        self.wait_ready(name, timeout_s=timeout_s)

    def wait_ready(self, name: str, *, timeout_s: float = 60.0, other_than: int = 0) -> None:
        """Wait until a part serves; with `other_than`, until it serves by another process than that pid."""
        crew = self._running()
        deadline = time.monotonic() + timeout_s
        while not (crew.state(name) is State.READY and crew.pid(name) != other_than):
            if time.monotonic() > deadline:
                raise StackError(
                    f"{name} did not come back within {timeout_s:.0f} s\n{self.log_tail(name)}"
                )
            time.sleep(0.05)

    def log_tail(self, name: str, lines: int = 20) -> str:
        """The last lines that a part wrote."""
        return tail(self.data_dir / "logs" / f"{name}.log", lines)

    def table(self) -> list[tuple[str, str, str]]:
        """(part, where, pid or 'elsewhere') for people."""
        crew = self._running()
        rows = [(name, where, "elsewhere") for name, where in self._elsewhere.items()]
        rows += [
            (part.name, part.address, str(crew.pid(part.name)))
            for part in self._parts()
            if not part.one_shot
        ]
        return rows

    def wait_for(self, ended: threading.Event) -> None:
        """Sleep until `ended`, keeping the log files at a bounded size. StackError when the watch itself has failed."""
        while not ended.wait(2.0):
            rotate(self.data_dir / "logs")
            self._running().check()

    def _parts(self) -> list[Part]:
        return self._running().parts

    def _running(self) -> Crew:
        if self._crew is None:
            raise StackError("the stack is not running")
        return self._crew

    def _make_plan(self) -> Plan:
        for directory in (self.data_dir / "run", self.data_dir / "logs"):
            directory.mkdir(exist_ok=True, mode=0o700)
        metrics = self.data_dir / "run" / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        secrets = load_secrets(self.data_dir)
        return Plan(self.data_dir, secrets, durable=self._durable)

    def _lock_data_dir(self) -> None:
        """One supervisor per data directory; the lock goes with the process, however it ends."""
        self.data_dir.mkdir(parents=True, exist_ok=True)
        file = (self.data_dir / "up.lock").open("a+")
        deadline = time.monotonic() + 15
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                owner = file.read().strip()
                if owner == _LEAVING and time.monotonic() < deadline:
                    time.sleep(0.1)
                    continue
                file.close()
                raise StackError(
                    f"a stack is already running on {self.data_dir} (process {owner}):"
                    " stop it, or set DATA_DIR to another directory"
                ) from None
            break
        _write_owner(file, str(os.getpid()))
        self._lock = file

    def _end_orphans(self) -> None:
        """End what a supervisor that was killed has left, by pid and start time, and no other process."""
        path = self.data_dir / "run" / "pids.json"
        if not path.exists():
            return
        recorded = {
            int(entry["pid"]): int(entry["started"]) for entry in json.loads(path.read_text())
        }
        orphans = orphans_of(recorded, self.data_dir)
        if orphans:
            self._say(f"ending {len(orphans)} processes that an earlier run left behind")
            signals = {
                int(entry["pid"]): signal.Signals(entry["signal"])
                for entry in json.loads(path.read_text())
            }
            end_all(
                {pid: (born, signals.get(pid, signal.SIGTERM)) for pid, born in orphans.items()},
                grace_s=5.0,
            )
        path.unlink()

    def _write_state(self) -> None:
        """stack.json for people and programs, pids.json for the next start. Called when a process starts."""
        crew = self._crew
        if crew is None or self._plan is None:
            return
        _write_json(self.data_dir / "run" / "pids.json", crew.recorded())
        if not crew.was_ready:
            return
        parts = {
            part.name: {"address": part.address, "pid": crew.find_pid(part.name)}
            for part in crew.parts
            if not part.one_shot
        }
        parts |= {name: {"address": where, "pid": None} for name, where in self._elsewhere.items()}
        state = {"parts": parts, "env": public_settings(self._plan.settings)}
        _write_json(self.data_dir / "stack.json", state)


def running_database(data_dir: Path) -> dict[str, str]:
    """DATABASE_URL and DATABASE_MIGRATION_URL of the stack that runs in a data directory. StackError when none does."""
    state = data_dir / "stack.json"
    if not state.exists():
        raise StackError(f"no stack is running in {data_dir}; start one, or set DATABASE_URL")
    address = json.loads(state.read_text())["parts"].get("postgres", {}).get("address")
    if not address:
        raise StackError(f"the stack in {data_dir} has no database of its own; set DATABASE_URL")
    return database_urls(load_secrets(data_dir), address)


def _write_owner(file: IO[str], owner: str) -> None:
    file.seek(0)
    file.truncate(0)
    file.write(owner)
    file.flush()


def _port_owners(parts: list[Part]) -> list[str]:
    """The names under which ports are kept for these parts."""
    extra = ("s3_master", "s3_volume", "s3_filer", "mail_smtp", "api_port", "web_port")
    return [*(part.name for part in parts), *extra]


def _write_json(path: Path, content: object) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(json.dumps(content, indent=1) + "\n")
    draft.replace(path)
