"""One worker process of the load generator: it takes orders from a pipe and answers on it."""

import asyncio
import gc
import signal
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Literal

import uvloop

from candlefish.bench.client_use import read_use
from candlefish.bench.load import Progress, Share
from candlefish.bench.loops import Issuer
from candlefish.bench.recorder import WorkerPart
from candlefish.bench.sessions import OpenTarget, open_target
from candlefish.bench.target import Target
from candlefish.bench.workload import Operation
from candlefish.errors import CandlefishError, UsageError

TICK_S = 0.25
"""How often a worker notes its queue and tells how far it is."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What stopped a worker, as it travels to the parent."""

    message: str
    detail: str = ""
    hint: str = ""


Order = Target | Share | Literal["stop"]
Answer = Literal["ready"] | Progress | WorkerPart | Failure


def load_operations(path: str, settings: Mapping[str, Any]) -> Sequence[Operation]:
    """Import a workload ("package.module:NAME"); raise UsageError when there is none."""
    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"no workload under {path!r}", detail=str(error)) from error
    operations = tuple(found(settings) if callable(found) else found)
    if not operations:
        raise UsageError(f"the workload {path!r} has no operation")
    return operations


def work(pipe: Connection, path: str, settings: Mapping[str, Any]) -> None:
    """Be a worker until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    try:
        operations = load_operations(path, settings)
    except CandlefishError as error:
        pipe.send(Failure(error.message, error.detail, error.hint))
        return
    gc.freeze()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_Worker(pipe, operations).serve())


class _Worker:
    def __init__(self, pipe: Connection, operations: Sequence[Operation]) -> None:
        self._pipe = pipe
        self._operations = operations
        self._opened: OpenTarget | None = None
        self._stack = AsyncExitStack()
        self._issuer: Issuer | None = None
        self._run: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        self._pipe.send("ready")
        async with self._stack:
            while (order := await self._receive()) is not None:
                await self._obey(order)

    async def _receive(self) -> Order | None:
        try:
            order: Order = await asyncio.get_running_loop().run_in_executor(None, self._pipe.recv)
        except (EOFError, OSError):
            return None
        return order

    async def _obey(self, order: Order) -> None:
        if isinstance(order, Target):
            await self._open(order)
        elif isinstance(order, Share):
            self._run = asyncio.get_running_loop().create_task(self._measure(order))
        elif self._issuer is not None:
            self._issuer.stop()

    async def _open(self, target: Target) -> None:
        if self._opened is None or self._opened.target != target:
            self._opened = None
            await self._stack.aclose()
            try:
                self._opened = await self._stack.enter_async_context(open_target(target))
            except CandlefishError as error:
                self._pipe.send(Failure(error.message, error.detail, error.hint))
                return
        self._pipe.send("ready")

    async def _measure(self, share: Share) -> None:
        assert self._opened is not None
        opened = self._opened
        errors_before = opened.cache.stats().errors if opened.cache else 0
        used_before = read_use(opened.database, opened.cache)
        self._issuer = Issuer(self._operations, opened, share)
        ticking = asyncio.get_running_loop().create_task(self._tick(self._issuer))
        try:
            await self._issuer.run()
        finally:
            ticking.cancel()
        recorder, self._issuer = self._issuer.recorder, None
        errors = opened.cache.stats().errors if opened.cache else 0
        pools = opened.database.stats() if opened.database else ()
        used = read_use(opened.database, opened.cache) - used_before
        self._pipe.send(recorder.part(cache_errors=errors - errors_before, pools=pools, client=used))

    async def _tick(self, issuer: Issuer) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            issuer.recorder.tick()
            self._pipe.send(issuer.recorder.progress())
