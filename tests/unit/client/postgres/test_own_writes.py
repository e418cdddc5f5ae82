import asyncio
from collections.abc import Callable
from time import time

import pytest

from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.marks import CLOCKS_APART_S, Marks
from candlefish.client.postgres.own_writes import OwnWrites
from candlefish.client.postgres.write_token import WriteToken

REMEMBER_S = 30.0


class Primary:
    """A primary whose answers the test gives: each is 10 further."""

    def __init__(self) -> None:
        self.marks = Marks(REMEMBER_S)
        self.position = Position(1, 1000)
        self.answer()

    def answer(self) -> Position:
        self.position = self.position._replace(lsn=self.position.lsn + 10)
        self.marks.close()
        self.marks.settle(self.position)
        return self.position

    async def until(self, holds: Callable[[], bool], timeout_s: float) -> None:
        assert timeout_s > 0
        while not holds():
            await asyncio.sleep(0)
            self.answer()


async def silent(holds: Callable[[], bool], timeout_s: float) -> None:
    """Be a primary that does not answer in time."""


@pytest.fixture
def primary() -> Primary:
    return Primary()


@pytest.fixture
def writes(primary: Primary) -> OwnWrites:
    return OwnWrites(primary.marks, primary.until)


def seen(writes: OwnWrites) -> Position | None:
    mark = writes.mark()
    return mark.position if mark else None


def read(token: str) -> WriteToken:
    found = WriteToken.parse(token)
    assert found is not None
    return found


def test_who_has_written_nothing_has_nothing_to_see(writes: OwnWrites) -> None:
    assert writes.mark() is None


def test_the_last_write_is_the_one_to_see(primary: Primary, writes: OwnWrites) -> None:
    writes.note()
    primary.answer()
    writes.note()
    assert writes.mark() is not None
    assert seen(writes) is None
    assert primary.answer() == seen(writes)


async def test_tasks_see_what_was_written_before_them_and_not_what_others_write(
    primary: Primary, writes: OwnWrites
) -> None:
    async def write() -> Position | None:
        before = seen(writes)
        writes.note()
        return before

    assert [*await asyncio.gather(write(), write())] == [None, None]
    assert writes.mark() is None
    writes.note()
    own = primary.answer()
    assert [*await asyncio.gather(write(), write())] == [own, own]


async def test_the_tasks_of_a_scope_share_what_they_write(primary: Primary, writes: OwnWrites) -> None:
    async def write() -> None:
        writes.note()

    with writes.scope():
        assert writes.mark() is None
        async with asyncio.TaskGroup() as group:
            group.create_task(write())
        first = primary.answer()
        assert seen(writes) == first
        await asyncio.gather(write())
        assert seen(writes) is None
        await asyncio.wait_for(asyncio.create_task(write()), 1)
        assert primary.answer() == seen(writes)


async def test_two_scopes_at_once_know_nothing_of_each_other(writes: OwnWrites) -> None:
    wrote = asyncio.Event()

    async def writer() -> None:
        with writes.scope():
            writes.note()
            wrote.set()

    async def reader() -> bool:
        with writes.scope():
            await wrote.wait()
            return writes.mark() is None

    assert (await asyncio.gather(writer(), reader()))[1]


def test_what_was_written_in_a_scope_is_to_be_seen_after_it(primary: Primary, writes: OwnWrites) -> None:
    with writes.scope(), writes.scope():
        writes.note()
    assert primary.answer() == seen(writes)


def test_a_scope_begins_with_what_was_written_before_it(primary: Primary, writes: OwnWrites) -> None:
    writes.note()
    before = primary.answer()
    with writes.scope():
        assert seen(writes) == before


async def test_a_token_says_where_the_primary_was_after_the_write(primary: Primary, writes: OwnWrites) -> None:
    with writes.scope() as scope:
        assert await scope.token() is None
        writes.note()
        token = await scope.token()
        assert token is not None
        assert read(token).position == primary.position
        assert await writes.token() == token
    assert await scope.token() == token  # a middleware asks for it when the scope is over


