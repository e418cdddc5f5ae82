from collections import Counter
from itertools import islice, pairwise
from random import Random

from candlefish.bench.arrivals import arrival_offsets, operation_indexes, request_seed
from candlefish.bench.trivial import SELECT_ONE


def test_constant_arrivals_are_evenly_spaced() -> None:
    offsets = list(islice(arrival_offsets(200.0, "constant", Random(1)), 1000))
    assert offsets[0] == 0.0
    assert all(abs(later - earlier - 0.005) < 1e-9 for earlier, later in pairwise(offsets))


def test_poisson_arrivals_keep_the_rate_and_come_in_bursts() -> None:
    offsets = list(islice(arrival_offsets(100.0, "poisson", Random(1)), 20_001))
    assert abs(offsets[-1] - 200.0) < 4.0
    gaps = [later - earlier for earlier, later in pairwise(offsets)]
    assert sum(gap < 0.001 for gap in gaps) / len(gaps) > 0.08  # 1 - exp(-0.1) = 9.5 % of an exponential gap


def test_the_same_seed_gives_the_same_arrivals() -> None:
    first, second = (list(islice(arrival_offsets(50.0, "poisson", Random(7)), 100)) for _ in range(2))
    assert first == second


def test_operations_are_drawn_by_weight() -> None:
    drawn = Counter(islice(operation_indexes(SELECT_ONE, Random(3)), 20_000))
    assert set(drawn) == {0, 1}
    assert abs(drawn[0] / 20_000 - 0.9) < 0.01


def test_every_request_of_every_worker_and_run_draws_for_itself() -> None:
    seeds = {request_seed(seed, worker, number) for seed in (1, 2, 3) for worker in (0, 1) for number in range(-9, 999)}
    assert len(seeds) == 3 * 2 * 1008
