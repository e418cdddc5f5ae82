"""Gets that leave together, without a connection."""

import asyncio

import pytest

from candlefish.client.redis.gets import Gets, Waiter
from candlefish.errors import CacheUnavailable


def _ask(*keys: str) -> tuple[Gets, list[Waiter]]:
    """Return the gets of callers for these keys, and a waiter for each of them."""
    gets, waiters = Gets(), []
    for key in keys:
        waiter: Waiter = asyncio.get_running_loop().create_future()
        waiters.append(waiter)
        if key in gets:
            gets.join(key, waiter)
        else:
            gets[key] = waiter
    return gets, waiters


async def test_everyone_who_asked_for_a_key_gets_its_value() -> None:
    gets, waiters = _ask("a", "b", "a", "a")
    gets.settle([b"1", None])
    assert [waiter.result() for waiter in waiters] == [b"1", None, b"1", b"1"]


async def test_a_caller_that_gave_up_takes_no_value_from_the_others() -> None:
    gets, (first, second, other, alone) = _ask("a", "a", "b", "c")
    first.cancel()
    alone.cancel()
    gets.settle([b"1", b"2", b"3"])
    assert first.cancelled()
    assert alone.cancelled()
    assert (second.result(), other.result()) == (b"1", b"2")


async def test_a_failure_reaches_everyone_who_still_waits() -> None:
    gets, (first, second, other) = _ask("a", "a", "b")
    first.cancel()
    gets.fail(CacheUnavailable("gone"))
    assert first.cancelled()
    for waiter in (second, other):
        with pytest.raises(CacheUnavailable, match="gone"):
            waiter.result()


async def test_a_value_too_few_is_noticed() -> None:
    gets, _ = _ask("a", "b")
    with pytest.raises(ValueError, match="zip"):
        gets.settle([b"1"])


async def test_what_is_split_remembers_how_often_it_was_sent_on() -> None:
    gets, waiters = _ask("a", "b", "a")
    gets.redirects = 3
    singles = gets.split()
    assert [(list(single), single.redirects) for single in singles] == [(["a"], 3), (["b"], 3)]
    singles[0].settle([b"1"])
    assert [waiter.done() for waiter in waiters] == [True, False, True]
