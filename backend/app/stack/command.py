"""`python -m app up`: the stack in the foreground, with one table, until Ctrl-C."""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
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
from app.stack.supervisor import ALL_PARTS, Stack, running_database

_LABELS = {
    "postgres": "database",
    "redis": "broker and cache",
    "s3": "photos",
    "ebay_sim": "simulated eBay",
    "mail": "sent mail, to be read",
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
        " DATABASE_URL, REDIS_URL, S3_ENDPOINT_URL and SMTP_HOST each replace the embedded part.",
    )
    up.add_argument("--data-dir", type=Path, help="where everything is kept (DATA_DIR, else .data)")
    up.add_argument("--only", metavar="A,B", help=f"only these parts of {','.join(ALL_PARTS)}")
    up.add_argument("--no-web", action="store_true", help="without the web server")
    up.add_argument("--no-sim", action="store_true", help="without the simulated marketplace")
    up.add_argument("--fast", action="store_true", help="without crash safety, for tests")
    up.add_argument("--with-pid", type=int, metavar="PID", help="end when that process ends")
    up.set_defaults(run=up_command)

    around = commands.add_parser(
        "with-stack",
        help="run a command against a stack of its own",
        description="Starts a stack on free ports in a temporary directory, runs the command with its settings and"
        " BASE_URL, API_BASE, SIM_BASE and MAIL_BASE in the environment, ends the stack, and gives the command's exit code.",
    )
    around.add_argument("--only", metavar="A,B", help="only these parts")
    around.add_argument("words", nargs="+", metavar="COMMAND")
    around.set_defaults(run=with_stack_command)

    migrate = commands.add_parser(
        "migrate", help="bring DATABASE_URL, or the running stack's database, to the newest version"
    )
    migrate.set_defaults(run=migrate_command)


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
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup means: stay
            signal.signal(number, end)
    if options.with_pid:
        _follow(options.with_pid)
    given = given_settings()
    data_dir = (options.data_dir or Path(given.pop("DATA_DIR", ROOT / ".data"))).absolute()
    given.pop("DATA_DIR", None)
    demo = given.get("DEMO_MODE", "true").lower() in ("true", "1", "yes", "on")
    parts = chosen_parts(options, demo=demo)
    stack = Stack(data_dir, parts, given, durable=not options.fast, say=_say)
    try:
        stack.start()
        serving = True
        if not ended.is_set():
            console.print(_table(stack, time.monotonic() - begun))
        stack.wait_for(ended)
    except StackError as error:
        print(f"deal-scout: {error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        stack.stop()
    return 0


def with_stack_command(options: argparse.Namespace) -> int:
    """A stack for the time of one command."""
    parts = options.only.split(",") if options.only else ALL_PARTS
    given = {**_sizes(), "API_PORT": "0", "WEB_PORT": "0"}
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="deal-scout-", ignore_cleanup_errors=True) as home:
        Path(home).chmod(0o711)  # the database server may run as another user
        stack = Stack(Path(home) / "data", parts, given, say=_say)
        try:
            with stack:
                addresses = {
                    "BASE_URL": "web",
                    "API_BASE": "api",
                    "SIM_BASE": "ebay_sim",
                    "MAIL_BASE": "mail",
                }
                known = {
                    variable: stack.address(part)
                    for variable, part in addresses.items()
                    if part in parts
                }
                return subprocess.run(
                    options.words, env={**os.environ, **stack.env, **known}
                ).returncode
        except StackError as error:
            _say(str(error))
            return 1
        finally:
            stack.destroy()


def _sizes() -> dict[str, str]:
    """The settings of the caller that only say how large a stack is, and how much it grants."""
    names = ("SIM_LISTINGS", "SIM_SEED", "SCAN_INTERVAL_S", "LOG_LEVEL", "RATE_LIMIT_ANONYMOUS")
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def migrate_command(options: argparse.Namespace) -> int:
    """Alembic upgrade head, on DATABASE_URL or on the stack that runs in DATA_DIR."""
    given = given_settings()
    data_dir = Path(given.get("DATA_DIR", ROOT / ".data"))
    if "DATABASE_URL" not in given:
        try:
            given |= running_database(data_dir)
        except StackError as error:
            _say(str(error))
            return 1
    words = [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "upgrade", "head"]
    return subprocess.run(words, cwd=ROOT, env={**os.environ, **given}).returncode


def _say(line: str) -> None:
    print(f"deal-scout: {line}", flush=True)


def _follow(pid: int) -> None:
    """End like by SIGTERM once that process is gone, however it went."""
    born = start_time(pid)

    def watch() -> None:
        while start_time(pid) == born:
            time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGTERM)

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
