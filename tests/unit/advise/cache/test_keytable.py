"""The table of keys: nothing gets lost, and a sample has keys that are there."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from candlefish.advise.cache.keytable import KeyTable

OBJECTS = 200


def filled(keys: set[int]) -> KeyTable:
    table = KeyTable(OBJECTS, Random(1))
    for key in sorted(keys):
        if table.is_full:
            table.grow()
        table.add(key)
    return table


def held(table: KeyTable) -> list[int]:
    return sorted(key for bucket in table._buckets for key in bucket)


@given(st.sets(st.integers(0, OBJECTS - 1)), st.sets(st.integers(0, OBJECTS - 1)))
def test_keys_stay_through_growth_and_go_when_they_are_removed(added: set[int], removed: set[int]) -> None:
    table = filled(added)
    for key in added & removed:
        table.remove(key)
    assert held(table) == sorted(added - removed)
    assert table.used == len(added - removed)


@given(st.sets(st.integers(0, OBJECTS - 1), min_size=1), st.integers(1, 10))
def test_a_sample_has_no_more_keys_than_asked_for_and_only_some_that_are_there(keys: set[int], count: int) -> None:
    sample = filled(keys).sample(count)
    assert len(sample) <= count
    assert set(sample) <= keys
    assert filled(keys).choose() in keys


def test_every_key_is_sampled_at_some_time() -> None:
    table = filled(set(range(50)))
    seen: set[int] = set()
    for _ in range(2_000):
        seen.update(table.sample(5))
    assert seen == set(range(50))


def test_a_table_has_to_grow_beyond_its_largest_load() -> None:
    table = KeyTable(OBJECTS, Random(1))
    seen = []
    for key in range(7):
        table.add(key)
        seen.append((table.is_full, table.has_to_grow))
    assert table.slots == 4
    assert seen == [(False, False)] * 3 + [(True, False)] * 3 + [(True, True)]
    table.grow()
    assert table.slots == 8
