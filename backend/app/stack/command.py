"""`python -m app up`: the stack in the foreground, with one table, until Ctrl-C."""

import argparse
import os
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

from rich.console import Console
from rich.table import Table

from app.core.settings import Settings
from app.stack.errors import StackError
from app.stack.part import ROOT
from app.stack.processes import start_time
from app.stack.secrets import read_env_file
from app.stack.supervisor import ALL_PARTS, Stack

_LABELS = {
    "postgres": "database",
    "redis": "broker and cache",
    "s3": "photos",
    "ebay_sim": "simulated eBay",
    "api": "API (docs at /docs)",
    "worker": "background jobs",
    "beat": "schedules",
    "web": "the dashboard",
}


def register(commands: Any) -> None:  # argparse names the type only in its private part
    """Add `up` to the command line."""
    up = commands.add_parser(
        "up",
        help="start everything and supervise it until Ctrl-C",
        description="Starts and supervises the stack. Settings come from the environment, then from .env."
        " DATABASE_URL, REDIS_URL and S3_ENDPOINT_URL each replace the embedded part.",
    )
    up.add_argument("--data-dir", type=Path, help="where everything is kept (DATA_DIR, else .data)")
    up.add_argument("--only", metavar="A,B", help=f"only these parts of {','.join(ALL_PARTS)}")
    up.add_argument("--no-web", action="store_true", help="without the web server")
    up.add_argument("--no-sim", action="store_true", help="without the simulated marketplace")
    up.add_argument("--fast", action="store_true", help="without crash safety, for tests")
    up.add_argument("--with-pid", type=int, metavar="PID", help="end when that process ends")
    up.set_defaults(run=up_command)


def given_settings() -> dict[str, str]:
    """The product's settings in the environment, and under them those in the checkout's .env."""
    names = {name.upper() for name in Settings.model_fields} | {"EBAY_CLIENT_ID"}
    told = {**read_env_file(ROOT / ".env"), **os.environ}
    return {name: value for name, value in told.items() if name in names and value}


def chosen_parts(options: argparse.Namespace, *, demo: bool) -> list[str]:
    """The parts that the options ask for."""
    parts = options.only.split(",") if options.only else list(ALL_PARTS)
    if options.no_web:
        parts = [part for part in parts if part != "web"]
    if options.no_sim or (not demo and not options.only):
        parts = [part for part in parts if part != "ebay_sim"]
    return parts


def up_command(options: argparse.Namespace) -> int:
    """Start, show the table, watch, end. 0 when told to end, 1 with one line when something is in the way."""
    console = Console(stderr=False, highlight=False)
    ended = threading.Event()
    begun = time.monotonic()

    def end(number: int, frame: FrameType | None) -> None:
        if ended.is_set():
            return
        ended.set()
        if not serving:
            raise KeyboardInterrupt

    serving = False
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    given = given_settings()
    data_dir = (options.data_dir or Path(given.pop("DATA_DIR", ROOT / ".data"))).absolute()
    given.pop("DATA_DIR", None)
    demo = given.get("DEMO_MODE", "true").lower() in ("true", "1", "yes", "on")
    parts = chosen_parts(options, demo=demo)
    stack = Stack(data_dir, parts, given, durable=not options.fast, say=_say)
    try:
        stack.start()
        serving = True
        if options.with_pid:
            _follow(options.with_pid, ended)
        if not ended.is_set():
            console.print(_table(stack, time.monotonic() - begun))
        stack.wait_for(ended)
    except StackError as error:
        print(f"deal-scout: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        stack.stop()
    return 0


def _say(line: str) -> None:
    print(f"deal-scout: {line}", flush=True)


def _follow(pid: int, ended: threading.Event) -> None:
    """Set `ended` once the process is gone."""
    born = start_time(pid)

    def watch() -> None:
        while start_time(pid) == born and not ended.wait(0.5):
            pass
        ended.set()

    threading.Thread(target=watch, name="follow", daemon=True).start()


def _table(stack: Stack, took_s: float) -> Table:
    table = Table(title=f"Deal Scout is up ({took_s:.1f} s)", title_justify="left")
    for heading in ("part", "what", "where", "process"):
        table.add_column(heading, overflow="fold")
    for name, where, pid in stack.table():
        table.add_row(name, _LABELS.get(name, ""), where, pid)
    table.caption = f"logs {stack.data_dir / 'logs'} · secrets {stack.data_dir / 'secrets.env'} · Ctrl-C ends it"
    table.caption_justify = "left"
    return table
