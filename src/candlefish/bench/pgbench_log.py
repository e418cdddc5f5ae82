"""What pgbench writes down for each transaction (`--log`), as histograms. No I/O.

A line is: client, transaction, time (microseconds, or "failed"), script, end (seconds, microseconds), schedule lag.
With --rate the time runs from the moment at which the transaction was due, so a stall is counted for all it delays.
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

from candlefish.bench.result import Distribution, Kind, OperationFigures, Second
from candlefish.bench.stats import Latencies

SKIPPED = ("failed", "skipped", "serialization", "deadlock")
"""What stands in place of a time when a transaction has none."""


class TransactionLog:
    """Add up the lines of all threads; what was due before `measure_from` (epoch seconds) is warm-up."""

    def __init__(self, scripts: Sequence[tuple[str, Kind]], *, started_at: float, measure_from: float) -> None:
        self._scripts = scripts
        self._started_at = started_at
        self._measure_from = measure_from
        self._times_us = [array("q") for _ in scripts]
        self._errors: list[Counter[str]] = [Counter() for _ in scripts]
        self._lag_us = array("q")
        self._served: Counter[int] = Counter()
        self.last_end = started_at

    def read(self, lines: Iterable[str]) -> None:
        """Add one file of the log."""
        for line in lines:
            words = line.split()
            if len(words) >= 6:  # the last line of a program that was killed may be half
                self._add(words)

    def operations(self) -> tuple[OperationFigures, ...]:
        """Return each script's figures."""
        rows = zip(self._scripts, self._times_us, self._errors, strict=True)
        return tuple(
            OperationFigures(
                name=name,
                kind=kind,
                requests=len(times) + errors.total(),
                errors=errors.total(),
                hits=0,
                latency=_distribution([times]),
                error_kinds=tuple(errors.most_common()),
            )
            for (name, kind), times, errors in rows
        )

    def latency(self, kind: Kind | None = None) -> Distribution:
        """Return the latencies of all scripts, or of those of one kind."""
        rows = zip(self._scripts, self._times_us, strict=True)
        return _distribution([times for (_, its_kind), times in rows if kind in (None, its_kind)])

    def schedule_lag(self) -> Distribution:
        """Return by how much transactions began later than they were due (with --rate only)."""
        return _distribution([self._lag_us])

    def timeline(self) -> tuple[Second, ...]:
        """Return the transactions that ended in each second."""
        return tuple(Second(float(at), served, 0, 0, 0) for at, served in sorted(self._served.items()))

    def _add(self, words: Sequence[str]) -> None:
        script = int(words[3])
        ended_at = int(words[4]) + int(words[5]) / 1_000_000
        self.last_end = max(self.last_end, ended_at)
        if words[2] in SKIPPED:
            if ended_at >= self._measure_from:
                self._errors[script][words[2]] += 1
            return
        self._served[max(0, int(ended_at - self._started_at))] += 1
        time_us = int(words[2])
        if ended_at - time_us / 1_000_000 < self._measure_from:
            return
        self._times_us[script].append(time_us)
        if len(words) > 6 and words[6] not in SKIPPED:
            self._lag_us.append(int(words[6]))


def _distribution(columns: Iterable[Iterable[int]]) -> Distribution:
    latencies = Latencies()
    for column in columns:
        latencies.record_us(column)
    return latencies.distribution()
