"""Gets that leave together, without a connection."""

import asyncio

import pytest

from candlefish.client.redis.gets import Gets
from candlefish.errors import CacheUnavailable


def _ask(*keys: str) -> Gets:
    gets = Gets()
    for key in keys:
        gets.setdefault(key, []).append(asyncio.get_running_loop().create_future())
    return gets


async def test_everyone_who_asked_for_a_key_gets_its_value() -> None:
    gets = _ask("a", "b", "a")
    gets.settle([b"1", None])
    assert [[waiter.result() for waiter in waiters] for waiters in gets.values()] == [[b"1", b"1"], [None]]


async def test_a_caller_that_gave_up_takes_no_value_from_the_others() -> None:
    gets = _ask("a", "a", "b")
    gets["a"][0].cancel()
    gets.settle([b"1", b"2"])
    assert gets["a"][0].cancelled()
    assert (gets["a"][1].result(), gets["b"][0].result()) == (b"1", b"2")


async def test_a_failure_reaches_everyone_who_still_waits() -> None:
    gets = _ask("a", "a", "b")
    gets["a"][0].cancel()
    gets.fail(CacheUnavailable("gone"))
    assert gets["a"][0].cancelled()
    for waiter in (gets["a"][1], gets["b"][0]):
        with pytest.raises(CacheUnavailable, match="gone"):
            waiter.result()


async def test_a_chunk_holds_at_most_so_many_keys_and_keeps_their_order() -> None:
    gets = _ask(*"abcde")
    chunks = gets.chunks(2)
    assert [list(chunk) for chunk in chunks] == [["a", "b"], ["c", "d"], ["e"]]
    assert all(chunk[key] is gets[key] for chunk in chunks for key in chunk)
    assert gets.chunks(5) == [gets]


async def test_what_is_split_remembers_how_often_it_was_sent_on() -> None:
    gets = _ask("a", "b", "a")
    gets.redirects = 3
    singles = gets.split()
    assert [(list(single), single.redirects) for single in singles] == [(["a"], 3), (["b"], 3)]
    assert len(singles[0]["a"]) == 2
