from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.postgres.lsn import Position, format_lsn


def test_a_position_covers_itself_and_what_is_before_it() -> None:
    assert Position(2, 100).covers(Position(2, 100))
    assert Position(2, 100).covers(Position(2, 99))
    assert not Position(2, 100).covers(Position(2, 101))


def test_a_newer_timeline_covers_what_is_left_of_an_older_one() -> None:
    assert Position(3, 100).covers(Position(2, 100))


def test_an_older_timeline_covers_nothing_of_a_newer_one_however_far_it_went() -> None:
    assert not Position(2, 10_000).covers(Position(3, 100))


@given(st.integers(0, 2**64 - 1))
def test_an_lsn_is_written_as_postgresql_reads_it(lsn: int) -> None:
    high, low = format_lsn(lsn).split("/")
    assert (int(high, 16) << 32) + int(low, 16) == lsn
    assert int(low, 16) < 2**32
