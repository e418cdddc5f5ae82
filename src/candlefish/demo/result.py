"""Everything that `candlefish demo` measured: frozen, with no behaviour beyond sums that readers need."""

from dataclasses import dataclass

from candlefish.bench.result import Probe, Run
from candlefish.results import Verdict


@dataclass(frozen=True, slots=True)
class Timed:
    """One named step and the seconds it took."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OnlineOptimisation:
    """The optimisation applied while the load ran: its steps, and what the load saw of it."""

    seconds: float
    steps: tuple[Timed, ...]
    rate: float
    requests: int
    errors: int
    error_kinds: tuple[tuple[str, int], ...]
    longest_ms: float


@dataclass(frozen=True, slots=True)
class ConnectionFigures:
    """The most connections seen at one moment: on any server, and for each PgBouncer database.

    `pool_wait_ms` and `pooler_wait_ms` are what a request waited for a connection on average at R: in the client's own
    pools, and in PgBouncer's queue by PgBouncer's account. `round_trip_ms` is a `select 1` through both, which contains
    the wait and so bounds it from above.
    """

    server_max: int
    server_limit: int
    pooled_max: tuple[tuple[str, int], ...]
    before_server_max: int
    pool_wait_ms: float
    pooler_wait_ms: float
    round_trip_ms: float


@dataclass(frozen=True, slots=True)
class CacheFigures:
    """What the cache did in the After runs; ratios go from 0 to 1."""

    hit_ratio: float
    ceiling_ratio: float
    cacheable_keys: int
    cached_reads: int
    distinct_keys: int
    memory_ratio: float
    memory_bytes: int
    maxmemory_bytes: int
    evictions_per_minute: float
    ops_per_second: float


@dataclass(frozen=True, slots=True)
class LagFigures:
    """Replica lag in seconds over the After runs."""

    max_s: float
    mean_s: float
    samples: int


@dataclass(frozen=True, slots=True)
class IndexUse:
    """One index of the optimisation: scans summed over every server and every partition."""

    name: str
    table: str
    kind: str
    scans: int
    serves: str = ""


@dataclass(frozen=True, slots=True)
class AblationRow:
    """One combination of the four parts at the same rate R."""

    name: str
    parts: tuple[str, ...]
    run: Run


@dataclass(frozen=True, slots=True)
class Dataset:
    """The data that both sides worked on."""

    scale: float
    seed: int
    rows: int
    size_bytes: int
    load_seconds: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The machine and the engines that the figures were measured on."""

    measured_at: str
    cores: int
    memory_bytes: int
    system: str
    engines: tuple[tuple[str, str], ...]
    tier: str
    light: bool
    load_average: float


@dataclass(frozen=True, slots=True)
class DemoResult:
    """One whole demo. `rate` is R, the highest rate that Before sustained.

    `rate_confirmed` is False when no rate held for the whole length before the search's time was over.
    """

    surroundings: Surroundings
    dataset: Dataset
    rate: float
    rate_confirmed: bool
    probes: tuple[Probe, ...]
    before: Run
    optimisation: OnlineOptimisation
    warm_up: Run
    after: Run
    after_10x: Run
    connections: ConnectionFigures
    cache: CacheFigures
    lag: LagFigures | None
    indexes: tuple[IndexUse, ...]
    objectives: tuple[Verdict, ...]
    phases: tuple[Timed, ...]
    ablation: tuple[AblationRow, ...] = ()
    scripts: Run | None = None

    @property
    def all_met(self) -> bool:
        """Tell whether every objective that was measured is met."""
        return all(verdict.met for verdict in self.objectives)