async def test_a_token_makes_another_context_see_the_write(primary: Primary, writes: OwnWrites) -> None:
    writes.note()
    token = await writes.token()
    other = OwnWrites(primary.marks, primary.until)
    with other.scope(token):
        assert seen(other) == primary.position
    with other.scope():
        assert other.mark() is not None  # the scope's end is no end of what its context saw


async def test_a_token_without_a_position_stands_for_the_primarys_next_one(primary: Primary) -> None:
    writes = OwnWrites(primary.marks, silent)
    writes.note()
    token = await writes.token()
    assert token is not None
    assert read(token).position is None
    other = OwnWrites(primary.marks, primary.until)
    with other.scope(token):
        assert other.mark() is not None
        assert seen(other) is None
        assert primary.answer() == seen(other)


def test_a_token_beside_an_own_write_stands_for_the_later_of_both(primary: Primary, writes: OwnWrites) -> None:
    writes.note()
    own = primary.answer()
    for token, later in ((own, own), (own._replace(lsn=own.lsn - 5), own)):
        with writes.scope(str(WriteToken(token, int(time())))):
            assert seen(writes) == later
    with writes.scope(str(WriteToken(own._replace(lsn=own.lsn + 5), int(time())))):
        assert seen(writes) is None  # this process does not know yet that the primary is as far
        assert primary.answer() == seen(writes)


def test_a_token_counts_for_its_time_and_the_clocks_difference(primary: Primary, writes: OwnWrites) -> None:
    for age_s, counts in ((REMEMBER_S + CLOCKS_APART_S - 2, True), (REMEMBER_S + CLOCKS_APART_S + 2, False)):
        with writes.scope(str(WriteToken(primary.position, int(time() - age_s)))):
            assert (writes.mark() is not None) is counts
        writes = OwnWrites(primary.marks, primary.until)


def test_a_token_of_a_clock_that_is_ahead_counts_no_longer_than_a_new_one(primary: Primary, writes: OwnWrites) -> None:
    with writes.scope(str(WriteToken(primary.position, int(time()) + 10**6))):
        ahead = writes.mark()
    new = primary.marks.adopt(primary.position, int(time()))
    assert ahead is not None
    assert new is not None
    assert ahead.forget_at <= new.forget_at


@pytest.mark.parametrize("text", ["mine", "2.1.ff.0", "1.1.ff", "' or 1=1 --", "\0"])
def test_what_is_no_token_stands_for_a_write_of_this_moment(primary: Primary, writes: OwnWrites, text: str) -> None:
    with writes.scope(text):
        assert writes.mark() is not None
        assert seen(writes) is None
        assert primary.answer() == seen(writes)


def test_an_empty_text_stands_for_no_write(writes: OwnWrites) -> None:
    with writes.scope(""):
        assert writes.mark() is None


async def test_who_only_reads_does_not_renew_the_token(primary: Primary, writes: OwnWrites) -> None:
    for position in (primary.position, None):
        token: str | None = str(WriteToken(position, int(time()) - 20))
        written_at = read(str(token)).written_at
        for _ in range(3):  # requests, each in a process of its own
            process = OwnWrites(primary.marks, primary.until)
            with process.scope(token) as scope:
                token = await scope.token()
            assert token is not None
            assert read(token).written_at == written_at


async def test_a_write_renews_the_token(primary: Primary, writes: OwnWrites) -> None:
    old = WriteToken(primary.position, int(time()) - 20)
    with writes.scope(str(old)) as scope:
        writes.note()
        token = await scope.token()
    assert token is not None
    assert read(token).written_at > old.written_at


async def test_a_token_that_has_ended_is_given_to_nobody(primary: Primary, writes: OwnWrites) -> None:
    with writes.scope(str(WriteToken(primary.position, int(time() - REMEMBER_S - CLOCKS_APART_S - 1)))) as scope:
        assert await scope.token() is None


def test_a_write_is_forgotten_when_its_time_is_over(primary: Primary) -> None:
    primary.marks.remember_s = 0
    writes = OwnWrites(primary.marks, primary.until)
    writes.note()
    assert writes.mark() is not None  # as long as its position isn't known, replicas may not have it
    primary.answer()
    assert writes.mark() is None
