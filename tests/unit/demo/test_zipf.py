from collections import Counter
from random import Random

import pytest

from candlefish.demo.zipf import Zipf, probability, zeta

DRAWS = 60_000


def draw_many(items: int) -> Counter[int]:
    zipf, random = Zipf(items), Random(11)
    return Counter(zipf.draw(random) for _ in range(DRAWS))


@pytest.mark.parametrize("items", [1, 2, 3, 10, 150, 60_000])
def test_every_rank_lies_within_the_items(items: int) -> None:
    ranks = draw_many(items)
    assert min(ranks) == 1
    assert max(ranks) <= items


@pytest.mark.parametrize("items", [10, 150, 60_000])
def test_the_two_most_popular_come_as_often_as_the_distribution_says(items: int) -> None:
    ranks = draw_many(items)
    for rank in (1, 2):
        assert ranks[rank] / DRAWS == pytest.approx(probability(rank, items), rel=0.05)


def test_the_share_of_the_popular_tenth_is_that_of_the_distribution() -> None:
    items = 1000
    ranks = draw_many(items)
    popular = sum(count for rank, count in ranks.items() if rank <= items // 10) / DRAWS
    expected = sum(probability(rank, items) for rank in range(1, items // 10 + 1))
    assert popular == pytest.approx(expected, rel=0.03)


def test_the_probabilities_of_all_ranks_make_one() -> None:
    assert sum(probability(rank, 500) for rank in range(1, 501)) == pytest.approx(1.0)


def test_zeta_is_the_sum_that_it_stands_for() -> None:
    assert zeta(3, 1.0) == pytest.approx(1 + 1 / 2 + 1 / 3)


def test_the_same_seed_draws_the_same_ranks() -> None:
    zipf = Zipf(500)
    assert [zipf.draw(Random(3)) for _ in range(5)] == [zipf.draw(Random(3)) for _ in range(5)]
