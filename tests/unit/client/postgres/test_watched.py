"""What is known of a replica, by what it answers and by what it leaves open."""

import pytest

from candlefish.client.postgres import watched
from candlefish.client.postgres.lag import LagClock
from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.marks import Marks
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.probe import NoAnswer, Sample
from candlefish.client.postgres.watched import QUIET_S, WatchedReplica

LEVEL = Sample(is_replica=True, position=Position(1, 100), flushed=100)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(watched, "monotonic", clock)
    return clock


@pytest.fixture
def replica(clock: Clock) -> WatchedReplica:
    pool = Pool("read_1", "postgresql://u:p@127.0.0.1:1/d", size=1, acquire_timeout_s=1, statement_timeout_s=1)
    lag = LagClock()
    lag.note(clock.now, 100)
    replica = WatchedReplica(pool, Marks(30.0), lag, lag_limit_s=1.0)
    replica.asking()
    replica.note(LEVEL)
    return replica


def test_a_replica_that_has_answered_answers(replica: WatchedReplica, clock: Clock) -> None:
    clock.now += 2 * QUIET_S  # nobody has asked since
    assert replica.answers()


def test_a_question_that_stays_open_leaves_a_doubt_although_a_read_was_served_after_it(
    replica: WatchedReplica, clock: Clock
) -> None:
    replica.asking()
    replica.reads += 1
    clock.now += QUIET_S / 2
    assert replica.answers()
    clock.now += QUIET_S
    assert not replica.answers()
    assert replica.in_rotation  # it may only be busy


def test_a_replica_that_serves_reads_and_no_answer_is_busy(replica: WatchedReplica) -> None:
    replica.asking()
    replica.reads += 1
    replica.note(NoAnswer.SILENT)
    assert replica.answers()


def test_a_replica_that_serves_nothing_and_no_answer_leaves(replica: WatchedReplica) -> None:
    replica.asking()
    replica.note(NoAnswer.SILENT)
    assert not replica.answers()
    assert not replica.in_rotation
