"""What benches share: the line they print, a server process of their own, and a client that drives it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from app.core.clock import utc_now
from app.services import accounts, api_keys

ROOT = Path(__file__).resolve().parents[2]


def emit(
    bench: str,
    metric: str,
    value: float,
    unit: str,
    *,
    goal: float | None,
    at_most: bool,
    rounds: int,
) -> None:
    """Print one result. Without a goal it is for information and always ok."""
    ok = goal is None or (value <= goal if at_most else value >= goal)
    line = {
        "bench": bench,
        "metric": metric,
        "value": round(value, 3),
        "unit": unit,
        "goal": goal,
        "ok": ok,
        "rounds": rounds,
    }
    print(json.dumps(line), flush=True)


def say(text: str) -> None:
    """Progress, for people: on standard error, so that standard output stays JSON lines."""
    print(f"  {text}", file=sys.stderr, flush=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Say how long a long step took."""
    started = time.monotonic()
    yield
    say(f"{what}: {time.monotonic() - started:.1f} s")


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all lie at or under (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(target: str, env: dict[str, str], log: Path) -> Iterator[int]:
    """An ASGI application served by one uvicorn worker, as the product's is; gives its port."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", target, "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--no-access-log", "--no-proxy-headers", "--log-level", "warning"],
            env={**os.environ, **env, "PYTHONPATH": str(ROOT / "backend")},
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(
                        f"{target} did not start:\n{log.read_text()[-2000:]}"
                    ) from None
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def interleaved(contenders: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Run every contender once a round, each round starting with the next one; results by name."""
    names = list(contenders)
    found: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            found[name].append(contenders[name]())
    return found


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the rounds' own ratios: rounds differ more than contenders on a shared machine."""
    return median(mine / other for mine, other in zip(ours, theirs, strict=True))


def machine_key(env: Mapping[str, str], *scopes: str) -> str:
    """An API key of an administrator of the bench's own, made in the database that `env` names."""
    engine = create_engine(env["DATABASE_URL"])
    with Session(engine) as session:
        user = accounts.register(
            session,
            email="bench@bench.example",
            display_name="Bench",
            password_hash="!",  # no password opens it
            roles=["admin", "buyer", "seller"],
            now=utc_now(),
            verified=True,
        ) or accounts.find_by_email(session, "bench@bench.example")
        assert user is not None
        _, text = api_keys.make_key(
            session, user, name="bench", scopes=scopes, lifetime=timedelta(days=1), now=utc_now()
        )
        session.commit()
    engine.dispose()
    return text
