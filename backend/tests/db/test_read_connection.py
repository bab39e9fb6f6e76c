"""The read connections against the real server: what is read, and every way of losing the server or the reader."""

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
import uvloop
from psycopg import errors

from app.core.settings import Settings
from app.db import read
from app.db.read import ReadConnection, close_read_pool, connect, open_read_pool, read_connection
from app.db.read import wire as wire_module
from app.db.read.desk import LOOK_S, Desk
from app.errors import ServiceUnavailable

SLOW = b"select pg_sleep($1), pg_backend_pid()"
PID = b"select pg_backend_pid()"


def run(body: Callable[[], Awaitable[None]]) -> None:
    """On the loop that serves and on the plain one."""
    asyncio.run(body())  # type: ignore[arg-type]
    uvloop.run(body())  # type: ignore[arg-type]


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[ReadConnection]:
    connection = await connect(settings.database_dsn, "-c statement_timeout=20000")
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def pool(settings: Settings, **changed: Any) -> AsyncIterator[None]:
    await open_read_pool(settings.model_copy(update=changed))
    try:
        yield
    finally:
        await close_read_pool()


async def pid() -> int:
    async with read_connection() as connection:
        (found,) = await connection.row(PID, [])
        return int(found)


def kill(settings: Settings, backend: int) -> None:
    with psycopg.connect(settings.database_dsn, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [backend])


async def running(settings: Settings) -> int:
    """How many backends of the pool's name are at work on a statement."""
    async with await psycopg.AsyncConnection.connect(settings.database_dsn) as other:
        found = await other.execute(
            "select count(*) from pg_stat_activity"
            " where application_name = 'deal-scout-read' and state = 'active'"
        )
        row = await found.fetchone()
        assert row is not None
        return int(row[0])


