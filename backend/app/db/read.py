"""The read pool: async psycopg connections for the one endpoint that must not wait for anything else.

Autocommit, one statement per round trip, no ORM. A connection remembers its prepared statements.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from psycopg import AsyncConnection, AsyncRawCursor, OperationalError
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from app.core.settings import Settings, get_settings
from app.errors import ServiceUnavailable

ReadConnection = AsyncConnection
ReadPool = AsyncConnectionPool[AsyncConnection]

SESSION_OPTIONS = (
    "-c timezone=UTC -c work_mem=32MB -c jit=off -c enable_seqscan=off"
    " -c max_parallel_workers_per_gather=0 -c default_transaction_read_only=on"
)
"""Enough work_mem that a bitmap of a common word stays exact; the statements are made for index
scans, so one that the planner would rather read the whole table for is a fault of its statistics."""

IDLE: Final = TransactionStatus.IDLE
WAIT_S: Final = 5.0
CONNECTION: Final[dict[str, Any]] = {
    "autocommit": True,
    "row_factory": tuple_row,
    "cursor_factory": AsyncRawCursor,
}
"""How a read connection is made: statements come with $1, $2 … and are not parsed again."""


async def _configure(connection: AsyncConnection) -> None:
    connection.prepare_threshold = 0
    connection.prepared_max = 400


def _new_pool(settings: Settings) -> ReadPool:
    return AsyncConnectionPool(
        settings.database_dsn,
        min_size=min(2, settings.read_pool_size),
        max_size=settings.read_pool_size,
        timeout=WAIT_S,
        max_idle=300,
        open=False,
        configure=_configure,
        kwargs={
            **CONNECTION,
            "connect_timeout": 5,
            "application_name": "deal-scout-read",
            "options": f"{SESSION_OPTIONS} -c statement_timeout={settings.database_statement_timeout_ms}",
        },
    )


class _Desk:
    """Hands connections of a pool from request to request without going through the pool each time.

    The pool makes, checks and replaces connections, and waits with time limits; that is dear when
    requests queue for connections a thousand times a second. Here an idle connection is taken from a
    list, and one given back goes straight to the request that has waited longest.
    """

    def __init__(self, pool: ReadPool) -> None:
        self._pool = pool
        self._idle: list[AsyncConnection] = []
        self._held = 0
        self._waiting: deque[asyncio.Future[AsyncConnection | None]] = deque()

    async def take(self) -> AsyncConnection:
        """A connection that was whole when it was given back. Raises PoolTimeout after WAIT_S."""
        while True:
            if self._idle:
                return self._idle.pop()
            if self._held < self._pool.max_size:
                self._held += 1
                try:
                    return await self._pool.getconn(timeout=WAIT_S)
                except BaseException:
                    self._held -= 1
                    self._wake(None)
                    raise
            turn: asyncio.Future[AsyncConnection | None] = (
                asyncio.get_running_loop().create_future()
            )
            self._waiting.append(turn)
            timer = turn.get_loop().call_later(WAIT_S, _give_up, turn)
            try:
                given = await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled() and turn.exception() is None:
                    await self.give(turn.result())  # it came too late: the next one may have it
                raise
            finally:
                timer.cancel()
            if given is not None:
                return given

    async def give(self, connection: AsyncConnection | None) -> None:
        """Give a connection back; a broken one goes to the pool, which replaces it."""
        if connection is None:
            self._wake(None)
        elif connection.closed or connection.pgconn.transaction_status != IDLE:
            self._held -= 1
            await self._pool.putconn(connection)
            self._wake(None)
        elif not self._wake(connection):
            self._idle.append(connection)

    def _wake(self, connection: AsyncConnection | None) -> bool:
        """Hand `connection`, or the right to ask the pool, to who has waited longest."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    async def close(self) -> None:
        """Give all idle connections back to the pool and close it."""
        while self._idle:
            await self._pool.putconn(self._idle.pop())
        await self._pool.close()


def _give_up(turn: "asyncio.Future[AsyncConnection | None]") -> None:
    if not turn.done():
        turn.set_exception(PoolTimeout(f"no read connection within {WAIT_S} s"))


_desk: _Desk | None = None


async def open_read_pool(settings: Settings | None = None) -> None:
    """Start the process's pool. Connections are made in the background: a database that is away is no error yet."""
    global _desk
    if _desk is None:
        pool = _new_pool(settings or get_settings())
        _desk = _Desk(pool)
        await pool.open()


async def close_read_pool() -> None:
    """Close the process's pool; it can be opened again."""
    global _desk
    if _desk is not None:
        desk, _desk = _desk, None
        await desk.close()


@asynccontextmanager
async def read_connection() -> AsyncIterator[ReadConnection]:
    """A connection of the process's pool, which is opened on first use where no lifespan did.

    Raises ServiceUnavailable when none is to be had in time, or when it breaks.
    """
    if _desk is None:
        await open_read_pool()
    desk = _desk
    assert desk is not None
    try:
        connection = await desk.take()
        try:
            yield connection
        finally:
            await desk.give(connection)
    except (OperationalError, PoolTimeout) as error:
        raise ServiceUnavailable(
            "The database does not answer; try again soon.", retry_after_s=5
        ) from error
