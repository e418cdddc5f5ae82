"""The candidates that Redis remembers from one sample to the next."""

from candlefish.advise.cache.pool import POOL_SIZE, Pool


def idle(key: int) -> int:
    return key


def test_the_most_idle_is_taken_first() -> None:
    pool = Pool()
    pool.offer([3, 9, 5], idle)
    assert [pool.take(lambda _: True) for _ in range(4)] == [9, 5, 3, None]


def test_what_is_gone_is_passed_over() -> None:
    pool = Pool()
    pool.offer([3, 9, 5], idle)
    assert pool.take(lambda key: key < 9) == 5


def test_the_least_idle_gives_way_when_there_are_too_many() -> None:
    pool = Pool()
    pool.offer(range(10, 10 + POOL_SIZE), idle)
    pool.offer([99, 1], idle)
    taken = [pool.take(lambda _: True) for _ in range(POOL_SIZE + 1)]
    assert taken == [99, *range(9 + POOL_SIZE, 10, -1), None]
