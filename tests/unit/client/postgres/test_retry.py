"""What may be repeated after which error."""

import asyncio

import pytest

from candlefish.client.postgres.exceptions import PlanOutdated, PoolerBusy
from candlefish.client.postgres.retry import (
    Retry,
    certainly_undone,
    is_lost,
    nothing_changed,
    write_unknown,
)
from candlefish.errors import (
    AcquireTimeout,
    DatabaseError,
    StatementFailed,
    StatementTimeout,
    TooManyWaiting,
    Unavailable,
    WriteUnknown,
)


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("turned away"),
        PoolerBusy("no server connection free"),
        StatementFailed("serialization failure", sqlstate="40001"),
        StatementFailed("deadlock", sqlstate="40P01"),
        StatementFailed("the primary has become a replica", sqlstate="25006"),
        PlanOutdated("the server refused it", carried_out=False),
    ],
)
def test_what_certainly_changed_nothing_and_may_pass_is_repeated(error: DatabaseError) -> None:
    assert certainly_undone(error)


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("server conn crashed?", carried_out=None),
        StatementFailed("duplicate key", sqlstate="23505"),
        StatementFailed("no such table", sqlstate="42P01"),
        StatementTimeout("the server ended it"),
        StatementTimeout("the client gave it up", carried_out=None),
        PlanOutdated("its rows can't be read", carried_out=True),
        AcquireTimeout("all connections are in use"),
        TooManyWaiting("a queue"),
        WriteUnknown("lost"),
    ],
)
def test_nothing_else_is_repeated(error: DatabaseError) -> None:
    assert not certainly_undone(error)


def test_a_lost_connection_is_told_from_a_busy_pool() -> None:
    assert is_lost(Unavailable("lost", carried_out=None))
    assert is_lost(PoolerBusy("busy"))
    assert not is_lost(AcquireTimeout("busy"))


def test_a_lost_write_names_what_happened_and_what_to_do() -> None:
    unknown = write_unknown(Unavailable("server conn crashed?", carried_out=None))
    assert unknown.carried_out is None
    assert unknown.detail == "server conn crashed?"
    assert "idempotent=True" in unknown.hint
    assert write_unknown(unknown) is unknown


def test_a_lost_read_says_that_nothing_was_changed() -> None:
    error = nothing_changed(Unavailable("lost", carried_out=None, detail="may or may not have been carried out"))
    assert (error.carried_out, error.detail) == (False, "")


async def test_tries_end_with_the_error_when_their_time_is_over() -> None:
    error = Unavailable("away")

    async def try_on(retry: Retry) -> None:
        while True:
            await retry.pause(error)

    with pytest.raises(Unavailable) as raised:
        await try_on(Retry(0.05))
    assert raised.value is error


async def test_the_time_of_a_call_bounds_its_tries() -> None:
    with pytest.raises(Unavailable):
        await Retry(3600, timeout_s=0).pause(Unavailable("away"))


async def test_without_time_for_tries_there_is_one() -> None:
    with pytest.raises(Unavailable):
        await Retry(0).pause(Unavailable("away"))


async def test_pauses_of_many_callers_end_at_different_moments() -> None:
    ended: list[float] = []
    clock = asyncio.get_running_loop().time

    async def pause() -> None:
        await Retry(3600).pause(Unavailable("away"))
        ended.append(clock())

    await asyncio.gather(*(pause() for _ in range(20)))
    assert len(set(ended)) > 1
