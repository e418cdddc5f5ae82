"""The two ways in which a worker issues requests: on a schedule (open loop), or one after another (closed loop)."""

import asyncio
from collections.abc import Sequence
from random import Random
from time import monotonic

from candlefish.bench.arrivals import arrival_offsets, operation_indexes, request_seed
from candlefish.bench.load import ClosedLoop, OpenLoop, Share
from candlefish.bench.recorder import Recorder
from candlefish.bench.sessions import CURRENT, OpenTarget, TargetSession
from candlefish.bench.workload import Operation
from candlefish.errors import CandlefishError

BREATH = 100
"""After so many requests launched in a row, those that are under way get their turn."""


class Issuer:
    """Issue one worker's share of a load."""

    def __init__(self, operations: Sequence[Operation], opened: OpenTarget, share: Share) -> None:
        self.recorder = Recorder(operations, share)
        self._operations = operations
        self._opened = opened
        self._share = share
        self._stopped = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._numbers = 0

    def stop(self) -> None:
        """Start no further request."""
        self._stopped = True

    async def run(self) -> None:
        """Issue until the end of the window, then wait for what is under way; cancel what takes too long."""
        load = self._share.load
        await asyncio.sleep(self._share.start_at - monotonic())
        if isinstance(load, OpenLoop):
            await self._issue_open(load)
        elif isinstance(load, ClosedLoop):
            await self._issue_closed(load)
        self.recorder.window_ended()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=load.drain_s)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _issue_open(self, load: OpenLoop) -> None:
        share = self._share
        draws = Random(request_seed(share.seed, share.worker, 0))
        offsets = arrival_offsets(load.rate / share.workers, load.pattern, draws)
        indexes = operation_indexes(self._operations, draws)
        most = max(1, load.max_in_flight // share.workers)
        for launched, (offset, index) in enumerate(zip(offsets, indexes, strict=False)):
            intended = share.start_at + offset
            if intended >= share.end_at or self._stopped:
                return
            if (wait_s := intended - monotonic()) > 0 or launched % BREATH == 0:
                await asyncio.sleep(max(wait_s, 0))
            if self.recorder.in_flight >= most:
                self.recorder.shed(index, intended)
            else:
                self._launch(index, intended)
            if load.probe_every and launched % load.probe_every == 0:
                self._keep(self._probe(index))

    async def _issue_closed(self, load: ClosedLoop) -> None:
        share = self._share
        mine = load.clients // share.workers + (share.worker < load.clients % share.workers)
        clients = [asyncio.ensure_future(self._client(number)) for number in range(mine)]
        if clients:
            await asyncio.wait(clients, timeout=max(0.0, share.end_at - monotonic()))
        self._tasks.update(clients)
        self._stopped = True

    async def _client(self, number: int) -> None:
        share = self._share
        indexes = operation_indexes(self._operations, Random(request_seed(share.seed, share.worker, -1 - number)))
        for index in indexes:
            now = monotonic()
            if now >= share.end_at or self._stopped:
                return
            self.recorder.started(now)
            await self._serve(index, now, self._next_number())

    def _launch(self, index: int, intended: float) -> None:
        self.recorder.started(intended)
        self._keep(self._serve(index, intended, self._next_number()))

    def _keep(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _next_number(self) -> int:
        self._numbers += 1
        return self._numbers

    async def _serve(self, index: int, intended: float, number: int) -> None:
        session = self._opened.new_session()
        CURRENT.set(session)
        error = "unfinished"
        try:
            error = await self._attempt(index, session, number)
        finally:
            self.recorder.finished(index, intended, session, error)
            await session.close()

    async def _attempt(self, index: int, session: TargetSession, number: int) -> str:
        draws = Random(request_seed(self._share.seed, self._share.worker, number))
        try:
            await self._operations[index].run(session, draws)
        except Exception as error:  # noqa: BLE001 - whatever an operation does wrong is counted and shown, by kind
            kind = _kind(error)
            self.recorder.example(kind, f"{self._operations[index].name}: {error}")
            return kind
        return ""

    async def _probe(self, index: int) -> None:
        asked = monotonic()
        session = self._opened.new_session()
        try:
            await session.probe(self._operations[index].kind)
        except CandlefishError as error:
            self.recorder.example(f"probe {_kind(error)}", str(error))
        else:
            self.recorder.probed(asked, session)


def _kind(error: Exception) -> str:
    sqlstate = getattr(error, "sqlstate", "") or getattr(error.__cause__, "sqlstate", "")
    return f"{type(error).__name__} {sqlstate}".rstrip()
