"""Hands the read pool's connections from request to request without going through the pool each time."""

import asyncio
from collections import deque
from typing import Final

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from app.db.read.wire import ReadConnection

ReadPool = AsyncConnectionPool[AsyncConnection]

WAIT_S: Final = 5.0
"""How long a request may wait for a connection."""
LOOK_S: Final = 0.25
"""How often is looked for requests and statements that have waited too long: dearer than one look
at all of them would be a timer for each."""


class Desk:
    """Lends the connections of an open pool.

    The pool makes, checks and replaces connections, and waits with time limits; that is dear when
    requests queue for connections a thousand times a second. Here an idle connection is taken from a
    list, and one given back goes straight to the request that has waited longest. Statements that
    the server does not answer within `answer_s` fail.
    """

    def __init__(self, pool: ReadPool, *, answer_s: float) -> None:
        self._pool = pool
        self._answer_s = answer_s
        self._loop = asyncio.get_running_loop()
        self._idle: list[ReadConnection] = []
        self._held: set[ReadConnection] = set()
        self._coming = 0
        self._waiting: deque[tuple[float, asyncio.Future[ReadConnection | None]]] = deque()
        self._replacing: set[asyncio.Task[None]] = set()
        self._open = True
        self._loop.call_later(LOOK_S, self._look_for_the_late)

    async def take(self) -> ReadConnection:
        """A connection that was whole when it was given back. Raises PoolTimeout after WAIT_S."""
        until = self._loop.time() + WAIT_S
        while True:
            if self._idle:
                return self._idle.pop()
            if len(self._held) + self._coming < self._pool.max_size:
                return await self._fetch()
            turn: asyncio.Future[ReadConnection | None] = self._loop.create_future()
            self._waiting.append((until, turn))
            try:
                given = await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled() and turn.exception() is None:
                    self._pass_on(turn.result())  # it came too late: the next one may have it
                raise
            if given is not None:
                return given

    async def _fetch(self) -> ReadConnection:
        self._coming += 1
        try:
            connection = await self._pool.getconn(timeout=WAIT_S)
        except BaseException:
            self._coming -= 1
            self._wake(None)
            raise
        self._coming -= 1
        made = ReadConnection(connection, self._was_lost)
        self._held.add(made)
        return made

    def give(self, connection: ReadConnection) -> None:
        """Give a connection back; one that is not whole goes to the pool, which replaces it."""
        if not self._open or not connection.is_whole:
            self._replace(connection)
        elif not self._wake(connection):
            self._idle.append(connection)

    def _pass_on(self, given: ReadConnection | None) -> None:
        if given is None:
            self._wake(None)
        else:
            self.give(given)

    def _wake(self, connection: ReadConnection | None) -> bool:
        """Hand `connection`, or the right to ask the pool, to who has waited longest."""
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return True
        return False

    def _was_lost(self, connection: ReadConnection) -> None:
        """The server ended it: replaced now when it is idle, else when it is given back."""
        if connection in self._idle:
            self._idle.remove(connection)
            self._replace(connection)

    def _replace(self, connection: ReadConnection) -> None:
        task = self._loop.create_task(self._return(connection))
        self._replacing.add(task)
        task.add_done_callback(self._replacing.discard)

    async def _return(self, connection: ReadConnection) -> None:
        """Close it and have the pool make another.

        Even one that looks at rest again: an answer that came after its reader had gone leaves a
        statement prepared that nobody here knows of.
        """
        try:
            await connection.close()
            if self._open:  # a pool that is being closed makes no other
                await self._pool.putconn(connection.connection)
        finally:
            self._held.discard(connection)
            self._wake(None)

    def _look_for_the_late(self) -> None:
        now = self._loop.time()
        for connection in self._held:
            connection.give_up(asked_before=now - self._answer_s)
        while self._waiting and self._waiting[0][0] <= now:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(PoolTimeout(f"no read connection within {WAIT_S} s"))
        if self._open or self._held:
            self._loop.call_later(LOOK_S, self._look_for_the_late)

    async def close(self) -> None:
        """End all connections, those that are out when they come in, and close the pool."""
        self._open = False
        while self._waiting:
            _, turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(PoolTimeout("the read pool is being closed"))
        while self._idle:
            self._replace(self._idle.pop())
        while self._replacing:
            await asyncio.wait(self._replacing)
        await self._pool.close()
