"""The crew: the thread that brings each part from waiting to ready, and back up when it dies.

WAITING (for its needs) -> PREPARING -> STARTING -> READY; a one-shot part ends in DONE. A part that
dies waits out its backoff and begins again; a part that is held stays away until it is released.
"""

import contextlib
import signal
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.stack.errors import StackError
from app.stack.logs import tail
from app.stack.part import Part
from app.stack.processes import Child, Launch
from app.stack.programs import STOP_ORDER

FIRST_TRIES = 3
"""How often a part may die before it has ever served; then the stack gives up."""
BACKOFF_S = (0.3, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
STEADY_S = 60.0
"""A part that served this long starts again with the shortest pause."""


class State(Enum):
    """Where a part is on its way."""

    WAITING = "waiting"
    PREPARING = "preparing"
    STARTING = "starting"
    READY = "ready"
    DONE = "done"
    HELD = "held"


@dataclass
class Runner:
    """A part and how it fares."""

    part: Part
    state: State = State.WAITING
    child: Child | None = None
    task: Future[Any] | None = None
    deaths: int = 0
    served: bool = False
    not_before: float = 0.0
    since: float = 0.0
    hold: bool = False


class Crew:
    """Runs the parts of one stack. All children are made and watched by its one thread."""

    def __init__(
        self,
        parts: list[Part],
        say: Callable[[str], None],
        on_change: Callable[[], None],
    ) -> None:
        self.parts = parts
        self.was_ready = False
        self._say = say
        self._on_change = on_change
        self._runners = {part.name: Runner(part) for part in parts}
        self._pool = ThreadPoolExecutor(max_workers=max(4, len(parts)), thread_name_prefix="stack")
        self._thread = threading.Thread(target=self._watch, name="stack-watch", daemon=True)
        self._wake = threading.Event()
        self._ending = False
        self._ready = threading.Event()
        self._failure: BaseException | None = None

    def start(self) -> None:
        """Begin; `wait_ready` tells how it went."""
        self._thread.start()

    def wait_ready(self) -> None:
        """Until all parts have served once, or one cannot; says what it waits for every 10 s."""
        begun = told = time.monotonic()
        while not self._ready.wait(0.2):
            self.check()
            now = time.monotonic()
            if now - told > 10:
                told = now
                late = [
                    f"{name} ({runner.state.value})"
                    for name, runner in self._runners.items()
                    if runner.state not in (State.READY, State.DONE)
                ]
                self._say(f"waiting for {', '.join(late)} since {now - begun:.0f} s")
        self.check()

    def check(self) -> None:
        """Raise what ended the watch, if anything did."""
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """End all parts in order and the thread itself."""
        self._ending = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def part(self, name: str) -> Part:
        """A part by name."""
        if name not in self._runners:
            raise StackError(f"this stack has no part {name}")
        return self._runners[name].part

    def state(self, name: str) -> State:
        """Where a part is on its way."""
        self.part(name)
        return self._runners[name].state

    def find_pid(self, name: str) -> int | None:
        """The process of a part, or None when it has none now."""
        child = self._runners[name].child
        return child.pid if child else None

    def pid(self, name: str) -> int:
        """The process of a part; StackError when it has none now."""
        self.part(name)
        pid = self.find_pid(name)
        if pid is None:
            raise StackError(f"{name} is not running now")
        return pid

    def recorded(self) -> list[dict[str, Any]]:
        """What the next start needs to find these processes should we be killed."""
        return [
            {
                "name": name,
                "pid": runner.child.pid,
                "started": runner.child.started,
                "signal": int(runner.part.death_signal),
            }
            for name, runner in self._runners.items()
            if runner.child is not None and runner.child.started is not None
        ]

    def hold(self, name: str, *, timeout_s: float) -> None:
        """End a part and keep it away."""
        self.part(name)
        runner = self._runners[name]
        runner.hold = True
        self._wake.set()
        deadline = time.monotonic() + timeout_s
        while runner.state is not State.HELD:
            if time.monotonic() > deadline:
                raise StackError(f"{name} did not leave within {timeout_s:.0f} s")
            time.sleep(0.02)

    def release(self, name: str) -> None:
        """Let a part that is held come back."""
        runner = self._runners[name]
        runner.hold, runner.not_before, runner.deaths = False, 0.0, 0
        self._wake.set()

    def _watch(self) -> None:
        """The thread: one step per tick until told to end, or until a part cannot be had."""
        try:
            while not self._ending:
                for runner in self._runners.values():
                    self._step(runner)
                if not self.was_ready and all(
                    runner.state in (State.READY, State.DONE) for runner in self._runners.values()
                ):
                    self.was_ready = True
                    self._on_change()
                    self._ready.set()
                self._wake.wait(0.2 if self.was_ready else 0.02)
                self._wake.clear()
        except StackError as error:
            self._failure = error
        except Exception as error:  # noqa: BLE001 - whoever waits gets it; the traceback is printed
            traceback.print_exc()
            self._failure = error
        finally:
            self._end_all()

    def _step(self, runner: Runner) -> None:
        if runner.hold and runner.state is not State.HELD:
            self._end([runner])
            runner.state, runner.task = State.HELD, None
            return
        if runner.child is not None:
            code = runner.child.exit_code()
            if code is not None:
                self._ended(runner, code)
                return
        match runner.state:
            case State.WAITING if self._may_start(runner):
                runner.state = State.PREPARING
                runner.task = self._pool.submit(self._prepare, runner.part)
            case State.PREPARING if runner.task and runner.task.done():
                if (launch := runner.task.result()) is None:
                    runner.state, runner.task = State.DONE, None
                else:
                    self._launch(runner, launch)
            case State.STARTING if runner.task and runner.task.done():
                self._look(runner, serves=bool(runner.task.result()))
            case State.HELD if not runner.hold:
                runner.state = State.WAITING

    def _may_start(self, runner: Runner) -> bool:
        settled = (State.READY, State.DONE)
        needs = (self._runners[name] for name in runner.part.needs)
        # once it has served it does not wait again: a part must live with others being away
        return time.monotonic() >= runner.not_before and (
            runner.served or all(need.state in settled for need in needs)
        )

    def _launch(self, runner: Runner, launch: Launch) -> None:
        part = runner.part
        part.mark_log()
        runner.child = Child(launch, part.log, part.death_signal)
        runner.since = time.monotonic()
        runner.state = State.STARTING
        runner.task = None if part.one_shot else self._pool.submit(self._probe, part)
        self._on_change()

    @staticmethod
    def _prepare(part: Part) -> Launch | None:
        """What to run; None when a one-shot part has nothing to do."""
        return None if part.one_shot and part.is_done() else part.prepare()

    @staticmethod
    def _probe(part: Part) -> bool:
        """Look once; when it serves, do what must follow."""
        if not part.is_ready():
            time.sleep(0.05)
            return False
        part.complete()
        return True

    def _look(self, runner: Runner, *, serves: bool) -> None:
        part = runner.part
        if serves and time.monotonic() - runner.since >= part.settle_s:
            runner.state, runner.served, runner.task = State.READY, True, None
            runner.since = time.monotonic()
            if runner.deaths:
                self._say(f"{part.name} is back")
            self._on_change()
            return
        if time.monotonic() - runner.since > part.start_timeout_s:
            if not self.was_ready:
                raise StackError(
                    self._story(part, f"did not serve within {part.start_timeout_s:.0f} s")
                )
            self._say(f"{part.name} does not serve; ending it. Log: {part.log}")
            self._end([runner])
            self._ended(runner, None)
            return
        runner.task = self._pool.submit(self._probe, part)

    def _ended(self, runner: Runner, code: int | None) -> None:
        part = runner.part
        was_steady = runner.state is State.READY and time.monotonic() - runner.since > STEADY_S
        runner.child, runner.task = None, None
        if part.one_shot and code == 0:
            runner.state = State.DONE
            return
        how = f"ended by {_signal_name(-code)}" if code and code < 0 else f"ended with code {code}"
        runner.deaths = 1 if was_steady else runner.deaths + 1
        if not runner.served and (part.one_shot or runner.deaths >= FIRST_TRIES):
            raise StackError(self._story(part, how))
        pause = BACKOFF_S[min(runner.deaths, len(BACKOFF_S)) - 1]
        runner.not_before = time.monotonic() + pause
        runner.state = State.WAITING
        self._say(f"{part.name} {how}; starting it again in {pause:g} s. Log: {part.log}")

    def _story(self, part: Part, how: str) -> str:
        return f"{part.name} {how}. Log: {part.log}\n{tail(part.log, 15)}"

    def _end_all(self) -> None:
        for row in STOP_ORDER:
            self._end([self._runners[name] for name in row if name in self._runners])
        self._end(list(self._runners.values()))

    def _end(self, runners: list[Runner]) -> None:
        """Ask them to leave in this order; those that stay past their grace are killed."""
        leaving = [(runner, runner.child) for runner in runners if runner.child is not None]
        for runner, child in leaving:
            child.send(runner.part.stop_signal)
        asked = time.monotonic()
        while any(child.exit_code() is None for _, child in leaving):
            for runner, child in leaving:
                if time.monotonic() - asked > runner.part.stop_grace_s:
                    child.kill_group()
            time.sleep(0.01)
        for runner, _ in leaving:
            runner.child = None
            runner.part.clear()


def _signal_name(number: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(number).name
    return f"signal {number}"
