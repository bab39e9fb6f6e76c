"""The read pool: async psycopg connections for the one endpoint that must not wait for anything else.

Autocommit, one statement per round trip, no ORM. A connection remembers its prepared statements.
"""

from typing import Any, Final

from psycopg import AsyncConnection, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from app.core.settings import Settings, get_settings
from app.db.read.desk import WAIT_S, Desk, ReadPool
from app.db.read.wire import ReadConnection, Reader, Row, Value
from app.errors import ServiceUnavailable

__all__ = [
    "SESSION_OPTIONS",
    "ReadConnection",
    "Reader",
    "Row",
    "Value",
    "close_read_pool",
    "connect",
    "open_read_pool",
    "read_connection",
]

SESSION_OPTIONS = (
    "-c timezone=UTC -c work_mem=32MB -c jit=off -c enable_seqscan=off"
    " -c max_parallel_workers_per_gather=0 -c default_transaction_read_only=on"
)
"""Enough work_mem that a bitmap of a common word stays exact; the statements are made for index
scans, so one that the planner would rather read the whole table for is a fault of its statistics."""

LATE_S: Final = 5.0
"""How long after the statement's own time limit the server may take to say that it is over."""
_CONNECTION: Final[dict[str, Any]] = {"autocommit": True, "prepare_threshold": None}


def _new_pool(settings: Settings) -> ReadPool:
    return AsyncConnectionPool(
        settings.database_dsn,
        min_size=min(2, settings.read_pool_size),
        max_size=settings.read_pool_size,
        timeout=WAIT_S,
        max_idle=300,
        open=False,
        kwargs={
            **_CONNECTION,
            "connect_timeout": 5,
            "application_name": "deal-scout-read",
            "options": f"{SESSION_OPTIONS} -c statement_timeout={settings.database_statement_timeout_ms}",
        },
    )


async def connect(dsn: str, options: str = SESSION_OPTIONS) -> ReadConnection:
    """A connection as the pool's are, but of no pool; to be closed by who asked for it."""
    return ReadConnection(await AsyncConnection.connect(dsn, options=options, **_CONNECTION))


_desk: Desk | None = None


async def open_read_pool(settings: Settings | None = None) -> None:
    """Start the process's pool. Connections are made in the background: a database that is away is no error yet."""
    global _desk
    if _desk is None:
        settings = settings or get_settings()
        pool = _new_pool(settings)
        _desk = Desk(pool, answer_s=settings.database_statement_timeout_ms / 1000 + LATE_S)
        await pool.open()


async def close_read_pool() -> None:
    """Close the process's pool; it can be opened again."""
    global _desk
    if _desk is not None:
        desk, _desk = _desk, None
        await desk.close()


class _Lent:
    """A connection for as long as it is needed, and what becomes of the errors of losing it."""

    __slots__ = ("_connection", "_desk")

    async def __aenter__(self) -> ReadConnection:
        if _desk is None:
            await open_read_pool()
        assert _desk is not None
        self._desk = _desk
        try:
            self._connection = await _desk.take()
        except (OperationalError, PoolTimeout) as error:
            raise _away() from error
        return self._connection

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        self._desk.give(self._connection)
        if isinstance(error, OperationalError):
            raise _away() from error


def _away() -> ServiceUnavailable:
    return ServiceUnavailable("The database does not answer; try again soon.", retry_after_s=5)


def read_connection() -> _Lent:
    """A connection of the process's pool, which is opened on first use where no lifespan did.

    `async with` it. Raises ServiceUnavailable when none is to be had in time, or when it breaks.
    """
    return _Lent()