async def until(truth: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(200):
        if await truth():
            return
        await asyncio.sleep(0.05)
    pytest.fail("it did not come true")


def test_values_go_there_and_back_as_they_are(settings: Settings) -> None:
    time = datetime(2026, 11, 25, 12, 30, 1, 250_000, tzinfo=UTC)
    an_id = UUID("0192f1c2-a7b0-7c3e-9d1e-2f3a4b5c6d7e")

    async def body() -> None:
        async with connected(settings) as connection:
            row = await connection.row(
                b"select $1::text, $2::int, $3::bigint, $4::float8, $5::boolean, $6::timestamptz,"
                b" $7::uuid, $8::int[], $9::text, $10::boolean, json_build_array($2::int)",
                ["żółw 🐢 '\"", -7, 2**62, 0.1, True, time, an_id, [3, -4], None, False],
            )
            told = "żółw 🐢 '\"".encode()
            same = (told, -7, 2**62, 0.1, True, time, an_id, [3, -4], None, False, b"[-7]")
            assert row == same
            assert [type(value) for value in row] == [type(value) for value in same]
            large = await connection.row(b"select repeat($1, 1000000), 1", ["0123456789é"])
            assert large == (("0123456789é" * 1_000_000).encode(), 1)

    run(body)


def test_an_error_is_the_statements_alone_and_the_connection_goes_on(settings: Settings) -> None:
    async def body() -> None:
        async with connected(settings) as connection:
            for _ in range(2):
                with pytest.raises(errors.DivisionByZero):
                    await connection.row(b"select 1 / $1::int", [0])
                with pytest.raises(errors.UndefinedTable):  # it could not be prepared
                    await connection.row(b"select $1 from no_such_table", [0])
                with pytest.raises(errors.InvalidTextRepresentation):
                    await connection.row(b"select $1::int", ["x"])
                with pytest.raises(psycopg.DataError):
                    await connection.row(b"select $1::text", ["a\0b"])
                with pytest.raises(psycopg.ProgrammingError):
                    await connection.row(b"select generate_series(1, $1::int)", [2])
                assert connection.is_whole
                assert await connection.row(b"select 1 / $1::int", [1]) == (1,)

    run(body)


def test_a_statement_over_its_time_is_cancelled_by_the_server_and_the_connection_goes_on(
    database: Settings,
) -> None:
    async def body() -> None:
        async with pool(database, read_pool_size=1, database_statement_timeout_ms=100):
            before = await pid()
            with pytest.raises(ServiceUnavailable) as caught:
                async with read_connection() as connection:
                    await connection.row(SLOW, [5])
            assert isinstance(caught.value.__cause__, errors.QueryCanceled)
            assert await pid() == before

    run(body)


def test_statements_stay_prepared_and_the_one_unused_for_longest_makes_room(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_module, "PREPARED_MAX", 3)
    count = b"select count(*) from pg_prepared_statements"

    async def body() -> None:
        async with connected(settings) as connection:
            for number in (1, 2, 1, 3, 1, 4, 5, 1):
                assert await connection.row(b"select %d" % number, []) == (number,)
            kept = await connection.row(
                b"select array_agg(statement order by statement) from pg_prepared_statements", []
            )
            assert [text for text in kept[0] if len(text) < 10] == ["select 1", "select 5"]
            assert await connection.row(count, []) == (3,)

    run(body)


def test_a_table_that_is_altered_or_a_server_that_forgets_costs_no_error(
    database: Settings,
) -> None:
    async def body() -> None:
        with psycopg.connect(database.owner_dsn, autocommit=True) as other:
            other.execute("drop table if exists changing")
            other.execute("create table changing as select 7 as seven")
            async with connected(database) as connection:
                assert await connection.row(b"select * from changing", []) == (7,)
                other.execute("alter table changing alter seven type text, add more int default 8")
                assert await connection.row(b"select * from changing", []) == (b"7", 8)
                connection.connection.pgconn.send_query(b"deallocate all")
                await asyncio.sleep(0.2)
                assert await connection.row(b"select * from changing", []) == (b"7", 8)

    run(body)


def test_a_backend_killed_in_the_middle_is_unavailable_and_replaced(database: Settings) -> None:
    async def body() -> None:
        async with pool(database, read_pool_size=1):

            async def slow() -> None:
                async with read_connection() as connection:
                    await connection.row(SLOW, [10])

            before = await pid()
            asked = asyncio.create_task(slow())
            await until(lambda: at_work(database, 1))
            await asyncio.to_thread(kill, database, before)
            with pytest.raises(ServiceUnavailable) as caught:
                await asked
            assert isinstance(caught.value.__cause__, errors.AdminShutdown)
            assert caught.value.retry_after_s == 5
            assert await pid() != before

    run(body)


async def at_work(settings: Settings, count: int) -> bool:
    return await running(settings) == count


def test_an_idle_connection_that_the_server_ended_is_never_lent(database: Settings) -> None:
    async def body() -> None:
        async with pool(database, read_pool_size=2):
            for _ in range(3):
                before = await pid()
                await asyncio.to_thread(kill, database, before)
                await asyncio.sleep(0.05)
                assert await pid() != before  # no error in between

    run(body)


def test_one_killed_between_two_statements_is_unavailable_and_not_lent_again(
    database: Settings,
) -> None:
    async def body() -> None:
        async with pool(database, read_pool_size=1):
            before = await pid()

            async def twice() -> None:
                async with read_connection() as connection:
                    assert await connection.row(PID, []) == (before,)
                    await asyncio.to_thread(kill, database, before)
                    await connection.row(PID, [])

            with pytest.raises(ServiceUnavailable):
                await twice()
            assert await pid() != before

    run(body)


def test_a_reader_that_is_cancelled_leaves_nothing_running_and_no_answer_to_the_next(
    database: Settings,
) -> None:
    async def body() -> None:
        async with pool(database, read_pool_size=2):

            async def slow() -> None:
                async with read_connection() as connection:
                    await connection.row(SLOW, [15])

            for _ in range(3):
                asked = [asyncio.create_task(slow()) for _ in range(2)]
                await until(lambda: at_work(database, 2))
                for task in asked:
                    task.cancel()
                done = await asyncio.gather(*asked, return_exceptions=True)
                assert all(isinstance(one, asyncio.CancelledError) for one in done)
                for number in range(4):
                    async with read_connection() as connection:
                        assert await connection.row(b"select $1::int", [number]) == (number,)
                await until(lambda: at_work(database, 0))

    run(body)


def test_readers_cancelled_at_any_moment_never_mix_up_answers(database: Settings) -> None:
    """Cancelled while waiting for a turn, preparing, sending, or with the answer just in."""

    async def body() -> None:
        async with pool(database, read_pool_size=3):
            wrong: list[tuple[int, Any]] = []

            async def ask(number: int) -> None:
                async with read_connection() as connection:
                    for add in range(3):
                        statement = b"select $1::int + %d, repeat('x', 20000)" % (number % 7 + add)
                        found = await connection.row(statement, [number])
                        if found[0] != number + number % 7 + add:
                            wrong.append((number, found[0]))

            async def hurried(number: int) -> bool:
                try:
                    await asyncio.wait_for(ask(number), (number % 23) / 1000 or None)
                except TimeoutError:
                    return False
                return True

            finished = await asyncio.gather(*(hurried(number) for number in range(300)))
            assert wrong == []
            assert any(finished)
            assert not all(finished)
            await asyncio.gather(*(ask(number) for number in range(50)))
            assert wrong == []

    run(body)


class Link:
    """A TCP link to the server that can be made to stand still or be cut."""

    def __init__(self, settings: Settings) -> None:
        info = psycopg.conninfo.conninfo_to_dict(settings.database_dsn)
        self._target = str(info["host"]), int(str(info["port"]))
        self.flows = asyncio.Event()
        self.flows.set()
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> "Link":
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._target)
        self._writers += [writer, far_writer]
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            self._tasks.append(asyncio.create_task(self._pass(source, sink)))

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await source.read(65536):
                await self.flows.wait()
                sink.write(data)
                await sink.drain()
        sink.transport.abort()

    def settings(self, settings: Settings) -> str:
        return psycopg.conninfo.make_conninfo(
            settings.database_dsn, host="127.0.0.1", port=self.port
        )


