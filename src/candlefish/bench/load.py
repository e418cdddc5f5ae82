"""What a run is: how many requests, how they arrive, for how long."""

from dataclasses import dataclass

from candlefish.bench.arrivals import Pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the open and the closed loop have in common; what starts within `warm_up_s` is not measured.

    `seed` decides every arrival and every argument: two runs with one seed ask for the very same rows (and so find
    them in a warm cache). None lets the generator number its runs.
    """

    label: str = ""
    seconds: float = 30.0
    warm_up_s: float = 2.0
    in_time_s: float = 1.0
    drain_s: float = 5.0
    seed: int | None = None
    probe_every: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLoop(Load):
    """Start `rate` requests a second whether or not earlier ones were answered, as independent users do.

    Latencies run from the moment at which a request was meant to start. Beyond `max_in_flight` requests (all workers
    together) new ones fail as "shed", so that an overload ends as errors and not as a machine without memory.
    """

    rate: float
    pattern: Pattern = "poisson"
    max_in_flight: int = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLoop(Load):
    """Keep `clients` requests in flight: each client begins its next when it has the answer to its last.

    It finds the most that a target can do; its latencies hide every stall, so they are no promise to anybody.
    """

    clients: int


@dataclass(frozen=True, slots=True)
class Share:
    """One worker's part of a load."""

    load: Load
    worker: int
    workers: int
    seed: int
    start_at: float

    @property
    def measure_from(self) -> float:
        """Return when the warm-up ends (monotonic seconds)."""
        return self.start_at + self.load.warm_up_s

    @property
    def end_at(self) -> float:
        """Return when the last request is meant to start (monotonic seconds)."""
        return self.measure_from + self.load.seconds


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: seconds since its start, requests answered, failed, in flight, lookups that hit and missed."""

    seconds: float = 0.0
    served: int = 0
    errors: int = 0
    in_flight: int = 0
    hits: int = 0
    misses: int = 0
