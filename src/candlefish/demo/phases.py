"""The phases of the demo: what each may take, what each took, and how they are told while they go on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from candlefish.bench.load import Progress
from candlefish.demo.result import Timed

MEASURE_S = 20.0
"""Length of After's runs, at R and at 10 R, where `--seconds` does not say otherwise."""

SUSTAIN_S = 30.0
"""Length of Before's run at R: a rate counts as sustained when it holds this long."""

SEARCH_BUDGET_S = 105.0
"""What the search for R may take in all: four short steps, and the whole length twice where the first does not hold."""

WARM_UP_S = 20.0
"""Length of the run at 10 R that fills the empty cache: long enough to ask for every key but the rarest."""

SETTLE_S = 20.0
"""The longest wait for the replicas to replay what the load or the optimisation wrote."""

CACHE_OPS_S = 4.0
"""How long redis-benchmark runs."""

CACHE_OPS_LIMIT_S = 60.0
"""The load beside redis-benchmark ends with it; this is only its limit."""

IN_TIME_S = 1.0
"""A request is in time when it is answered within a second of the moment at which it was meant to start."""

PART_S, PART_WARM_UP_S = 10.0, 5.0
"""Length of each run of the ablation, and of what goes before it."""


class Narrator(Protocol):
    """Who tells the reader how far the demo is."""

    def step(self, text: str) -> None:
        """Tell something that stays on the screen."""

    def tick(self, text: str) -> None:
        """Tell something that the next call replaces."""


class Clock:
    """Names the phases as they pass, and keeps how long each took."""

    def __init__(self, narrator: Narrator) -> None:
        self.narrator = narrator
        self.passed: list[Timed] = []

    @contextmanager
    def phase(self, name: str, what: str) -> Iterator[None]:
        """Announce a phase, and note the seconds it took under its short name."""
        self.narrator.step(what)
        start = time.monotonic()
        yield
        self.passed.append(Timed(name, round(time.monotonic() - start, 2)))

    def tick(self, progress: Progress) -> None:
        """Tell how far a run of the load generator is."""
        lookups = progress.hits + progress.misses
        parts = [f"{progress.seconds:.0f} s", f"{progress.served:,} answered", f"{progress.in_flight} in flight"]
        parts += [f"{progress.errors} failed"] if progress.errors else []
        parts += [f"hit ratio {progress.hits / lookups:.0%}"] if lookups else []
        self.narrator.tick(", ".join(parts))
