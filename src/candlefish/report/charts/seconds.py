"""The whole seconds of a run's measured window, counted from its begin."""

from dataclasses import replace

from candlefish.bench.result import Run, Second


def measured_seconds(run: Run) -> tuple[Second, ...]:
    """Leave out the run's own warm-up and the last second, which is not a whole one."""
    first, last = run.warm_up_seconds, run.warm_up_seconds + run.seconds
    inside = (second for second in run.timeline if first <= second.at and second.at + 1 <= last + 0.5)
    return tuple(replace(second, at=second.at - first) for second in inside)
