"""One child process: started so that it dies with its supervisor, watched, and ended with its whole group.

Also knows a process again by pid *and* start time, so that after a crash of the supervisor its
orphans are found without ever touching a stranger that got the same pid.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534
MARK = "DEAL_SCOUT_STACK"
"""Environment variable that every child carries: the data directory it belongs to."""

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Launch:
    """What to run: the command, its whole environment, and whether root steps down to `nobody` for it."""

    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: Path
    as_nobody: bool = False
    nice: int = 0


class Child:
    """A running process in a session of its own, with its output appended to a log file."""

    def __init__(self, launch: Launch, log: Path, death_signal: signal.Signals) -> None:
        """Start it. Must be called from a thread that lives as long as the child: the kernel sends
        `death_signal` when the *thread* that made the child ends.
        """
        supervisor = os.getpid()

        def tie_to_supervisor() -> None:
            if _LIBC is not None:
                _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != supervisor:
                os._exit(1)
            if launch.nice:
                os.nice(launch.nice)

        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                launch.argv,
                env=launch.env,
                cwd=launch.cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=NOBODY if launch.as_nobody else None,
                group=NOBODY if launch.as_nobody else None,
                extra_groups=[] if launch.as_nobody else None,
                # the only hook that runs after the change of user, which would clear the death signal
                preexec_fn=tie_to_supervisor,  # noqa: PLW1509
            )
        self.pid = self._popen.pid
        self.started = start_time(self.pid)

    def exit_code(self) -> int | None:
        """None while it runs. When it has ended, what is left of its group is ended too, before the pid is freed."""
        if self._popen.returncode is not None:
            return self._popen.returncode
        ended = os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is None:
            return None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        return self._popen.wait()

    def send(self, number: signal.Signals) -> None:
        """Signal the process; nothing happens when it has ended."""
        if self.exit_code() is None:
            os.kill(self.pid, number)

    def kill_group(self) -> None:
        """SIGKILL for the process and its group, and wait for the process."""
        if self.exit_code() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._popen.wait()


def start_time(pid: int) -> int | None:
    """When `pid` started, in clock ticks since boot; None when there is no such (living) process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[19])


def _marked(pid: int, data_dir: Path) -> bool:
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False
    return f"{MARK}={data_dir}".encode() in environment


def _session_members(leader: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(fields[3]) == leader and fields[0] != "Z":
                    yield int(entry.name)


def orphans_of(recorded: dict[int, int], data_dir: Path) -> dict[int, int]:
    """Of {pid: start time}, those that still live, with the members of their sessions that carry our mark."""
    alive = {pid: started for pid, started in recorded.items() if start_time(pid) == started}
    for leader, started in recorded.items():
        for pid in _session_members(leader):
            born = start_time(pid)
            if born is not None and born >= started and _marked(pid, data_dir):
                alive[pid] = born
    return alive


def end_all(targets: dict[int, tuple[int, signal.Signals]], grace_s: float) -> None:
    """End processes that are not our children: each {pid: (start time, signal)} gets its signal, then SIGKILL."""
    left = dict(targets)
    for pid, (_, number) in left.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    deadline = time.monotonic() + grace_s
    while left and time.monotonic() < deadline:
        left = {pid: known for pid, known in left.items() if start_time(pid) == known[0]}
        time.sleep(0.02)
    for pid, (started, _) in left.items():
        if start_time(pid) == started:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
