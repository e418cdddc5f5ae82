"""Who has ended, as far as a moment of the primary can know it."""

import pytest

from candlefish.changes.moment import Moment
from candlefish.client.fence import Snapshot, Writer

EPOCH = 1 << 32
MOMENT = Moment("7", 2, 5_000, Snapshot(100, 110, (100, 104)))


@pytest.mark.parametrize(
    ("writer", "ended"),
    [
        (Writer(2, 99), True),
        (Writer(2, 100), False),
        (Writer(2, 103), True),
        (Writer(2, 104), False),
        (Writer(2, 109), True),
        (Writer(2, 110), False),
        (Writer(1, 500), True),
        (Writer(3, 50), False),
    ],
)
def test_a_transaction_has_ended_where_a_snapshot_of_its_timeline_or_a_later_one_says_so(
    writer: Writer, ended: bool
) -> None:
    assert MOMENT.has_ended(writer) is ended


@pytest.mark.parametrize(
    ("newest", "xid", "full"),
    [
        (1_000, 999, 999),
        (1_000, 1_005, 1_005),
        (3 * EPOCH + 1_000, 999, 3 * EPOCH + 999),
        (3 * EPOCH + 5, EPOCH - 5, 3 * EPOCH - 5),
        (3 * EPOCH - 5, 7, 3 * EPOCH + 7),
    ],
)
def test_the_epoch_of_an_id_is_the_one_that_brings_it_nearest_to_the_present(newest: int, xid: int, full: int) -> None:
    assert Moment("7", 2, 0, Snapshot(newest, newest, ())).name_writer(xid, 2) == Writer(2, full)


def test_a_writer_is_of_the_timeline_of_the_server_that_sent_it() -> None:
    assert MOMENT.name_writer(5, 1).timeline == 1
    assert MOMENT.name_writer(5, 0).timeline == MOMENT.timeline


def test_of_another_timeline_a_moment_knows_of_no_end() -> None:
    assert MOMENT.on(2) is MOMENT
    there = MOMENT.on(3)
    assert (there.timeline, there.lsn, there.snapshot) == (3, 0, Snapshot(0, 0, ()))
