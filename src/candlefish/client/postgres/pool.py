"""A pool of connections to one endpoint: bounded, first come first served, and without a task for each acquisition.

asyncpg's own pool makes two tasks and one extra round trip (RESET ALL and others) for each acquisition with a timeout.
Here a free connection is taken without waiting. Nothing is reset: a connection that was left inside a transaction, or
in the middle of a statement, is closed instead, and session state belongs to `Database.session()`.
"""

import asyncio
from random import uniform
from time import perf_counter
from weakref import WeakSet

from candlefish.client.postgres.connector import Connection, Connector, disconnect
from candlefish.client.postgres.deadlines import Deadlines
from candlefish.client.postgres.url import check_url
from candlefish.client.postgres.waiters import Waiters
from candlefish.client.stats import PoolStats
from candlefish.errors import AcquireTimeout, DatabaseError, TooManyWaiting, Unavailable, UsageError

REOPEN_PAUSE_S = 0.1
"""Before each connection that is opened while the server is away, one after the other: a SCRAM login costs the
pooler and this process about 10 ms each, and callers that try again by the hundred would do nothing else."""


class Pool:
    """Lend out at most `size` connections to one URL; `prepared` None: find out whether prepared statements survive.

    Where it is not `opened` from the beginning, it lends nothing before `open`; none does after `close`.

    While the server is away (the last connection that was opened failed, or the last statement on one was lost) only
    one caller at a time tries it; the others wait for what it finds.
    """

    def __init__(
        self,
        name: str,
        url: str,
        *,
        size: int,
        acquire_timeout_s: float,
        statement_timeout_s: float,
        connect_timeout_s: float = 5.0,
        max_waiting: int = 1000,
        prepared: bool | None = None,
        opened: bool = True,
    ) -> None:
        self.name = name
        self.url = check_url(name, url)
        self.in_use = 0
        self.plan_mark = ""
        self.opened = opened
        self.closed = False
        self.statements = 0
        self.retries = 0
        self.deadlines = Deadlines(statement_timeout_s)
        self._size = size
        self._acquire_timeout_s = acquire_timeout_s
        self._max_waiting = max_waiting
        self._connector = Connector(name, url, timeout_s=connect_timeout_s, prepared=prepared)
        self._idle: list[Connection] = []
        self._connections: WeakSet[Connection] = WeakSet()
        self._waiters: Waiters[Connection | None] = Waiters(self._late, self._pass_on)
        self._open = self._opening = 0
        self._away = False
        self._closing: set[asyncio.Task[None]] = set()
        self._plan_marks = 0
        self._acquired = self._waits = self._timeouts = self._connects = self._connect_errors = self._refused = 0
        self._wait_sum_s = self._wait_max_s = 0.0

    def open(self) -> None:
        """Let connections be taken; the first is opened when it is needed."""
        self.opened = True

    def take(self) -> Connection | None:
        """Take a free connection, or return None: then `acquire` waits for one."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                self.in_use += 1
                self._acquired += 1
                return connection
            self._open -= 1
        return None

    async def acquire(self) -> Connection:
        """Take a connection; raise AcquireTimeout, TooManyWaiting or Unavailable."""
        connection = self.take()
        if connection is not None:
            return connection
        asked = perf_counter()
        until = asked + self._acquire_timeout_s
        while connection is None:  # None from the queue means: a slot became free, connect yourself
            if self.closed or not self.opened:
                raise UsageError(
                    f"this Database is {'closed' if self.closed else 'not open'}",
                    hint="use it inside `async with Database(...) as db:`",
                )
            connection = await (self._connect(until) if self._may_connect() else self._queue(until))
        self.in_use += 1
        self._acquired += 1
        self._note_wait(perf_counter() - asked)
        return connection

    def release(self, connection: Connection, *, clean: bool = True) -> None:
        """Give a connection back; one that is not clean is closed."""
        self.in_use -= 1
        if connection.is_closed():
            self._forget()
        elif self.closed or not clean or connection.is_in_transaction():
            self._close_soon(connection)
        elif not self._waiters.hand_over(connection):
            self._idle.append(connection)
        if self._away and clean:
            self._come_back()

    def note_lost(self) -> None:
        """Treat the server as away until a statement succeeds."""
        self._away = True

    def outdate_plans(self) -> None:
        """Let every later statement be prepared anew, because a table's columns have changed.

        A pooler that follows prepared statements keeps one for each text, so the driver's new one would meet the old
        plan ("cached plan must not change result type") until the server connection ends: hence a new text.
        """
        self._plan_marks += 1
        self.plan_mark = f" /* plans {self._plan_marks} */"

    def cut(self) -> None:
        """Break every connection, the lent ones too: what is under way, and who waits for one, ends as Unavailable."""
        self._waiters.send_away(lambda: Unavailable(f"{self.name} does not answer"))
        for connection in list(self._connections):
            connection.terminate()

    async def close(self) -> None:
        """Close every connection that is not lent out; the others close when they come back."""
        self.closed = True
        while self._idle:
            self._close_soon(self._idle.pop())
        while self._waiters.hand_over(None):
            pass
        self._waiters.close()
        self.deadlines.close()
        await asyncio.gather(*self._closing)

    def stats(self) -> PoolStats:
        """Return the counts so far."""
        return PoolStats(
            name=self.name,
            size=self._open,
            in_use=self.in_use,
            waiting=len(self._waiters),
            prepared=self._connector.prepared,
            acquired=self._acquired,
            waits=self._waits,
            wait_sum_s=self._wait_sum_s,
            wait_max_s=self._wait_max_s,
            timeouts=self._timeouts,
            connects=self._connects,
            connect_errors=self._connect_errors,
            refused=self._refused,
            statements=self.statements,
            retries=self.retries,
        )

    def _may_connect(self) -> bool:
        return self._open < self._size and not (self._away and self._opening)

    async def _connect(self, until: float) -> Connection:
        self._open += 1
        self._opening += 1
        connection = None
        try:
            if self._away:
                await asyncio.sleep(uniform(REOPEN_PAUSE_S / 2, REOPEN_PAUSE_S))
            connection = await self._connector.connect(until - perf_counter())
            self._connections.add(connection)
            self._connects += 1
            return connection
        except Unavailable:
            self._connect_errors += 1
            self._away = True
            raise
        finally:
            self._opening -= 1
            if connection is None:
                self._forget()

    async def _queue(self, until: float) -> Connection | None:
        if len(self._waiters) >= self._max_waiting:
            self._refused += 1
            raise TooManyWaiting(
                f"{len(self._waiters)} callers wait for a connection of the pool {self.name} already",
                hint="shed load, raise pool_size, or raise max_waiting",
            )
        return await self._waiters.wait(until - perf_counter())

    def _late(self) -> DatabaseError:
        if self._away or self.in_use < self._size:
            return Unavailable(f"{self.name} took no connection in {self._acquire_timeout_s:g} s")
        self._timeouts += 1
        return AcquireTimeout(
            f"no connection of the pool {self.name} became free in {self._acquire_timeout_s:g} s",
            detail=f"{self.in_use} of {self._size} are in use, {len(self._waiters)} callers wait",
            hint="raise pool_size, or shorten what holds a connection",
        )

    def _note_wait(self, waited_s: float) -> None:
        self._waits += 1
        self._wait_sum_s += waited_s
        self._wait_max_s = max(self._wait_max_s, waited_s)

    def _come_back(self) -> None:
        self._away = False
        for _ in range(self._size - self._open):
            self._waiters.hand_over(None)

    def _pass_on(self, connection: Connection | None) -> None:
        if not self._waiters.hand_over(connection) and connection is not None:
            self._idle.append(connection)

    def _forget(self) -> None:
        self._open -= 1
        self._waiters.hand_over(None)

    def _close_soon(self, connection: Connection) -> None:
        task = asyncio.get_running_loop().create_task(self._close(connection))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, connection: Connection) -> None:
        try:
            await disconnect(connection)
        finally:
            self._forget()
