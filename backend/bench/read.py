"""How fast the deals list is read, through the whole product as shipped, against less.

    ROWS=1000000 python backend/bench/read.py        (or: make bench-read)

A stack of its own (Postgres, Valkey, API) is filled with ROWS deals. First every answer is checked:
the list against naive SQL, and the contenders against each other. Then:

- SQL: every question of four kinds in five rounds; a question counts with the median of its rounds,
  all statements of the answer together, planning and the way to the server included; p95 over questions
- pages: page 10,000 against page 1 of the same list
- HTTP: 32 connections on one worker, five rounds in turn: pgbench on the very statements, Starlette with
  asyncpg on them, the product's route without middleware, and the product
"""

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import psycopg
from psycopg import AsyncConnection

from app.api.schemas.deals import DealsQuery
from app.core.clock import utc_now
from app.db.models.deals import SORT_COLUMNS
from app.db.read import SESSION_OPTIONS, Reader, Row, Value, connect
from app.services.deals import DealPage, cursor, read_page
from app.stack import Stack
from app.stack.postgres import installed_binaries
from bench.common import ROOT, emit, interleaved, median_ratio, quantile, say, served, timed
from bench.read_data import (
    fill,
    filter_questions,
    page_questions,
    path_of,
    plain,
    profit_questions,
    rare_questions,
    text_questions,
)

ROWS = int(os.environ.get("ROWS", "1000000"))
ROUNDS = 5
SECONDS = float(os.environ.get("SECONDS_PER_RUN", "4"))
CONNECTIONS = 32
PARTS = os.environ.get("PARTS", "sql,http").split(",")
BENCH = "read"


class Recorder:
    """A connection that notes what is sent and how long the answers take."""

    def __init__(self, connection: Reader) -> None:
        self._connection = connection
        self.sent: list[tuple[str, list[Any]]] = []
        self.seconds = 0.0

    async def row(self, statement: bytes, values: Sequence[Value]) -> Row:
        self.sent.append((statement.decode(), list(values)))
        started = time.perf_counter()
        row = await self._connection.row(statement, values)
        self.seconds += time.perf_counter() - started
        return row


async def ask(connection: Reader, question: dict[str, Any]) -> tuple[Recorder, DealPage]:
    """One answer of the list, with what it took."""
    query = DealsQuery.model_validate(question)
    recorder = Recorder(connection)
    page = await read_page(
        recorder,
        query.filters(),
        sort=query.sort,
        after=query.cursor,
        limit=query.limit,
        now=utc_now(),
    )
    return recorder, page


async def check_against_naive_sql(dsn: str) -> int:
    """The first page and the total of some questions, by SQL that uses no index. How many were compared."""
    questions = filter_questions()[:6] + text_questions()[::24] + rare_questions()[:3]
    questions += profit_questions()[::6]
    fast, slow = await connect(dsn), await AsyncConnection.connect(dsn, autocommit=True)
    await slow.execute(
        "set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off"
    )
    await slow.execute("set jit = off")
    for question in questions:
        query = DealsQuery.model_validate(question)
        column = SORT_COLUMNS[query.sort]
        conditions = ["active"]
        for name, condition in {
            "q": "to_tsvector('simple', title) @@ plainto_tsquery('simple', %(q)s)",
            "category": "category_id = %(category)s",
            "condition": "condition = %(condition)s",
            "min_price_cents": "price_cents >= %(min_price_cents)s",
            "max_price_cents": "price_cents <= %(max_price_cents)s",
            "min_discount": "discount >= %(min_discount)s",
            "min_score": "score >= %(min_score)s",
            "min_confidence": "confidence >= %(min_confidence)s",
            "min_profit_cents": "profit_cents >= %(min_profit_cents)s",
            "min_roi": "roi >= %(min_roi)s",
            "free_shipping": "shipping_cents = 0",
            "listed_since": "listed_at >= %(listed_since)s",
        }.items():
            if name in question:
                conditions.append(condition)
        found = await slow.execute(
            f"with m as materialized (select listing_id, scored, {column} k from deals"
            f" where {' and '.join(conditions)})"
            " (select listing_id::text, (select count(*) from m) from m"
            " order by scored desc, k desc, listing_id desc limit 24)".encode(),
            query.model_dump(),
        )
        rows = await found.fetchall()
        _, page = await ask(fast, question)
        got = json.loads(page.body)
        expected = [row[0] for row in rows]
        total = min(rows[0][1], 1001) if rows else 0
        if [item["id"] for item in got["items"]] != expected or got["total"] != total:
            raise SystemExit(f"wrong answer to {question}: {got['total']} != {total}")
    await fast.close()
    await slow.close()
    return len(questions)


