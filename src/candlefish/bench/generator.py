"""The load generator: worker processes that stay from run to run, and the parent that orders and collects."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from os import getpid
from threading import Thread
from time import monotonic
from types import TracebackType
from typing import Any, Self

from candlefish.bench.ceiling import KeyEvent, perfect_cache
from candlefish.bench.cpu import CpuMeter
from candlefish.bench.load import Load, Progress, Share
from candlefish.bench.merge import merge_run
from candlefish.bench.recorder import WorkerPart
from candlefish.bench.result import CpuShare, Run
from candlefish.bench.target import Target
from candlefish.bench.worker import Answer, Failure, Order, load_operations, work
from candlefish.errors import EngineError, UsageError

OnProgress = Callable[[Progress], None]

ANSWER_TIMEOUT_S = 60.0
"""How long a worker may take to start, to open a target, or to hand in its part."""

HEAD_START_S = 0.1
"""The time between the order and the first request, so that all workers begin together."""

LOOK_EVERY_S = 0.05
"""How often the collector looks whether the processors are to be read."""


class LoadGenerator:
    """Run loads from several processes; use it with `with`.

    `operations` is the import path of a workload, `settings` what its function is given. `cpu_roots` are the processes
    (supervisord's pid) whose programs the CPU account tells apart; without them, all programs of the machine are.
    """

    def __init__(
        self,
        operations: str,
        *,
        settings: Mapping[str, Any] | None = None,
        processes: int = 2,
        cpu_roots: Sequence[int] = (),
    ) -> None:
        self._path = operations
        self._settings = dict(settings or {})
        self._operations = [(one.name, one.kind) for one in load_operations(operations, self._settings)]
        self._processes = processes
        self._cpu_roots = tuple(cpu_roots)
        self._workers: list[BaseProcess] = []
        self._pipes: list[Connection] = []
        self._runs = 0
        self._known_keys: dict[int, float] = {}
        self._running: _Running | None = None

    def __enter__(self) -> Self:
        context = get_context("spawn")
        for number in range(self._processes):
            ours, theirs = context.Pipe()
            worker = context.Process(
                target=work, args=(theirs, self._path, self._settings), name=f"load-{number}", daemon=True
            )
            worker.start()
            theirs.close()
            self._workers.append(worker)
            self._pipes.append(ours)
        try:
            self._await_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the workers."""
        if self._running is not None:
            self.stop()
            self._running.join()
            self._running = None
        for pipe in self._pipes:
            pipe.close()
        for worker in self._workers:
            worker.join(timeout=5)
            if worker.is_alive():
                worker.kill()
                worker.join()
        self._pipes, self._workers = [], []

    def run(self, target: Target, load: Load, on_progress: OnProgress | None = None) -> Run:
        """Run a load against a target and return what was measured; raise EngineError when a worker cannot."""
        self.start(target, load, on_progress)
        return self.wait()

    def start(self, target: Target, load: Load, on_progress: OnProgress | None = None) -> None:
        """Begin a run and return; `on_progress` is called about four times a second, from another thread."""
        if self._running is not None:
            raise UsageError("the load generator is already running a load")
        self._order(target)
        self._await_ready()
        self._runs += 1
        seed = self._runs if load.seed is None else load.seed
        start_at = monotonic() + HEAD_START_S
        shares = [Share(load, worker, self._processes, seed, start_at) for worker in range(self._processes)]
        for pipe, share in zip(self._pipes, shares, strict=True):
            pipe.send(share)
        meter = CpuMeter([getpid(), *(worker.pid or 0 for worker in self._workers)], self._cpu_roots)
        self._running = _Running(shares[0], target, self._pipes, meter, on_progress)
        self._running.start()

    def stop(self) -> None:
        """End the running load early; `wait` then returns what was measured until now."""
        self._order("stop")

    def wait(self) -> Run:
        """Return the run that `start` began, when it is over."""
        running = self._running
        if running is None:
            raise UsageError("the load generator runs no load")
        running.join()
        self._running = None
        if running.failure is not None:
            raise _as_error(running.failure)
        return self._merge(running)

    def forget_cache(self) -> None:
        """Begin the ceiling of the hit ratio anew, because the cache was emptied."""
        self._known_keys.clear()

    def _merge(self, running: "_Running") -> Run:
        share, parts = running.share, running.parts
        events: list[KeyEvent] = [event for part in parts for event in part.key_events]
        ended_at = max(part.ended_at for part in parts)
        return merge_run(
            share.load,
            self._operations,
            parts,
            seconds=max(0.0, min(share.end_at, ended_at) - share.measure_from),
            cpu=running.cpu,
            ceiling=perfect_cache(events, self._known_keys, ttl_s=running.target.ttl_s, since=share.measure_from),
        )

    def _order(self, order: Order) -> None:
        for pipe in self._pipes:
            pipe.send(order)

    def _await_ready(self) -> None:
        answers = [_receive(pipe) for pipe in self._pipes]
        for answer in answers:
            if isinstance(answer, Failure):
                raise _as_error(answer)


class _Running(Thread):
    """Collect what the workers send during one run, and measure the processors meanwhile."""

    def __init__(
        self,
        share: Share,
        target: Target,
        pipes: Sequence[Connection],
        meter: CpuMeter,
        on_progress: OnProgress | None,
    ) -> None:
        super().__init__(name="load-collector", daemon=True)
        self.share = share
        self.target = target
        self.parts: list[WorkerPart] = []
        self.failure: Failure | None = None
        self.cpu: tuple[CpuShare, ...] = ()
        self._waiting = list(pipes)
        self._meter = meter
        self._metering = False
        self._on_progress = on_progress
        self._progress: dict[int, Progress] = {}

    def run(self) -> None:
        """Collect until every worker has handed in its part, or has failed."""
        give_up_at = self.share.end_at + self.share.load.drain_s + ANSWER_TIMEOUT_S
        while self._waiting and monotonic() < give_up_at:
            for pipe in wait(self._waiting, timeout=LOOK_EVERY_S):
                assert isinstance(pipe, Connection)
                self._take(pipe, _receive(pipe))
            self._measure_processors()
        if self._waiting:
            self.failure = Failure("a load worker did not end in time")

    def _measure_processors(self) -> None:
        now = monotonic()
        if not self._metering and not self.cpu and now >= self.share.measure_from:
            self._meter.start()
            self._metering = True
        if self._metering and (now >= self.share.end_at or self.parts):
            self.cpu = self._meter.stop()
            self._metering = False

    def _take(self, pipe: Connection, answer: Answer) -> None:
        if isinstance(answer, Progress):
            self._progress[pipe.fileno()] = answer
            if self._on_progress is not None:
                self._on_progress(_sum(self._progress.values()))
            return
        self._waiting.remove(pipe)
        if isinstance(answer, WorkerPart):
            self.parts.append(answer)
        elif isinstance(answer, Failure):
            self.failure = answer


def _receive(pipe: Connection) -> Answer:
    try:
        if not pipe.poll(ANSWER_TIMEOUT_S):
            return Failure(f"a load worker gave no answer in {ANSWER_TIMEOUT_S:g} s")
        answer: Answer = pipe.recv()
    except (EOFError, OSError):
        return Failure("a load worker died", detail="what it wrote last stands on stderr")
    return answer


def _as_error(failure: Failure) -> EngineError:
    return EngineError(failure.message, detail=failure.detail, hint=failure.hint)


def _sum(parts: Iterable[Progress]) -> Progress:
    every = tuple(parts)
    return Progress(
        seconds=max(part.seconds for part in every),
        served=sum(part.served for part in every),
        errors=sum(part.errors for part in every),
        in_flight=sum(part.in_flight for part in every),
        hits=sum(part.hits for part in every),
        misses=sum(part.misses for part in every),
    )
