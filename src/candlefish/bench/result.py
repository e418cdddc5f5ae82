"""What a measured run gives back: frozen, the same for the load generator and for pgbench."""

from dataclasses import astuple, dataclass, field
from typing import Literal, Self

Kind = Literal["read", "write"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """Latencies in milliseconds; `curve` holds (percentile, ms) pairs from low to high."""

    count: int
    mean_ms: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    curve: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class OperationFigures:
    """One operation of the workload in one run; `hits` of its `requests` were answered by the cache alone."""

    name: str
    kind: Kind
    requests: int
    errors: int
    hits: int
    latency: Distribution
    error_kinds: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Second:
    """One second of a run, warm-up included: what was answered, what the cache did, what still waited at its end."""

    at: float
    served: int
    hits: int
    misses: int
    queue: int


@dataclass(frozen=True, slots=True)
class CpuShare:
    """The processors that one program kept busy on average (2.0 is two whole cores)."""

    program: str
    cores: float


@dataclass(frozen=True, slots=True)
class PoolWaits:
    """The client's own pools of one name, summed over the workers, since the target was opened."""

    name: str
    acquired: int
    waits: int
    wait_mean_ms: float
    wait_max_ms: float
    prepared: bool | None


@dataclass(frozen=True, slots=True)
class ClientUse:
    """What the client did in one run, over all workers; PoolStats, ReplicaStats and CacheStats say what is counted."""

    replica_reads: int = 0
    replicas_behind: int = 0
    retries: int = 0
    loads: int = 0
    joined: int = 0
    waits: int = 0
    stale: int = 0
    early: int = 0
    refused_fills: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Self) -> Self:
        return type(self)(*(mine - theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Run:
    """One measured run at one arrival rate (requests a second; 0 for a closed loop).

    Latencies run from the moment at which a request was meant to start, so that a stall counts for everyone who would
    have come meanwhile. `requests` counts all that were meant to start after the warm-up; `errors` of them failed or
    were unfinished at the end (both are in the distributions, with the time they took). `queue_max` and `queue_end`
    count requests in flight, at the worst moment and at the end of the window. `late_start` is the generator's own
    delay. `ceiling_ratio` is the hit ratio that a perfect cache could have reached (None where no cache was asked).
    """

    label: str
    rate: float
    seconds: float
    requests: int
    errors: int
    error_kinds: tuple[tuple[str, int], ...]
    in_time_ratio: float
    queue_max: int
    queue_end: int
    everything: Distribution
    reads: Distribution
    writes: Distribution
    connection_wait: Distribution
    cached: Distribution | None
    operations: tuple[OperationFigures, ...]
    timeline: tuple[Second, ...]
    cpu: tuple[CpuShare, ...]
    hits: int = 0
    misses: int = 0
    error_examples: tuple[str, ...] = ()
    in_time_s: float = 0.0
    warm_up_seconds: float = 0.0
    workers: int = 0
    late_start: Distribution | None = None
    pools: tuple[PoolWaits, ...] = ()
    cache_errors: int = 0
    client: ClientUse = field(default_factory=ClientUse)
    distinct_keys: int = 0
    ceiling_ratio: float | None = None

    @property
    def served_rate(self) -> float:
        """Return the answered requests a second, failed ones left out."""
        return (self.requests - self.errors) / self.seconds if self.seconds else 0.0

    @property
    def hit_ratio(self) -> float | None:
        """Return hits over lookups (0 to 1), or None where no cache was asked."""
        lookups = self.hits + self.misses
        return self.hits / lookups if lookups else None


@dataclass(frozen=True, slots=True)
class Probe:
    """One step of the search for the sustained rate: a rate, and whether it was sustained."""

    rate: float
    seconds: float
    sustained: bool
    in_time_ratio: float
    queue_end: int
    p99_ms: float
