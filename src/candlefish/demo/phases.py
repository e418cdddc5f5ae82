"""The phases of the demo: what each may take, and what each took."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from candlefish.demo.result import Timed

Step = Callable[[str], None]

WARM_UP_S = 12.0
"""Length of the run at 10 R that fills the empty cache; long enough for each popular key to be asked for once."""

MEASURE_S = 20.0
"""Length of After's runs, at R and at 10 R, where `--seconds` does not say otherwise."""

SUSTAIN_S = 30.0
"""Length of Before's run at R: the issue's definition of a rate that is sustained."""

SETTLE_S = 20.0
"""The longest wait for the replicas to replay what the load or the optimisation wrote."""

CACHE_OPS_S = 4.0
"""Length of redis-benchmark."""


class Clock:
    """Names the phases as they pass and keeps how long each took."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.passed: list[Timed] = []

    @contextmanager
    def phase(self, name: str, what: str) -> Iterator[None]:
        """Announce a phase, and note the seconds it took under its short name."""
        self.step(what)
        start = time.monotonic()
        yield
        self.passed.append(Timed(name, round(time.monotonic() - start, 2)))
