"""Find the highest arrival rate that a target sustains: a closed loop guesses, short open loops narrow, one proves."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from candlefish.bench.generator import LoadGenerator
from candlefish.bench.load import ClosedLoop, OpenLoop
from candlefish.bench.result import Probe, Run
from candlefish.bench.target import Target

OnStep = Callable[[str, Probe | None], None]
"""Told what is tried now (None), and then what came of it."""

IN_TIME_RATIO = 0.99
"""The promise: 99 % of the requests are answered in time, the failed ones counted as not answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """How to look: the time in which a request must be answered, and how long each step takes (seconds)."""

    in_time_s: float = 1.0
    clients: int = 8
    guess_s: float = 4.0
    narrow_s: float = 6.0
    confirm_s: float = 30.0
    warm_up_s: float = 1.0
    budget_s: float = 90.0
    close_enough: float = 1.2
    start_share: float = 0.7
    step_down: float = 0.75


@dataclass(frozen=True, slots=True)
class Sustained:
    """The rate (requests a second), every step that led to it, and the run that proved it.

    `confirmed` is False when the budget ended before any run of full length held; `run` is then the last one tried.
    """

    rate: float
    confirmed: bool
    guess_rate: float
    probes: tuple[Probe, ...]
    run: Run


def find_sustained_rate(
    generator: LoadGenerator, target: Target, search: Search = Search(), on_step: OnStep | None = None
) -> Sustained:
    """Return the highest rate found that the target sustains for `confirm_s`: 99 % in time, the queue not growing."""
    return _Finder(generator, target, search, on_step or (lambda text, probe: None)).find()


def is_sustained(run: Run) -> bool:
    """Tell whether a run held its rate: 99 % were answered in time without error, and the queue did not grow."""
    return run.in_time_ratio >= IN_TIME_RATIO and _queue_held(run)


def may_be_sustained(run: Run) -> bool:
    """Tell whether a short run speaks against its rate: of fewer than 100 requests one may come late, as 1 % may."""
    late = run.requests * (1 - run.in_time_ratio)
    return late <= max(1.0, run.requests * (1 - IN_TIME_RATIO)) + 1e-9 and _queue_held(run)


def _queue_held(run: Run) -> bool:
    return run.queue_end <= max(10.0, run.rate * run.in_time_s)


class _Finder:
    def __init__(self, generator: LoadGenerator, target: Target, search: Search, on_step: OnStep) -> None:
        self._generator = generator
        self._target = target
        self._search = search
        self._on_step = on_step
        self._probes: list[Probe] = []
        self._deadline = monotonic() + search.budget_s

    def find(self) -> Sustained:
        guess = self._guess()
        low = self._narrow(guess)
        rate = low
        while True:
            run, confirmed = self._try(rate, self._search.confirm_s, "confirm", is_sustained)
            if confirmed or monotonic() + self._search.confirm_s > self._deadline:
                return Sustained(rate, confirmed, guess, tuple(self._probes), run)
            rate = _tidy(rate * self._search.step_down)

    def _guess(self) -> float:
        search = self._search
        self._on_step(f"closed loop with {search.clients} clients for {search.guess_s:g} s", None)
        load = ClosedLoop(
            label="guess",
            clients=search.clients,
            seconds=search.guess_s,
            warm_up_s=search.warm_up_s,
            in_time_s=search.in_time_s,
        )
        run = self._generator.run(self._target, load)
        return max(run.served_rate, 1.0)

    def _narrow(self, guess: float) -> float:
        """Step up while it holds and down while it does not, until the two are close; return the highest that held."""
        search = self._search
        reserve_s = search.confirm_s + search.narrow_s
        held, failed = 0.0, float("inf")
        rate = _tidy(guess * search.start_share)
        while failed > max(held, 1.0) * search.close_enough and monotonic() + reserve_s < self._deadline:
            if self._try(rate, search.narrow_s, "narrow", may_be_sustained)[1]:
                held = max(held, rate)
                rate = _tidy((held * failed) ** 0.5 if failed < float("inf") else held * search.close_enough)
            else:
                failed = min(failed, rate)
                rate = _tidy((held * failed) ** 0.5 if held else failed * search.step_down)
        return held or rate

    def _try(self, rate: float, seconds: float, label: str, holds: Callable[[Run], bool]) -> tuple[Run, bool]:
        self._on_step(f"{rate:g} requests/s for {seconds:g} s", None)
        load = OpenLoop(
            label=label,
            rate=rate,
            seconds=seconds,
            warm_up_s=self._search.warm_up_s,
            in_time_s=self._search.in_time_s,
        )
        run = self._generator.run(self._target, load)
        probe = Probe(
            rate=rate,
            seconds=seconds,
            sustained=holds(run),
            in_time_ratio=run.in_time_ratio,
            queue_end=run.queue_end,
            p99_ms=run.everything.p99_ms,
        )
        self._probes.append(probe)
        self._on_step(f"{rate:g} requests/s {'held' if probe.sustained else 'did not hold'}", probe)
        return run, probe.sustained


def _tidy(rate: float) -> float:
    """Round to two digits, so that a rate can be read aloud."""
    return max(1.0, float(f"{rate:.2g}"))
