"""A pool of connections to one endpoint: bounded, first come first served, and without a task for each acquisition.

asyncpg's own pool makes two tasks and one extra round trip (RESET ALL and others) for each acquisition with a timeout.
Here a free connection is taken without waiting. Nothing is reset: a connection that was left inside a transaction, or
in the middle of a statement, is closed instead, and session state belongs to `Database.session()`.
"""

import asyncio
from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING, TypeAlias

import asyncpg

from candlefish.client.postgres.exceptions import DRIVER_ERRORS, translate
from candlefish.client.postgres.prepared import STATEMENT_CACHE, survive
from candlefish.client.stats import PoolStats
from candlefish.errors import AcquireTimeout, Unavailable

if TYPE_CHECKING:
    Connection: TypeAlias = asyncpg.Connection[asyncpg.Record]
else:  # the driver's class takes no type argument at run time
    Connection = asyncpg.Connection

CLOSE_TIMEOUT_S = 5.0
"""How long a connection may take to say goodbye before it is cut."""


class Pool:
    """Lend out at most `size` connections to one URL; `prepared` None: find out whether prepared statements survive."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        size: int,
        acquire_timeout_s: float,
        statement_timeout_s: float,
        prepared: bool | None = None,
    ) -> None:
        self.name = name
        self.in_use = 0
        self.plan_mark = ""
        self._url = url
        self._size = size
        self._acquire_timeout_s = acquire_timeout_s
        self._statement_timeout_s = statement_timeout_s
        self._idle: list[Connection] = []
        self._waiters: deque[asyncio.Future[Connection | None]] = deque()
        self._open = 0
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False
        self._prepared = prepared
        self._plan_marks = 0
        self._acquired = self._waits = self._timeouts = self._connects = self._connect_errors = 0
        self._wait_sum_s = self._wait_max_s = 0.0

    async def acquire(self) -> Connection:
        """Take a connection; raise AcquireTimeout or Unavailable."""
        if self._closed:
            raise Unavailable(f"the pool {self.name} is closed")
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                self.in_use += 1
                self._acquired += 1
                return connection
            self._open -= 1
        return await self._acquire_slowly()

    def release(self, connection: Connection, *, clean: bool = True) -> None:
        """Give a connection back; one that is not clean is closed."""
        self.in_use -= 1
        if connection.is_closed():
            self._forget()
        elif self._closed or not clean or connection.is_in_transaction():
            self._close_soon(connection)
        elif not self._hand_over(connection):
            self._idle.append(connection)

    def outdate_plans(self) -> None:
        """Let every later statement be prepared anew, because a table's columns have changed.

        A pooler that follows prepared statements keeps one for each text, so the driver's new one would meet the old
        plan ("cached plan must not change result type") until the server connection ends: hence a new text.
        """
        self._plan_marks += 1
        self.plan_mark = f" /* plans {self._plan_marks} */"

    async def close(self) -> None:
        """Close every connection that is not lent out; the others close when they come back."""
        self._closed = True
        while self._idle:
            self._close_soon(self._idle.pop())
        while self._hand_over(None):
            pass
        await asyncio.gather(*self._closing)

    def stats(self) -> PoolStats:
        """Return the counts so far."""
        return PoolStats(
            name=self.name,
            size=self._open,
            in_use=self.in_use,
            waiting=self._waiting(),
            prepared=self._prepared,
            acquired=self._acquired,
            waits=self._waits,
            wait_sum_s=self._wait_sum_s,
            wait_max_s=self._wait_max_s,
            timeouts=self._timeouts,
            connects=self._connects,
            connect_errors=self._connect_errors,
        )

    async def _acquire_slowly(self) -> Connection:
        asked = perf_counter()
        deadline = asked + self._acquire_timeout_s
        connection: Connection | None = None
        while connection is None:  # None from _queue means: a slot became free, connect yourself
            if self._closed:
                raise Unavailable(f"the pool {self.name} is closed")
            connection = await (self._connect(deadline) if self._open < self._size else self._queue(deadline))
        waited_s = perf_counter() - asked
        self.in_use += 1
        self._acquired += 1
        self._waits += 1
        self._wait_sum_s += waited_s
        self._wait_max_s = max(self._wait_max_s, waited_s)
        return connection

    async def _queue(self, deadline: float) -> Connection | None:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Connection | None] = loop.create_future()
        timer = loop.call_later(deadline - perf_counter(), self._give_up, waiter)
        self._waiters.append(waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())  # handed over in the very moment of the cancellation
            raise
        finally:
            timer.cancel()

    def _give_up(self, waiter: "asyncio.Future[Connection | None]") -> None:
        if waiter.done():
            return
        self._timeouts += 1
        waiter.set_exception(
            AcquireTimeout(
                f"no connection of the pool {self.name} became free in {self._acquire_timeout_s:g} s",
                detail=f"{self.in_use} of {self._size} are in use, {self._waiting()} callers wait",
                hint="raise pool_size, or shorten what holds a connection",
            )
        )

    def _waiting(self) -> int:
        return sum(not waiter.done() for waiter in self._waiters)

    def _pass_on(self, connection: Connection | None) -> None:
        if not self._hand_over(connection) and connection is not None:
            self._idle.append(connection)

    def _hand_over(self, connection: Connection | None) -> bool:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    async def _connect(self, deadline: float) -> Connection:
        self._open += 1
        try:
            async with asyncio.timeout(deadline - perf_counter()):
                connection = await self._connect_found_out()
        except TimeoutError as error:
            self._connect_failed()
            raise Unavailable(f"{self.name} took no connection in {self._acquire_timeout_s:g} s") from error
        except DRIVER_ERRORS as error:
            self._connect_failed()
            ours = translate(error)
            raise Unavailable(f"{self.name} took no connection: {ours.message}", hint=ours.hint) from error
        except BaseException:
            self._forget()
            raise
        self._connects += 1
        return connection

    def _connect_failed(self) -> None:
        self._connect_errors += 1
        self._forget()

    async def _connect_found_out(self) -> Connection:
        if self._prepared is False:
            return await self._connect_once(statements=0)
        connection = await self._connect_once(statements=STATEMENT_CACHE)
        if self._prepared is None:
            self._prepared = await survive(connection)
            if not self._prepared:
                await connection.close(timeout=CLOSE_TIMEOUT_S)
                return await self._connect_once(statements=0)
        return connection

    async def _connect_once(self, *, statements: int) -> Connection:
        return await asyncpg.connect(
            self._url,
            timeout=self._acquire_timeout_s,
            command_timeout=self._statement_timeout_s,
            statement_cache_size=statements,
        )

    def _forget(self) -> None:
        self._open -= 1
        self._hand_over(None)

    def _close_soon(self, connection: Connection) -> None:
        task = asyncio.get_running_loop().create_task(self._close(connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, connection: Connection) -> None:
        try:
            await connection.close(timeout=CLOSE_TIMEOUT_S)
        except DRIVER_ERRORS:
            connection.terminate()
        finally:
            self._forget()
