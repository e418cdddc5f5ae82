from dataclasses import replace

import pytest

from candlefish.bench.result import Distribution, Run
from candlefish.bench.sustained import is_sustained, may_be_sustained

NOTHING = Distribution(0, 0.0, 0.0, 0.0, 0.0, 0.0)
HELD = Run(
    label="", rate=50.0, seconds=30.0, requests=1500, errors=0, error_kinds=(), in_time_ratio=0.995, queue_max=9,
    queue_end=2, everything=NOTHING, reads=NOTHING, writes=NOTHING, connection_wait=NOTHING, cached=None,
    operations=(), timeline=(), cpu=(), in_time_s=1.0,
)  # fmt: skip


def test_a_rate_is_sustained_when_99_percent_are_answered_in_time() -> None:
    assert is_sustained(HELD)
    assert is_sustained(replace(HELD, in_time_ratio=0.99))


@pytest.mark.parametrize("run", [replace(HELD, in_time_ratio=0.989), replace(HELD, queue_end=51)])
def test_a_rate_is_not_sustained_when_answers_come_late_or_the_queue_has_grown(run: Run) -> None:
    assert not is_sustained(run)


def test_one_late_answer_in_a_short_run_speaks_against_nothing() -> None:
    short = replace(HELD, requests=50, in_time_ratio=49 / 50)
    assert may_be_sustained(short)
    assert not is_sustained(short)
    assert not may_be_sustained(replace(short, in_time_ratio=48 / 50))
    assert not may_be_sustained(replace(short, queue_end=51))