async def sql_times(dsn: str) -> None:
    """p95 over questions of each kind."""
    connection = await connect(dsn)
    kinds = {
        "filters": (filter_questions(), 10.0),
        "profit": (profit_questions(), 10.0),
        "text_rare": (rare_questions(), 20.0),
        "text": (text_questions() + rare_questions(), 50.0),
    }
    for kind, (questions, goal) in kinds.items():
        for question in questions:  # everything warm
            await ask(connection, question)
        times: list[list[float]] = [[] for _ in questions]
        for _ in range(ROUNDS):
            for number, question in enumerate(questions):
                recorder, _ = await ask(connection, question)
                times[number].append(recorder.seconds * 1000)
        medians = [median(rounds) for rounds in times]
        worst = max(range(len(questions)), key=medians.__getitem__)
        say(
            f"{kind}: p50 {quantile(medians, 0.5):.2f} ms, max {medians[worst]:.2f} ms by {questions[worst]}"
        )
        emit(
            BENCH,
            f"sql_p95_ms_{kind}",
            quantile(medians, 0.95),
            "ms",
            goal=goal,
            at_most=True,
            rounds=ROUNDS,
        )
    await connection.close()


async def deep_page(dsn: str) -> None:
    """Page 10,000 of the whole list (or the last but one of fewer rows) against its first."""
    connection = await connect(dsn)
    depth = min(10_000 * 24, int(ROWS * 0.9))
    row = await connection.row(
        b"select scored, rank, listing_id from deals where active"
        b" order by scored desc, rank desc, listing_id desc offset $1 limit 1",
        [depth],
    )
    filters = DealsQuery().filters().canonical()
    after = cursor.encode(cursor.Position(row[0], row[1], row[2]), sort="score", filters=filters)
    first, deep = [], []
    for _ in range(ROUNDS * 40):
        first.append((await ask(connection, {}))[0].seconds)
        deep.append((await ask(connection, {"cursor": after}))[0].seconds)
    emit(
        BENCH,
        "page_10000_over_1",
        median(deep) / median(first),
        "ratio",
        goal=2,
        at_most=True,
        rounds=ROUNDS,
    )
    await connection.close()


def literals(client: psycopg.ClientCursor[Any], text: str, values: list[Any]) -> str:
    """The statement with its values written into it."""

    def place(match: re.Match[str]) -> str:
        return client.mogrify(b"%s", [values[int(match[1]) - 1]])

    return re.sub(r"\$([0-9]+)", place, text)


async def scripts(dsn: str) -> tuple[dict[str, Any], list[str]]:
    """What the product sends for each page question: for the rivals by path, and as SQL text for pgbench."""
    connection = await connect(dsn)
    by_path: dict[str, Any] = {}
    texts = []
    for question in page_questions():
        recorder, page = await ask(connection, question)
        body = page.body
        tail = body[body.rindex(b'],"next":') :].decode()
        by_path[path_of(question)] = {
            "statements": [
                (text, [plain(value) for value in values]) for text, values in recorder.sent
            ],
            "tail": tail,
        }
        with psycopg.connect(dsn, cursor_factory=psycopg.ClientCursor) as other:
            literal = psycopg.ClientCursor(other)
            sent = (literals(literal, text, values) for text, values in recorder.sent)
            texts.append("\n".join(re.sub(r"\s+", " ", text) + ";" for text in sent))
    await connection.close()
    return by_path, texts


