"""Looks at the tier from the side while a run goes on: connections, the pooler's queue, lag, the cache."""

import contextlib
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import psycopg

from candlefish.engines import databases, pgbouncer, redis
from candlefish.engines.tier import Tier
from candlefish.errors import EngineError

SAMPLE_S = 0.5
"""Seconds between two looks; each costs a few milliseconds of processor time."""

NOTHING_SEEN_S = 4 * SAMPLE_S
"""A run longer than this without a single look has nothing to judge."""

_CLIENTS = """
select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()
"""

_LAG = "select coalesce(extract(epoch from max(replay_lag)), 0)::float8 from pg_stat_replication"


@dataclass(slots=True)
class Samples:
    """What was seen between start and stop; `pooled_max` is by PgBouncer database."""

    server_max: int = 0
    pooled_max: dict[str, int] = field(default_factory=dict)
    lag_s: list[float] = field(default_factory=list)
    memory_bytes: int = 0
    evicted_keys: int = 0
    pooler_wait_s: float = 0.0
    pooled_requests: int = 0
    seconds: float = 0.0

    @property
    def evictions_per_minute(self) -> float:
        """Return the evictions that one minute would have seen."""
        return self.evicted_keys / self.seconds * 60 if self.seconds else 0.0

    @property
    def pooler_wait_ms(self) -> float:
        """Return how long a request waited in the pooler's queue, on average."""
        return self.pooler_wait_s / self.pooled_requests * 1000 if self.pooled_requests else 0.0

    def __add__(self, other: "Samples") -> "Samples":
        """Return what two samplings saw together, one after the other."""
        names = {**self.pooled_max, **other.pooled_max}
        most = {name: max(self.pooled_max.get(name, 0), other.pooled_max.get(name, 0)) for name in names}
        return Samples(
            server_max=max(self.server_max, other.server_max),
            pooled_max=most,
            lag_s=self.lag_s + other.lag_s,
            memory_bytes=max(self.memory_bytes, other.memory_bytes),
            evicted_keys=self.evicted_keys + other.evicted_keys,
            pooler_wait_s=self.pooler_wait_s + other.pooler_wait_s,
            pooled_requests=self.pooled_requests + other.pooled_requests,
            seconds=self.seconds + other.seconds,
        )


class Sampler:
    """Look at the tier twice a second: `with Sampler(tier) as sampler: ...`, then `sampler.samples`."""

    def __init__(self, tier: Tier) -> None:
        self.samples = Samples()
        self._tier = tier
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="sampler", daemon=True)

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._totals = _pooler_totals(self._tier)
        self._evicted = _evicted(self._tier)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        wait_s, requests = _pooler_totals(self._tier)
        self.samples.pooler_wait_s = wait_s - self._totals[0]
        self.samples.pooled_requests = requests - self._totals[1]
        self.samples.evicted_keys = max(0, _evicted(self._tier) - self._evicted)
        self.samples.seconds = time.monotonic() - self._began
        if kind is None and not self.samples.lag_s and self.samples.seconds > NOTHING_SEEN_S:
            raise EngineError(
                f"the tier could not be looked at once in {self.samples.seconds:.0f} s of measuring",
                detail="connections, lag and the cache's memory would be figures that nobody measured",
                hint="see `candlefish status`, then run the demo again",
            )

    def _watch(self) -> None:
        while not self._stop.wait(SAMPLE_S):
            with contextlib.suppress(psycopg.Error, EngineError):  # a node was away: connect anew
                self._look_until_stopped()

    def _look_until_stopped(self) -> None:
        with ExitStack() as stack:
            nodes = self._tier.plan.postgres.nodes
            links = [stack.enter_context(databases.connect(node, self._tier.secrets)) for node in nodes]
            self._look(links)
            while not self._stop.wait(SAMPLE_S):
                self._look(links)

    def _look(self, links: list["psycopg.Connection[tuple[object, ...]]"]) -> None:
        samples = self.samples
        counts = [_number(link, _CLIENTS) for link in links]
        samples.server_max = max(samples.server_max, *(int(count) for count in counts))
        samples.lag_s.append(max(_number(link, _LAG) for link in links))
        for row in pgbouncer.fetch_console(self._tier, "SHOW DATABASES"):
            name, now = str(row["name"]), int(row["current_connections"])
            samples.pooled_max[name] = max(samples.pooled_max.get(name, 0), now)
        samples.memory_bytes = max(samples.memory_bytes, *_memory(self._tier))


def _number(link: "psycopg.Connection[tuple[object, ...]]", question: Any) -> float:
    row = link.execute(question).fetchone()
    return float(str(row[0])) if row else 0.0


def _pooler_totals(tier: Tier) -> tuple[float, int]:
    """Return the seconds that clients ever waited in the pooler's queue, and their transactions."""
    rows = pgbouncer.fetch_console(tier, "SHOW STATS_TOTALS")
    return sum(int(row["wait_time"]) for row in rows) / 1e6, sum(int(row["xact_count"]) for row in rows)


def _redis_infos(tier: Tier) -> list[Mapping[str, Any]]:
    found = (redis.fetch_info(node, tier.secrets.redis) for node in tier.plan.redis.nodes)
    return [info for info in found if info]


def _memory(tier: Tier) -> list[int]:
    return [int(info["used_memory"]) for info in _redis_infos(tier)] or [0]


def _evicted(tier: Tier) -> int:
    return sum(int(info["evicted_keys"]) for info in _redis_infos(tier) if info.get("role") == "master")
