"""Which settings are measured, in which order, with which keys."""

from collections import Counter
from dataclasses import asdict

from harness.cells import Cell, around, by_size, crossed
from harness.rounds import take_turns
from harness.zipf_keys import key_count, zipf_numbers


def test_every_cell_around_the_centre_differs_from_it_in_one_thing() -> None:
    centre, *others = around(Cell())
    assert centre == Cell()
    assert len(set(others)) == len(others)
    for cell in others:
        assert len(asdict(cell).items() - asdict(centre).items()) == 1


def test_lists_of_options_are_crossed() -> None:
    assert len(crossed([1, 50], [100, 1000], [True], ["uvloop", "asyncio"])) == 8


def test_cells_with_values_of_one_size_come_together() -> None:
    cells = crossed([1, 50], [100, 1000], [False], ["uvloop"])
    groups = dict(by_size(cells))
    assert list(groups) == [100, 1000]
    assert [cell.tasks for cell in groups[1000]] == [1, 50]


def test_every_round_has_every_entry_once_and_begins_with_another() -> None:
    turns = list(take_turns("abc", 3))
    assert turns == [(1, "a"), (1, "b"), (1, "c"), (2, "b"), (2, "c"), (2, "a"), (3, "c"), (3, "a"), (3, "b")]


def test_a_seed_gives_every_library_the_same_keys() -> None:
    assert zipf_numbers(1000, seed=3, draws=500) == zipf_numbers(1000, seed=3, draws=500)
    assert zipf_numbers(1000, seed=3, draws=500) != zipf_numbers(1000, seed=4, draws=500)


def test_the_most_popular_key_is_asked_for_as_often_as_zipf_says() -> None:
    drawn = Counter(zipf_numbers(1000, seed=1, draws=60_000))
    assert set(drawn) <= set(range(1, 1001))
    share = 1 / sum(rank**-0.99 for rank in range(1, 1001))
    assert abs(drawn[1] / 60_000 - share) < 0.01
    assert abs(drawn[2] / drawn[1] - 2**-0.99) < 0.05


def test_there_are_fewer_large_values() -> None:
    assert key_count(1000, most=100_000) == 100_000
    assert key_count(20_000, most=100_000) == 5_000
    assert key_count(10**9, most=100_000) == 1
