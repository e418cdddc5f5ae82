"""What of a batch goes to Redis, and how it is cut into calls."""

from datetime import UTC, datetime

from candlefish.changes.change import Change, Invalidations
from candlefish.changes.moment import Moment
from candlefish.changes.places import PLACES_IN_A_CALL, Mark, cut
from candlefish.changes.redis_sink import collect
from candlefish.client.fence import Snapshot, Writer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEEN = Moment("7", 1, 0, Snapshot(100, 110, (105,)))


def change(xid: int, keys: tuple[str, ...], tags: tuple[str, ...] = ()) -> Change:
    return Change(xid, xid, xid + 1, NOW, 1, Invalidations(keys, tags), 1)


def marks(*changes: Change) -> list[tuple[str, int]]:
    return [(mark.place, mark.writer.xid) for mark in collect(changes, SEEN, "app:")]


def test_keys_and_tags_are_places_under_the_prefix() -> None:
    assert marks(change(90, ("a",), ("t",))) == [("app:a", 90), ("app:~tag:t", 90)]


def test_a_place_that_comes_again_is_marked_once_with_the_newest_that_has_ended() -> None:
    assert marks(change(90, ("a",)), change(91, ("a", "b")), change(92, ("a",))) == [("app:a", 92), ("app:b", 91)]


def test_each_transaction_that_has_not_ended_is_named() -> None:
    assert marks(change(90, ("a",)), change(105, ("a",)), change(120, ("a",))) == [("app:a", 105), ("app:a", 120)]


def test_an_older_one_that_has_not_ended_is_named_although_the_newest_has() -> None:
    assert marks(change(105, ("a",)), change(106, ("a",))) == [("app:a", 105)]


def test_in_a_sharded_cache_each_place_goes_alone() -> None:
    several = [Mark(str(number), Writer(1, 5)) for number in range(PLACES_IN_A_CALL + 1)]
    assert [len(some) for some in cut(several, sharded=False)] == [PLACES_IN_A_CALL, 1]
    assert all(len(some) == 1 for some in cut(several, sharded=True))
