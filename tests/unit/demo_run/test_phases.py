"""How the demo tells what it does."""

from candlefish.bench.load import Progress
from candlefish.demo.measuring import Lengths
from candlefish.demo.phases import Clock
from candlefish.demo.sampler import Samples


class Told:
    def __init__(self) -> None:
        self.steps: list[str] = []
        self.ticks: list[str] = []

    def step(self, text: str) -> None:
        self.steps.append(text)

    def tick(self, text: str) -> None:
        self.ticks.append(text)


def test_a_phase_is_announced_and_timed() -> None:
    told = Told()
    clock = Clock(told)
    with clock.phase("load", "loading"):
        assert told.steps == ["loading"]
    assert [phase.name for phase in clock.passed] == ["load"]


def test_a_tick_tells_failures_and_hits_only_where_there_are_any() -> None:
    told = Told()
    clock = Clock(told)
    clock.tick(Progress(seconds=3.2, served=1200, in_flight=4))
    clock.tick(Progress(seconds=4.0, served=10, errors=2, in_flight=1, hits=9, misses=1))
    assert told.ticks == [
        "3 s, 1,200 answered, 4 in flight",
        "4 s, 10 answered, 1 in flight, 2 failed, hit ratio 90%",
    ]


def test_a_short_demo_is_short_throughout() -> None:
    short = Lengths().scaled(0.1)
    assert short.measure_s == Lengths().measure_s / 10
    assert short.search_s == Lengths().search_s / 10


def test_two_samplings_add_up() -> None:
    first = Samples(
        server_max=9, pooled_max={"a": 3, "b": 1}, lag_s=[0.1], evicted_keys=2, pooler_wait_s=0.5, seconds=30
    )
    second = Samples(server_max=5, pooled_max={"a": 4}, lag_s=[0.3], evicted_keys=1, pooled_requests=1000, seconds=60)
    both = first + second
    assert both.server_max == 9
    assert both.pooled_max == {"a": 4, "b": 1}
    assert both.lag_s == [0.1, 0.3]
    assert both.evictions_per_minute == 2
    assert both.pooler_wait_ms == 0.5