def fetch(port: int, path: str) -> bytes:
    """A body."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        body: bytes = answer.read()
        return body


def load(port: int, paths: Path, latencies: list[float] | None = None) -> float:
    """Requests per second."""
    command = [sys.executable, str(ROOT / "backend/bench/load.py"), str(port), str(SECONDS)]
    done = subprocess.run(
        [*command, str(CONNECTIONS), str(paths)], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    if told["failures"]:
        raise SystemExit(f"{told['failures']} requests failed")
    if latencies is not None:
        latencies.append(told["latencies_ms"]["0.95"])
    rate: float = told["requests"] / told["seconds"]
    return rate


def pgbench(dsn: str, texts: list[str], directory: Path) -> Callable[[], float]:
    """A round of pgbench on the statements: eight clients, the simple protocol. Transactions per second."""
    files = []
    for number, text in enumerate(texts):
        file = directory / f"{number}.sql"
        file.write_text(text)
        files += ["-f", str(file)]
    command = [
        str(installed_binaries() / "bin/pgbench"),
        "-n",
        "-c",
        "8",
        "-j",
        "1",
        "-T",
        str(int(SECONDS)),
        *files,
    ]
    env = {**os.environ, "PGOPTIONS": SESSION_OPTIONS}

    def one_round() -> float:
        done = subprocess.run([*command, dsn], capture_output=True, text=True, env=env, check=False)
        if done.returncode != 0:
            raise SystemExit(f"pgbench failed: {done.stderr[-2000:]}")
        found = re.search(r"tps = ([0-9.]+)", done.stdout)
        assert found is not None
        return float(found[1])

    return one_round


def http(stack: Stack, dsn: str, directory: Path) -> None:
    """Requests per second of all contenders, after their answers were found equal."""
    by_path, texts = asyncio.run(scripts(dsn))
    script_file, paths = directory / "scripts.json", directory / "paths"
    script_file.write_text(json.dumps(by_path))
    paths.write_text("\n".join(by_path))
    env = {**stack.env, "BENCH_SCRIPTS": str(script_file)}
    # Not the stack's own API: that runs in a session of its own, and Linux shares a busy machine's
    # processors out by session, so the rivals would be measured by another rule.
    shipped = {**stack.env, "LOG_FILE": str(directory / "access.log")}
    with (
        served("app.main:app", shipped, directory / "product.log") as product,
        served("bench.read_rivals:bare", env, directory / "bare.log") as bare,
        served("bench.read_rivals:route", env, directory / "route.log") as route,
    ):
        for path in by_path:
            answers = [fetch(port, path) for port in (product, bare, route)]
            if not (
                answers[0] == answers[1] == answers[2]
                and json.loads(answers[0])["items"] is not None
            ):
                raise SystemExit(f"the contenders do not answer alike to {path}")
        say(f"{len(by_path)} answers are byte for byte the same from all three servers")
        p95: list[float] = []
        contenders: dict[str, Callable[[], float]] = {
            "pgbench": pgbench(dsn, texts, directory),
            "starlette": lambda: load(bare, paths),
            "route": lambda: load(route, paths),
            "product": lambda: load(product, paths, p95),
        }
        for name in ("starlette", "route", "product"):  # warm
            contenders[name]()
        p95.clear()
        found = interleaved(contenders, ROUNDS)
    for name, rates in found.items():
        say(f"{name}: {', '.join(f'{rate:.0f}' for rate in rates)} per second")
    ours = found["product"]

    def ratio(metric: str, other: str, goal: float | None, mine: list[float] = ours) -> None:
        value = median_ratio(mine, found[other])
        emit(BENCH, metric, value, "ratio", goal=goal, at_most=False, rounds=ROUNDS)

    ratio("ratio_pgbench", "pgbench", None)
    ratio("ratio_starlette", "starlette", 0.75)
    ratio("ratio_starlette_bare_route", "starlette", None, found["route"])
    emit(BENCH, "http_p95_ms", median(p95), "ms", goal=100, at_most=True, rounds=ROUNDS)
    emit(BENCH, "http_per_second", median(ours), "1/s", goal=None, at_most=False, rounds=ROUNDS)


def main() -> None:
    """Fill, check, measure, clean up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left running
    home = Path(tempfile.mkdtemp(prefix="deal-scout-bench-read-"))
    home.chmod(0o711)  # the database server may run as another user
    env = {"API_PORT": "0", "WEB_PORT": "0", "RATE_LIMIT_ANONYMOUS": "0"}
    stack = Stack(home / "stack", {"postgres", "redis", "api"}, env, say=say)
    try:
        with stack:
            # the owner fills and compares; the API that is measured has the product's role
            dsn = stack.env["DATABASE_MIGRATION_URL"].replace(
                "postgresql+psycopg://", "postgresql://"
            )
            os.environ["SESSION_KEY"] = stack.env["SESSION_KEY"]  # cursors are sealed with it
            os.environ["DEMO_MODE"] = "true"
            with timed(f"{ROWS:,} deals with their indexes"):
                fill(dsn, ROWS)
            with timed("answers compared with naive SQL"):
                say(f"{asyncio.run(check_against_naive_sql(dsn))} answers are right")
            if "sql" in PARTS:
                with timed("SQL"):
                    asyncio.run(sql_times(dsn))
                    asyncio.run(deep_page(dsn))
            if "http" in PARTS:
                with timed("HTTP"):
                    http(stack, dsn, home)
    finally:
        stack.destroy()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    main()
