"""The read pool: async psycopg connections for the one endpoint that must not wait for anything else.

Autocommit, one statement per round trip, no ORM. A connection remembers its prepared statements.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from psycopg import AsyncConnection, AsyncRawCursor, OperationalError
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

CONNECTION: Final[dict[str, Any]] = {
    "autocommit": True,
    "row_factory": tuple_row,
    "cursor_factory": AsyncRawCursor,
}
"""How a read connection is made: statements come with $1, $2 … and are not parsed again."""

_pool: ReadPool | None = None


async def _configure(connection: AsyncConnection) -> None:
    connection.prepare_threshold = 0
    connection.prepared_max = 400


def _new_pool(settings: Settings) -> ReadPool:
    return AsyncConnectionPool(
        settings.database_dsn,
        min_size=min(2, settings.read_pool_size),
        max_size=settings.read_pool_size,
        timeout=5,
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


async def open_read_pool(settings: Settings | None = None) -> None:
    """Start the process's pool. Connections are made in the background: a database that is away is no error yet."""
    global _pool
    if _pool is None:
        _pool = _new_pool(settings or get_settings())
        await _pool.open()


async def close_read_pool() -> None:
    """Close the process's pool; it can be opened again."""
    global _pool
    if _pool is not None:
        await _pool.close()
        _pool = None


@asynccontextmanager
async def read_connection() -> AsyncIterator[ReadConnection]:
    """A connection of the process's pool, which is opened on first use where no lifespan did.

    Raises ServiceUnavailable when none is to be had in time, or when it breaks.
    """
    if _pool is None:
        await open_read_pool()
    assert _pool is not None
    try:
        async with _pool.connection() as connection:
            yield connection
    except (OperationalError, PoolTimeout) as error:
        raise ServiceUnavailable(
            "The database does not answer; try again soon.", retry_after_s=5
        ) from error
