"""The canary: a run of all tests with marked secrets, and a search for them through all that it has left.

Active when `make test` names a place for what is left (EVIDENCE) and a word for the secrets (MARK). Then the
logs of every stack, what was answered with a secret in it, the rows of every test database, a dump of the
journeys' database and the metrics are put there; `search` says in which file which secret is, by its name.

    python backend/tests/canary.py around COMMAND…     # in a stack's environment: run, then gather
    python backend/tests/canary.py search PLACE WORD   # what was found, by file and name
"""

import contextlib
import os
import shutil
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from prometheus_client import generate_latest
from starlette.testclient import TestClient

from app.stack import Stack
from app.stack.postgres import installed_binaries
from app.stack.secrets import MARK, SECRET_NAMES, marked

EVIDENCE = "DEAL_SCOUT_EVIDENCE"
NAMES = (*sorted(SECRET_NAMES, key=len, reverse=True), "SMTP_PASSWORD")
LOGS = ("*.log", "*.log.1", "*.out")


def place() -> Path | None:
    """Where this run puts what it leaves; None when nobody will search."""
    named = os.environ.get(EVIDENCE)
    return Path(named) if named and os.environ.get(MARK) else None


def _new(kind: str) -> Path:
    found = place()
    assert found is not None
    path = found / f"{kind}-{uuid.uuid4().hex[:8]}"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def keep_logs(directory: Path, of: str) -> None:
    """Copy the log files under a directory, but nothing in which secrets have their place."""
    if place() is None:
        return
    for pattern in LOGS:
        for path in directory.rglob(pattern):
            # the broker's append-only file and the like are data
            if path.is_file() and path.parent.name in ("logs", directory.name):
                target = _new(f"logs/{of}") / path.name
                target.parent.mkdir()
                shutil.copyfile(path, target)


def install() -> None:
    """Have this process keep the logs of its stacks, and every answer in which a secret is."""
    if place() is None:
        return
    stop, request = Stack.stop, TestClient.request
    mark = os.environ[MARK].encode()

    def stop_and_keep(stack: Stack) -> None:
        ran = stack._crew is not None
        stop(stack)
        if ran:
            keep_logs(stack.data_dir, "stack")

    def ask(client: TestClient, method: str, url: Any, *words: Any, **named: Any) -> Any:
        reply = request(client, method, url, *words, **named)
        if mark in reply.content or mark in str(reply.headers).encode():
            told = f"{method} {url} {reply.status_code}\n{reply.headers}\n".encode()
            _new("answers/answer").write_bytes(told + reply.content)
        return reply

    Stack.stop = stop_and_keep  # type: ignore[method-assign]
    TestClient.request = ask  # type: ignore[method-assign]


def keep_metrics() -> None:
    """Write down what this process would answer at /metrics."""
    if place() is not None:
        _new("metrics/process").write_bytes(generate_latest())


def keep_rows(dsn: str) -> None:
    """Write down the rows of a database, those tables that have any, if a secret is in them."""
    if place() is None:
        return
    mark = os.environ[MARK].encode()
    with psycopg.connect(dsn.replace("+psycopg", ""), autocommit=True) as connection:
        tables = connection.execute(
            "select oid::regclass::text from pg_class where relkind = 'r'"
            " and relnamespace = 'public'::regnamespace and pg_relation_size(oid) > 0"
        ).fetchall()
        for (table,) in tables:
            with connection.cursor().copy(f"copy {table} to stdout".encode()) as rows:
                found = [bytes(row) for row in rows if _holds(bytes(row), mark)]
            if found:
                _new(f"rows/{table}").write_bytes(b"".join(found))


def _holds(text: bytes, mark: bytes) -> bool:
    return mark in text or mark.hex().encode() in text  # COPY writes bytea in hex


def search(directory: Path, mark: str) -> list[str]:
    """Each file under `directory` in which a marked secret is, with that secret's name."""
    found = []
    for path in sorted(directory.rglob("*")):
        if not path.is_file() or not _holds(text := path.read_bytes(), mark.encode()):
            continue
        heads = {name: marked(mark, name).encode() for name in NAMES}
        names = [name for name, head in heads.items() if _holds(text, head)]
        found += [f"{path.relative_to(directory)}: {name}" for name in names or ["a part of one"]]
    return found


@contextlib.contextmanager
def _gathered() -> Iterator[None]:
    """Afterwards, what the stack around this process has left is kept: logs, metrics, a dump of its database."""
    yield
    data_dir = Path(os.environ["DATA_DIR"])
    keep_logs(data_dir, "journeys")
    for path in (data_dir / "run/metrics").glob("*.db"):
        shutil.copyfile(path, _new(f"metrics/{path.name}"))
    owner = os.environ["DATABASE_MIGRATION_URL"].replace("+psycopg", "")
    dump = _new("dumps/journeys")
    words = [str(installed_binaries() / "bin/pg_dump"), "--file", str(dump), owner]
    subprocess.run(words, check=True)


def around(words: list[str]) -> int:
    """Run a command inside a stack's environment and keep what the stack leaves."""
    if place() is None:
        return subprocess.run(words).returncode
    with _gathered():
        return subprocess.run(words).returncode


def searched(directory: Path, mark: str) -> int:
    """Say what was found; 1 when that is anything, or when there was nothing to search."""
    found = search(directory, mark)
    kinds = Counter(
        path.relative_to(directory).parts[0] for path in directory.rglob("*") if path.is_file()
    )
    for line in found:
        print(f"a secret is in {line}")
    print(f"{len(found)} secrets in {', '.join(f'{n} {kind}' for kind, n in kinds.items())}")
    return 1 if found or not {"logs", "metrics", "dumps"} <= set(kinds) else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["around", *command]:
            sys.exit(around(command))
        case ["search", left, word]:
            sys.exit(searched(Path(left), word))
        case _:
            sys.exit(__doc__)
