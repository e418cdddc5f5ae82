"""What a key takes in Redis 7.0: figures that `MEMORY USAGE` and `used_memory` of 7.0.15 gave on Debian 12."""

import pytest

from candlefish.advise.cache.memory import make_footprint, round_up, size_key, size_table


@pytest.mark.parametrize(
    ("asked", "given"),
    [(1, 8), (8, 8), (9, 16), (17, 32), (64, 64), (65, 80), (128, 128), (129, 160), (304, 320), (1025, 1280)],
)
def test_the_allocator_gives_the_next_of_its_size_classes(asked: int, given: int) -> None:
    assert round_up(asked) == given


def test_a_value_of_44_bytes_stands_in_its_object_and_one_of_45_does_not() -> None:
    assert size_key(24, 44, expires=False) == 32 + 32 + 64
    assert size_key(24, 45, expires=False) == 32 + 32 + 16 + 64


def test_a_key_that_expires_has_an_entry_in_a_second_table() -> None:
    assert size_key(24, 300, expires=True) - size_key(24, 300, expires=False) == 32
    assert size_table(1024, expires=True) == 2 * size_table(1024, expires=False)


def test_the_memory_of_many_keys_has_their_table_in_it() -> None:
    footprint = make_footprint([24, 24], [300, 300], expires=False)
    assert footprint.of_keys(1000) == 1000 * size_key(24, 300, expires=False) + 1024 * 8


def test_a_mean_of_unlike_keys_counts() -> None:
    footprint = make_footprint([24, 24], [100, 900], expires=False)
    assert footprint.of_keys(2) == sum(footprint.sizes) + size_table(4, expires=False)
