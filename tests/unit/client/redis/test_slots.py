import pytest

from candlefish.client.redis.slots import slot_of


@pytest.mark.parametrize(
    ("key", "slot"),
    [
        ("123456789", 0x31C3 % 16384),  # the check value of the specification's CRC16
        ("foo", 12182),
        ("bar", 5061),
        ("{foo}bar", 12182),
        ("foo{bar}{zap}", 5061),
        ("", 0),
    ],
)
def test_a_key_has_the_slot_that_redis_gives_it(key: str, slot: int) -> None:
    assert slot_of(key) == slot


def test_an_empty_tag_is_none_and_the_first_brace_counts() -> None:
    assert slot_of("foo{}{bar}") == slot_of("foo{}{bar}") != slot_of("bar")
    assert slot_of("foo{{bar}}zap") == slot_of("{bar")


def test_two_keys_with_one_tag_are_neighbours() -> None:
    assert slot_of("{user:7}~lease") == slot_of("user:7")
