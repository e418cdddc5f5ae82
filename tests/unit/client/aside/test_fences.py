import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.aside.fences import FENCES, Fences, parse_fence, raise_fence
from candlefish.client.fence import NO_FENCE, Fence, Floor, Load, Place, Writer, join_fences, under
from candlefish.client.redis.slots import slot_of

FLOOR = Floor(2, 88440240)


@pytest.mark.parametrize(
    ("text", "fence"),
    [
        (b"- ?00ff", Fence("-", None)),
        (b"77 2.88440240", Fence("77", FLOOR)),
        (b"77 ?00ff 1.758 2.901", Fence("77", None, (Writer(1, 758), Writer(2, 901)))),
        (b"77 2.88440240 2.901", Fence("77", FLOOR, (Writer(2, 901),))),
    ],
)
def test_a_fence_is_read_as_it_stands_in_redis(text: bytes, fence: Fence) -> None:
    assert parse_fence(b"\x00\x20\xff? 12\n" + text) == fence


@given(st.text(min_size=1, max_size=20))
def test_all_keys_share_a_bounded_number_of_fences_under_the_prefix(key: str) -> None:
    name = Fences("app:", sharded=False).name(key)
    assert name.startswith("app:~fence:")
    assert 0 <= int(name.removeprefix("app:~fence:")) < FENCES


@given(st.from_regex(r"[a-z]{1,5}(\{[a-z]+\})?:[0-9]+", fullmatch=True))
def test_in_a_cluster_a_fence_lives_in_the_slot_of_its_key(key: str) -> None:
    name = Fences("", sharded=True).name(key)
    assert name != key
    assert slot_of(name) == slot_of(key)


def read(*places: tuple[str, Floor] | None, fence: Fence = NO_FENCE) -> Load:
    load = Load(fence)
    for place in places:
        load.note_proved(None if place is None else Place(*place))
    return load


def test_what_a_load_has_read_of_the_primary_is_the_floor_from_then_on() -> None:
    load = read(("77", FLOOR))
    assert raise_fence(Fence("-", None, (Writer(2, 901),)), load) == "77 2.88440240 2.901"


def test_of_several_statements_the_oldest_counts() -> None:
    load = read(("77", FLOOR), ("77", Floor(2, 5)), ("77", Floor(3, 1)))
    assert raise_fence(NO_FENCE, load) == "77 2.5"


@pytest.mark.parametrize(
    ("fence", "load"),
    [
        (Fence("77", FLOOR), read(("77", Floor(2, 99999999)))),
        (NO_FENCE, read()),
        (NO_FENCE, read(None)),
        (Fence("78", None), read(("77", FLOOR))),
    ],
)
def test_a_fence_stays_where_nothing_better_is_known(fence: Fence, load: Load) -> None:
    assert raise_fence(fence, load) == ""


def test_rows_of_two_databases_are_not_kept() -> None:
    load = read(("77", FLOOR), ("78", FLOOR))
    assert load.refused
    assert raise_fence(NO_FENCE, load) == ""


def test_one_statement_that_was_not_proved_is_enough() -> None:
    with under(NO_FENCE) as load:
        load.note_proved()
        load.refuse()
    assert load.refused


@pytest.mark.parametrize(
    ("fences", "joined"),
    [
        ([Fence("77", Floor(1, 5)), Fence("77", Floor(1, 9))], Fence("77", Floor(1, 9))),
        ([Fence("77", Floor(1, 5)), Fence("77", None)], Fence("77", None)),
        ([Fence("77", Floor(1, 5)), Fence("78", Floor(1, 9))], Fence("-", None)),
        (
            [Fence("77", FLOOR, (Writer(2, 1),)), Fence("77", FLOOR, (Writer(2, 1), Writer(2, 2)))],
            Fence("77", FLOOR, (Writer(2, 1), Writer(2, 2))),
        ),
    ],
)
def test_a_load_of_several_keys_has_to_see_what_each_asks_for(fences: list[Fence], joined: Fence) -> None:
    assert join_fences(fences) == joined