def test_a_server_that_falls_silent_is_unavailable_in_time(database: Settings) -> None:
    async def body() -> None:
        async with Link(database) as link:
            made = read._new_pool(database.model_copy(update={"read_pool_size": 1}))
            made.conninfo = link.settings(database)
            desk = Desk(made, answer_s=0.5)
            await made.open()
            connection = await desk.take()
            assert await connection.row(b"select 1", []) == (1,)
            link.flows.clear()
            for statement, values in (
                (b"select 1", []),  # the answer does not come
                (b"select length($1)", ["x" * 30_000_000]),  # it cannot even be written
            ):
                started = asyncio.get_running_loop().time()
                with pytest.raises(psycopg.OperationalError):
                    await connection.row(statement, values)
                assert asyncio.get_running_loop().time() - started < 0.5 + 3 * LOOK_S + 1
                assert not connection.is_whole
                desk.give(connection)
                link.flows.set()
                connection = await desk.take()
                assert await connection.row(b"select 2", []) == (2,)
                link.flows.clear()
            link.flows.set()
            desk.give(connection)
            await desk.close()

    run(body)


def test_a_link_that_is_cut_in_the_middle_is_unavailable(database: Settings) -> None:
    async def body() -> None:
        async with Link(database) as link:
            connection = await connect(link.settings(database))
            asked = asyncio.create_task(connection.row(SLOW, [10]))
            await asyncio.sleep(0.2)
            link.cut()
            with pytest.raises(psycopg.OperationalError):
                await asked
            assert not connection.is_whole
            with pytest.raises(psycopg.OperationalError):
                await connection.row(b"select 1", [])
            await connection.close()

    run(body)


def test_a_question_too_large_for_the_socket_at_once_is_written_to_its_end(
    settings: Settings,
) -> None:
    async def body() -> None:
        async with connected(settings) as connection:
            large = "0123456789" * 3_000_000
            assert await connection.row(b"select length($1), $1", [large]) == (
                len(large),
                large.encode(),
            )
            assert await connection.row(b"select 1", []) == (1,)

    run(body)


def test_who_waits_too_long_for_a_turn_is_told_so_and_the_others_get_theirs(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.db.read import desk as desk_module

    monkeypatch.setattr(desk_module, "WAIT_S", 0.3)

    async def body() -> None:
        async with pool(database, read_pool_size=1):
            async with read_connection() as held:
                with pytest.raises(ServiceUnavailable):
                    await pid()
                monkeypatch.setattr(desk_module, "WAIT_S", 5.0)
                waiting = asyncio.create_task(pid())
                await asyncio.sleep(0.05)
                assert not waiting.done()
                (own,) = await held.row(PID, [])
            assert await waiting == own

    run(body)


def test_a_database_that_is_away_is_unavailable_and_is_found_again(
    database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.db.read import desk as desk_module

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = probe.getsockname()[1]
    away = psycopg.conninfo.make_conninfo(database.database_dsn, port=nobody)

    async def body() -> None:
        monkeypatch.setattr(desk_module, "WAIT_S", 0.3)  # the body runs once on each loop
        made = read._new_pool(database)
        made.conninfo = away
        desk = Desk(made, answer_s=5)
        await made.open()
        for _ in range(2):
            with pytest.raises(psycopg.OperationalError):
                await desk.take()
        made.conninfo = database.database_dsn
        monkeypatch.setattr(desk_module, "WAIT_S", 10.0)
        connection = await desk.take()
        assert await connection.row(b"select 1", []) == (1,)
        desk.give(connection)
        await desk.close()

    run(body)


def test_closing_waits_for_nobody_and_ends_what_comes_in_later(database: Settings) -> None:
    async def body() -> None:
        await open_read_pool(database.model_copy(update={"read_pool_size": 1}))
        async with read_connection() as held:
            waiting = asyncio.create_task(pid())
            await asyncio.sleep(0.05)
            await close_read_pool()
            with pytest.raises(ServiceUnavailable):
                await waiting
            assert await held.row(b"select 1", []) == (1,)
        await until(lambda: gone(held))

    async def gone(connection: ReadConnection) -> bool:
        return connection.connection.closed

    run(body)


def test_an_answer_that_comes_just_after_its_reader_has_gone_spoils_nothing(
    database: Settings,
) -> None:
    """The connection looks at rest again, but it holds a statement that nobody here knows of."""

    async def body() -> None:
        async with pool(database, read_pool_size=1):

            async def ask(number: int) -> int:
                async with read_connection() as connection:
                    found = await connection.row(b"select $1::int + %d" % number, [0])
                    return int(found[0])

            for number in range(3):
                gone = asyncio.get_running_loop().create_task(ask(number))
                while _answers_under_way() == 0:
                    await asyncio.sleep(0)
                time.sleep(0.05)  # the answer lies in the socket, unread
                gone.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await gone
                assert await ask(number + 10) == number + 10

    run(body)


def _answers_under_way() -> int:
    from app.db import read

    desk = read._desk
    return sum(one._answer is not None for one in desk._held) if desk else 0
