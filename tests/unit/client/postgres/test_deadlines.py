"""One timer ends the statements of a pool that run too long, and nothing else."""

import asyncio

import pytest

from candlefish.client.postgres.deadlines import LOOKS, Deadlines

NEVER_S = 3600.0


class Ended(Exception):
    """The deadline has passed."""


async def run(deadlines: Deadlines, statement_s: float) -> str:
    """Do what a statement does: run under a deadline, and say when it has passed."""
    task = deadlines.begin()
    try:
        await asyncio.sleep(statement_s)
        return "done"
    except asyncio.CancelledError:
        if deadlines.is_passed(task):
            raise Ended from None
        raise
    finally:
        deadlines.end(task)


async def test_what_runs_too_long_is_ended_and_its_task_goes_on() -> None:
    deadlines = Deadlines(0.02)
    with pytest.raises(Ended):
        await run(deadlines, NEVER_S)
    await asyncio.sleep(0)
    assert await run(deadlines, 0) == "done"
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0
    deadlines.close()


async def test_statements_one_after_the_other_have_a_deadline_each() -> None:
    deadlines = Deadlines(0.2)
    assert [await run(deadlines, 0.02) for _ in range(20)] == ["done"] * 20
    deadlines.close()


async def test_a_cancellation_of_the_applications_own_stays_one() -> None:
    deadlines = Deadlines(NEVER_S)
    task = asyncio.create_task(run(deadlines, NEVER_S))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadlines.close()


async def test_a_cancellation_in_the_moment_of_a_deadline_stays_one() -> None:
    deadlines = Deadlines(NEVER_S)
    task = asyncio.create_task(run(deadlines, NEVER_S))
    await asyncio.sleep(0)
    deadlines._look += LOOKS
    deadlines._look_now()  # the deadline passes
    assert task.cancelling()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    deadlines.close()


async def test_an_outer_timeout_wins_over_a_longer_deadline() -> None:
    deadlines = Deadlines(NEVER_S)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await run(deadlines, NEVER_S)
    deadlines.close()
