"""How fast comparables are imported over HTTP, and whether memory stays flat meanwhile.

    ROWS=1000000 python backend/bench/import_comps.py        (or: make bench-import_comps)

One server process with its own embedded Postgres and Valkey takes a CSV of ROWS rows that is made
while it is sent. The server's resident memory is read five times a second; growth counts from the
moment a tenth of the rows has gone out. Then the same file comes again, of which nothing may be new.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from app.stack import Stack
from bench.common import ROOT, emit, machine_key, say, served, timed

ROWS = int(os.environ.get("ROWS", "1000000"))
PIECE = 2_000
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


def pieces(sent: list[int]) -> Iterator[bytes]:
    """The file, a few hundred kilobytes at a time; `sent` counts the rows."""
    yield b"external_id,title,price,currency,condition,category,sold_at,shipping\r\n"
    for first in range(0, ROWS, PIECE):
        yield "".join(
            f'{i},"Canon AE-1 Program no {i}, tested",{100 + i % 900}.{i % 100:02d},USD,'
            f"{('Used', 'Mint', 'Brand New')[i % 3]},{15230 + i % 40},2026-{1 + i % 10:02d}-{1 + i % 28:02d},9.50\r\n"
            for i in range(first, min(first + PIECE, ROWS))
        ).encode()
        sent[0] = first


def resident_mb(pid: int) -> float:
    """The resident memory of a process."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_KB / 1024


def server_of(port: int) -> int:
    """The pid of our child that serves `port`."""
    found = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "pid=,args="],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return next(int(line.split()[0]) for line in found.splitlines() if f"--port {port}" in line)


def upload(port: int, key: str) -> tuple[dict[str, object], float, float, float]:
    """The answer, the seconds it took, and the memory after a tenth and at its highest."""
    pid, sent, seen = server_of(port), [0], []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            seen.append((sent[0], resident_mb(pid)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = perf_counter()
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=3600)
    link.request(
        "POST",
        "/comps/import?name=bench",
        body=pieces(sent),
        headers={"Authorization": f"Bearer {key}", "Content-Type": "text/csv"},
        encode_chunked=True,
    )
    reply = link.getresponse()
    answer = json.loads(reply.read())
    seconds = perf_counter() - started
    done.set()
    watcher.join()
    if reply.status != 200:
        raise SystemExit(f"{reply.status}: {answer}")
    early = [mb for rows, mb in seen if rows >= ROWS // 10]
    return answer, seconds, early[0], max(early)


def main() -> None:
    """Import twice, and print what it took."""
    with tempfile.TemporaryDirectory(prefix="deal-scout-bench-") as directory:
        Path(directory).chmod(0o711)
        stack = Stack(Path(directory) / "stack", {"postgres", "redis"})
        with stack:
            env = {**stack.env, "RATE_LIMIT_ANONYMOUS": "0", "RATE_LIMIT_SIGNED_IN": "0"}
            with timed("migrating"):
                subprocess.run(
                    [sys.executable, "-m", "alembic", "-c", str(ROOT / "alembic.ini"), "upgrade", "head"],
                    env={**os.environ, **env, "PYTHONPATH": str(ROOT / "backend")},
                    cwd=ROOT,
                    check=True,
                    capture_output=True,
                )  # fmt: skip
            key = machine_key(env, "admin:tasks")
            with served("app.main:app", env, Path(directory) / "server.log") as port:
                for round_name in ("new", "again"):
                    answer, seconds, start, peak = upload(port, key)
                    say(f"{round_name}: {answer} in {seconds:.1f} s, {start:.0f} → {peak:.0f} MB")
                    expected = {"new": ("stored", ROWS), "again": ("unchanged", ROWS)}[round_name]
                    if answer[expected[0]] != expected[1]:
                        raise SystemExit(f"{expected} expected")
                    emit("import_comps", f"rows_per_s_{round_name}", ROWS / seconds, "rows/s", goal=5000, at_most=False, rounds=1)  # fmt: skip
                    emit("import_comps", f"memory_growth_{round_name}", peak - start, "MB", goal=40, at_most=True, rounds=1)  # fmt: skip
        stack.destroy()


if __name__ == "__main__":
    main()
