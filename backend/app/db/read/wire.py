"""One statement at a time on a psycopg connection, by libpq's own calls.

psycopg's cursors are made for everything: for each statement they build a cursor, run generators, and
have the event loop watch the socket and stop watching it, a system call each. The list sends the same
few statements for ever and wants one row back, so here the socket is watched for as long as the
connection is held, statements stay prepared, and values are read straight from the answer. Making,
cancelling and replacing connections stays with psycopg and its pool.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from psycopg import AsyncConnection, DataError, OperationalError, ProgrammingError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

Value = str | int | float | datetime | UUID | Sequence[int] | None
"""What may be bound to a statement; a sequence is an array."""

Row = tuple[Any, ...]

PREPARED_MAX: Final = 400
"""Statements that stay prepared on a connection; the one unused for longest makes room."""
CANCEL_S: Final = 2.0
"""How long the server may take to hear that a statement is not wanted any more."""

# Plain integers: comparing libpq's own with members of an IntEnum costs as much as asking for them.
_OK: Final = int(ConnStatus.OK)
_ACTIVE: Final = int(TransactionStatus.ACTIVE)
_IDLE: Final = int(TransactionStatus.IDLE)
_ROWS: Final = int(ExecStatus.TUPLES_OK)
_DONE: Final = int(ExecStatus.COMMAND_OK)
_FAILED: Final = int(ExecStatus.FATAL_ERROR)
_BINARY: Final = Format.BINARY

_TEXT_TYPES: Final = frozenset({25, 114, 1043})
"""text, json, varchar: given as the bytes they are, in UTF-8."""
_OUTDATED: Final = frozenset({"0A000", "26000"})
"""A prepared statement whose result would have changed since, or that the server has forgotten."""


class Reader(Protocol):
    """Whatever answers a statement with its one row."""

    async def row(self, statement: bytes, values: Sequence[Value]) -> Row:
        """The only row of `statement`, with `values` for $1, $2 …; text as its bytes in UTF-8."""
        ...


def _text(value: str) -> bytes:
    if "\0" in value:
        raise DataError("PostgreSQL text cannot contain NUL (0x00) bytes")
    return value.encode()


def _number(value: float) -> bytes:
    return repr(value).encode()


def _array(values: Sequence[int]) -> bytes:
    return b"{%b}" % b",".join(map(_number, values))


_WRITTEN: Final[dict[type, Callable[[Any], bytes]]] = {
    str: _text,
    int: _number,
    float: _number,
    bool: lambda value: b"t" if value else b"f",
    datetime: lambda value: value.isoformat().encode(),
    UUID: lambda value: value.hex.encode(),
    list: _array,
    tuple: _array,
}
"""How a value is written; the server knows from the statement what type it is to be."""


class _Prepared:
    """A statement as the server knows it, and how its columns are read, once an answer has told."""

    __slots__ = ("columns", "name")

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.columns: list[Callable[[bytes], Any]] | None = None


class ReadConnection:
    """A connection that one reader at a time holds.

    `lost` is called when the server ends it while no statement is under way. Errors of a statement
    are psycopg's: OperationalError (with QueryCanceled for statement_timeout, AdminShutdown …) when
    the server does not answer. After any of them, ask `is_whole` before lending it again.
    """

    def __init__(
        self, connection: AsyncConnection, lost: Callable[["ReadConnection"], None] | None = None
    ) -> None:
        self.connection = connection
        self._lost = lost
        self._pgconn = connection.pgconn
        self._socket = self._pgconn.socket
        self._loop = asyncio.get_running_loop()
        self._prepared: OrderedDict[bytes, _Prepared] = OrderedDict()
        self._names = 0
        self._answer: asyncio.Future[list[PGresult]] | None = None
        self._results: list[PGresult] = []
        self._asked_at = 0.0
        self._watched = True
        self._loop.add_reader(self._socket, self._readable)

    @property
    def is_whole(self) -> bool:
        """Whether it is at rest and fit for another statement."""
        return self._watched and self._pgconn.transaction_status == _IDLE

    async def row(self, statement: bytes, values: Sequence[Value]) -> Row:
        """The only row of `statement`, with `values` for $1, $2 …; text as its bytes in UTF-8."""
        written = [None if value is None else _WRITTEN[type(value)](value) for value in values]
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = await self._prepare(statement)
        else:
            self._prepared.move_to_end(statement)
        send = self._pgconn.send_query_prepared
        result = await self._ask(send, prepared.name, written, None, _BINARY)
        if result.status == _FAILED:
            error = error_from_result(result)
            if error.sqlstate not in _OUTDATED:
                raise error
            await self._forget(statement)  # a table was changed under it: prepare it anew, once
            prepared = await self._prepare(statement)
            result = await self._ask(send, prepared.name, written, None, _BINARY)
        if result.status != _ROWS:
            raise error_from_result(result)
        if result.ntuples != 1:
            raise ProgrammingError(f"one row was to be read, not {result.ntuples}")
        columns = prepared.columns
        if columns is None:
            columns = prepared.columns = [
                self._reader(result.ftype(column)) for column in range(result.nfields)
            ]
        value = result.get_value
        found = [value(0, number) for number in range(len(columns))]
        return tuple(
            [None if one is None else read(one) for one, read in zip(found, columns, strict=True)]
        )

    async def _prepare(self, statement: bytes) -> _Prepared:
        while len(self._prepared) >= PREPARED_MAX:
            await self._forget(next(iter(self._prepared)))
        self._names += 1
        name = b"read_%d" % self._names
        result = await self._ask(self._pgconn.send_prepare, name, statement)
        if result.status != _DONE:
            raise error_from_result(result)
        prepared = self._prepared[statement] = _Prepared(name)
        return prepared

    async def _forget(self, statement: bytes) -> None:
        prepared = self._prepared.pop(statement)
        # An error would mean that the server has forgotten it already.
        await self._ask(self._pgconn.send_query, b"deallocate " + prepared.name)

    def _reader(self, oid: int) -> Callable[[bytes], Any]:
        if oid in _TEXT_TYPES:
            return bytes
        adapters = self.connection.adapters
        kind = adapters.get_loader(oid, _BINARY) or adapters.get_loader(0, _BINARY)
        assert kind is not None  # psycopg has one for what it does not know
        return kind(oid, self.connection).load

    async def _ask(self, send: Callable[..., None], *given: Any) -> PGresult:
        """What the server answers to a message. A caller that is cancelled leaves the connection not whole."""
        if not self.is_whole or self._answer is not None:
            raise OperationalError("the connection is lost or in use")
        self._results = []
        self._asked_at = self._loop.time()
        answer = self._answer = self._loop.create_future()
        try:
            send(*given)
            if self._pgconn.flush():
                self._loop.add_writer(self._socket, self._writable)
            results = await answer
        except OperationalError:
            self.release()
            raise
        finally:
            self._answer = None
        last: PGresult = results[-1]
        if len(results) == 1:
            return last
        return next((result for result in results if result.status == _FAILED), last)

    def _writable(self) -> None:
        try:
            if self._pgconn.flush():
                return
        except OperationalError as error:
            self._fail(error)
            return
        self._loop.remove_writer(self._socket)

    def _readable(self) -> None:
        pgconn, results = self._pgconn, self._results
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    answer = self._answer
                    if answer is not None and results and not answer.done():
                        answer.set_result(results)
                    break
                results.append(result)
        except OperationalError as error:
            self._fail(error)
            return
        if pgconn.status != _OK:
            self._fail(OperationalError("the connection is lost"))

    def _fail(self, error: OperationalError) -> None:
        """The connection is of no use any more. What the server said of it counts for more than `error`."""
        self.release()
        answer = self._answer
        if answer is None:
            if self._lost is not None:
                self._lost(self)
        elif not answer.done():
            if any(result.status == _FAILED for result in self._results):
                answer.set_result(self._results)
            else:
                answer.set_exception(error)

    def give_up(self, *, asked_before: float) -> None:
        """Fail a statement that was sent before this time of the event loop's clock."""
        if self._answer is not None and self._asked_at < asked_before:
            self._fail(OperationalError("the server has not answered in time"))

    def release(self) -> None:
        """Stop watching the socket, at once: libpq may have closed it, and its number be given to another."""
        if self._watched:
            self._watched = False
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)

    async def end(self) -> None:
        """Release it, and have the server stop a statement that is still under way."""
        self.release()
        if self._pgconn.transaction_status == _ACTIVE:
            # A server that cannot be reached cannot be told; the pool closes the connection in any case.
            with suppress(OperationalError):
                await self.connection.cancel_safe(timeout=CANCEL_S)

    async def close(self) -> None:
        """End it altogether."""
        await self.end()
        await self.connection.close()
