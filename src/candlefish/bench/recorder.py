"""What a worker writes down while it works: cheap appends, turned into histograms only when the run is over."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from time import monotonic

from candlefish.bench.ceiling import FORGET, LOOKUP, KeyEvent
from candlefish.bench.load import Progress, Share
from candlefish.bench.result import ClientUse, Second
from candlefish.bench.sessions import TargetSession
from candlefish.bench.stats import Latencies
from candlefish.bench.workload import Operation
from candlefish.client.stats import PoolStats

EXAMPLES = 10
"""One message is kept for each kind of error, of so many kinds."""

Encoded = tuple[str, int]


@dataclass(frozen=True, slots=True)
class OperationPart:
    """One operation as one worker saw it."""

    latency: Encoded
    errors: dict[str, int]
    hits: int


@dataclass(frozen=True, slots=True)
class WorkerPart:
    """One worker's part of a run, as it travels to the parent."""

    operations: tuple[OperationPart, ...]
    cached: Encoded
    connection_wait: Encoded
    late_start: Encoded
    in_time: int
    hits: int
    misses: int
    queue_max: int
    queue_end: int
    ended_at: float
    timeline: dict[int, Second]
    key_events: list[KeyEvent]
    error_examples: dict[str, str]
    cache_errors: int
    pools: tuple[PoolStats, ...]
    client: ClientUse


class Recorder:
    """Write down what happens to each request of one worker in one run."""

    def __init__(self, operations: Sequence[Operation], share: Share) -> None:
        self.in_flight = 0
        self.queue_max = 0
        self.queue_end = 0
        self.ended_at = share.end_at
        self._share = share
        self._latency_us = [array("q") for _ in operations]
        self._errors: list[Counter[str]] = [Counter() for _ in operations]
        self._from_cache = [0] * len(operations)
        self._cached_us = array("q")
        self._wait_us = array("q")
        self._late_us = array("q")
        self._in_time = self._hits = self._misses = 0
        self._served = self._failed = self._all_hits = self._all_misses = 0
        self._timeline: dict[int, list[int]] = {}
        self._key_events: list[KeyEvent] = []
        self._examples: dict[str, str] = {}

    def started(self, intended: float) -> None:
        """Note that a request was sent on its way, as late as it is."""
        self.in_flight += 1
        self.queue_max = max(self.queue_max, self.in_flight)
        if intended >= self._share.measure_from:
            self._late_us.append(_us(monotonic() - intended))

    def finished(self, index: int, intended: float, session: TargetSession, error: str) -> None:
        """Note the answer to a request; `error` is empty when it succeeded."""
        now = monotonic()
        self.in_flight -= 1
        hits, misses = self._note_lookups(session)
        second = self._second(now)
        second[0] += not error
        second[1] += hits
        second[2] += misses
        self._served += not error
        self._failed += bool(error)
        if intended < self._share.measure_from:
            return
        latency_s = now - intended
        self._latency_us[index].append(_us(latency_s))
        self._hits += hits
        self._misses += misses
        self._wait_us.extend(map(_us, session.connection_waits))
        if error:
            self._errors[index][error] += 1
            return
        self._in_time += latency_s <= self._share.load.in_time_s
        if session.from_cache:
            self._from_cache[index] += 1
            self._cached_us.append(_us(latency_s))

    def probed(self, asked: float, session: TargetSession) -> None:
        """Note a probe of the wait for a connection."""
        if asked >= self._share.measure_from:
            self._wait_us.extend(map(_us, session.connection_waits))

    def shed(self, index: int, intended: float) -> None:
        """Note a request that was not even sent."""
        self._failed += 1
        if intended >= self._share.measure_from:
            self._latency_us[index].append(_us(monotonic() - intended))
            self._errors[index]["shed"] += 1

    def example(self, kind: str, message: str) -> None:
        """Keep the first message of each kind of error."""
        if len(self._examples) < EXAMPLES:
            self._examples.setdefault(kind, message)

    def window_ended(self) -> None:
        """Note what is still in flight when the last request has been sent."""
        self.queue_end = self.in_flight
        self.ended_at = monotonic()

    def tick(self) -> None:
        """Note what is in flight at this moment of the timeline."""
        self._second(monotonic())[3] = self.in_flight

    def progress(self) -> Progress:
        """Return the counts so far, warm-up included."""
        seconds = monotonic() - self._share.start_at
        return Progress(seconds, self._served, self._failed, self.in_flight, self._all_hits, self._all_misses)

    def part(self, *, cache_errors: int, pools: tuple[PoolStats, ...], client: ClientUse) -> WorkerPart:
        """Return everything, as histograms."""
        operations = zip(self._latency_us, self._errors, self._from_cache, strict=True)
        return WorkerPart(
            operations=tuple(OperationPart(_encoded(us), dict(errors), hits) for us, errors, hits in operations),
            cached=_encoded(self._cached_us),
            connection_wait=_encoded(self._wait_us),
            late_start=_encoded(self._late_us),
            in_time=self._in_time,
            hits=self._hits,
            misses=self._misses,
            queue_max=self.queue_max,
            queue_end=self.queue_end,
            ended_at=self.ended_at,
            timeline={at: Second(float(at), *counts) for at, counts in self._timeline.items()},
            key_events=self._key_events,
            error_examples=self._examples,
            cache_errors=cache_errors,
            pools=pools,
            client=client,
        )

    def _second(self, now: float) -> list[int]:
        return self._timeline.setdefault(max(0, int(now - self._share.start_at)), [0, 0, 0, 0])

    def _note_lookups(self, session: TargetSession) -> tuple[int, int]:
        hits = sum(hit for _, _, hit in session.lookups)
        misses = len(session.lookups) - hits
        self._all_hits += hits
        self._all_misses += misses
        self._key_events.extend((at, _key_hash(key), LOOKUP) for at, key, _ in session.lookups)
        self._key_events.extend((at, _key_hash(key), FORGET) for at, key in session.forgotten)
        return hits, misses


def _us(seconds: float) -> int:
    return int(seconds * 1_000_000)


def _key_hash(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little")  # equal in every process


def _encoded(values_us: Iterable[int]) -> Encoded:
    latencies = Latencies()
    latencies.record_us(values_us)
    return latencies.encode()
