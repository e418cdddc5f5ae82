"""Callers that wait for a connection: in order, bounded, and cancellable at any moment."""

import asyncio

import pytest

from candlefish.client.postgres.waiters import Waiters


class Late(Exception):
    pass


def waiters() -> tuple[Waiters[int], list[int]]:
    """Return some waiters, and where what nobody took ends up."""
    left: list[int] = []
    return Waiters(lambda: Late("too late"), left.append), left


async def begin(queue: Waiters[int], count: int, timeout_s: float = 60) -> list["asyncio.Task[int]"]:
    tasks = [asyncio.create_task(queue.wait(timeout_s)) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


async def test_who_came_first_is_served_first() -> None:
    queue, _ = waiters()
    tasks = await begin(queue, 3)
    assert [queue.hand_over(number) for number in range(4)] == [True, True, True, False]
    assert await asyncio.gather(*tasks) == [0, 1, 2]
    assert len(queue) == 0
    queue.close()


async def test_who_was_cancelled_is_passed_over() -> None:
    queue, left = waiters()
    tasks = await begin(queue, 3)
    tasks[0].cancel()
    queue.hand_over(7)
    assert await tasks[1] == 7
    assert len(queue) == 1
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (len(queue), left) == (0, [])
    queue.close()


async def test_what_is_handed_over_in_the_moment_of_a_cancellation_is_not_lost() -> None:
    queue, left = waiters()
    (task,) = await begin(queue, 1)
    queue.hand_over(7)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left == [7]
    queue.close()


async def test_who_waited_too_long_is_told_and_the_others_wait_on() -> None:
    queue, _ = waiters()
    (early,) = await begin(queue, 1, timeout_s=0.01)
    (late,) = await begin(queue, 1, timeout_s=60)
    with pytest.raises(Late):
        await early
    assert len(queue) == 1
    queue.hand_over(7)
    assert await late == 7
    queue.close()


async def test_each_of_many_is_told_in_its_turn() -> None:
    queue, _ = waiters()
    tasks = await begin(queue, 2, timeout_s=0.01) + await begin(queue, 2, timeout_s=0.02)
    assert [type(error) for error in await asyncio.gather(*tasks, return_exceptions=True)] == [Late] * 4
    assert not queue.hand_over(7)


async def test_all_who_wait_can_be_sent_away() -> None:
    queue, left = waiters()
    tasks = await begin(queue, 3)
    tasks[1].cancel()
    queue.send_away(lambda: Late("go elsewhere"))
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ended] == [Late, asyncio.CancelledError, Late]
    assert (len(queue), left) == (0, [])
    queue.close()
