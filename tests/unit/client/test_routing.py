import math
from collections import Counter

import pytest

from candlefish.client.postgres import watched
from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.probe import Answer, NoAnswer, Sample
from candlefish.client.routing import Router

LAG_LIMIT_S = 1.0


def pool(name: str) -> Pool:
    return Pool(name, f"postgresql://nobody@localhost/{name}", size=5, acquire_timeout_s=1, statement_timeout_s=1)


class Tier:
    """A router, and what the servers answer; time passes when the test says so."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, replicas: int) -> None:
        self.now = 100.0
        monkeypatch.setattr(watched, "monotonic", lambda: self.now)
        names = [f"read_{number}" for number in range(1, replicas + 1)]
        self.router = Router(pool("main"), [pool(name) for name in names], lag_limit_s=LAG_LIMIT_S)
        self._watched = [server for server, _ in self.router._sampler._servers]

    def primary(self, lsn: int, *, timeline: int = 1, after_s: float = 0.1, is_replica: bool = False) -> None:
        self.now += after_s
        self._hear(0, Sample(is_replica, Position(timeline, lsn), lsn))

    def replica(self, number: int, lsn: int, *, timeline: int = 1, is_replica: bool = True) -> None:
        self._hear(number, Sample(is_replica, Position(timeline, lsn), lsn))

    def no_answer(self, number: int) -> None:
        self._hear(number, NoAnswer.REFUSED)

    def all_at(self, lsn: int) -> None:
        self.primary(lsn)
        for number in range(1, len(self._watched)):
            self.replica(number, lsn)

    def picks(self, count: int = 10) -> Counter[str]:
        return Counter(self.router.pick_read().pool.name for _ in range(count))

    def _hear(self, number: int, answer: Answer) -> None:
        self._watched[number].asking()
        self._watched[number].note(answer)
        self.router._rotate()


@pytest.fixture
def tier(monkeypatch: pytest.MonkeyPatch) -> Tier:
    made = Tier(monkeypatch, 2)
    made.all_at(1000)
    return made


def test_reads_take_turns_between_idle_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    tier = Tier(monkeypatch, 3)
    tier.all_at(1000)
    assert tier.picks(300) == {"read_1": 100, "read_2": 100, "read_3": 100}


def test_reads_go_to_the_least_busy_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    tier = Tier(monkeypatch, 3)
    tier.all_at(1000)
    for replica, in_use in zip(tier.router.replicas, (4, 1, 3), strict=True):
        replica.in_use = in_use
    assert tier.picks() == {"read_2": 10}


def test_reads_go_to_the_primary_when_there_is_no_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Tier(monkeypatch, 0).picks() == {"main": 10}


def test_reads_go_to_the_primary_while_nothing_is_known_of_the_replicas(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Tier(monkeypatch, 2).picks() == {"main": 10}


def test_a_read_goes_to_no_replica_that_it_has_tried(tier: Tier) -> None:
    first, second = tier.router.replicas
    assert tier.router.pick_read([first]).pool is second
    assert tier.router.pick_read([first, second]).pool is tier.router.primary


def test_a_replica_that_lost_a_read_is_left_out_until_it_answers_later(tier: Tier) -> None:
    tier.router.leave_out(tier.router.replicas[0])
    assert tier.picks() == {"read_2": 10}
    tier.replica(1, 1000)
    assert tier.picks() == {"read_2": 10}
    tier.now += watched.LEFT_OUT_S
    tier.replica(1, 1000)
    assert tier.picks() == {"read_1": 5, "read_2": 5}
    assert tier.router.replicas_stats()[0].failures == 1


def test_a_replica_that_does_not_answer_leaves_the_rotation_and_comes_back(tier: Tier) -> None:
    tier.no_answer(1)
    assert tier.picks() == {"read_2": 10}
    assert tier.router.replicas_stats()[0].lag_s == math.inf
    tier.replica(1, 1000)
    assert tier.picks() == {"read_1": 5, "read_2": 5}


def test_a_replica_that_has_no_time_to_answer_but_serves_reads_stays(tier: Tier) -> None:
    replica = tier.router._watched[tier.router.replicas[0]]
    replica.asking()
    tier.router.note_read(tier.router.replicas[0])
    replica.note(NoAnswer.SILENT)
    tier.router._rotate()
    assert tier.picks() == {"read_1": 5, "read_2": 5}


def test_a_replica_over_the_lag_limit_leaves_and_comes_back_at_half_of_it(tier: Tier) -> None:
    lag_s = []
    for lsn in range(2000, 2014):  # 0.1 s later each
        tier.primary(lsn)
        tier.replica(1, 1000)
        tier.replica(2, lsn)
        lag_s.append(tier.router.replicas_stats()[0].lag_s)
    assert lag_s[-1] > LAG_LIMIT_S
    assert tier.picks() == {"read_2": 10}
    tier.replica(1, 2005)
    assert LAG_LIMIT_S / 2 < tier.router.replicas_stats()[0].lag_s < LAG_LIMIT_S
    assert tier.picks() == {"read_2": 10}
    tier.replica(1, 2013)
    assert tier.picks() == {"read_1": 5, "read_2": 5}


def test_reads_go_on_as_before_while_the_primary_is_away(tier: Tier) -> None:
    for _ in range(100):
        tier.now += 0.1
        tier.no_answer(0)
        tier.replica(1, 1000)
        tier.replica(2, 1000)
    assert tier.picks() == {"read_1": 5, "read_2": 5}


def test_a_former_primary_that_does_not_know_it_yet_serves_no_reads(tier: Tier) -> None:
    tier.primary(1100, timeline=2)
    tier.replica(1, 1100, timeline=1, is_replica=False)
    tier.replica(2, 1100, timeline=2)
    assert tier.picks() == {"read_2": 10}


def test_a_read_endpoint_that_leads_to_the_primary_itself_serves_reads_without_a_fence_only(tier: Tier) -> None:
    tier.replica(1, 1000, is_replica=False)
    tier.replica(2, 900)
    assert tier.picks()["read_1"] > 0
    tier.router.note_write()
    tier.primary(1010)
    tier.replica(1, 1010, is_replica=False)
    assert tier.picks() == {"main": 10}


def test_a_write_of_which_nothing_is_known_yet_is_read_from_the_primary(tier: Tier) -> None:
    tier.router.note_write()
    tier.replica(1, 10**9)
    assert tier.picks() == {"main": 10}


def test_an_own_write_is_read_only_where_it_was_replayed_and_behind_a_fence(tier: Tier) -> None:
    tier.router.note_write()
    tier.primary(1500)
    assert tier.picks() == {"main": 10}
    tier.replica(2, 1499)
    assert tier.picks() == {"main": 10}
    tier.replica(2, 1500)
    assert tier.picks() == {"read_2": 10}
    assert tier.router.pick_read().fence == Position(1, 1500)


def test_who_has_written_nothing_reads_without_a_fence(tier: Tier) -> None:
    assert tier.router.pick_read().fence is None


def test_a_replica_in_the_place_of_the_primary_tells_no_position_of_a_write(tier: Tier) -> None:
    tier.router.note_write()
    tier.primary(1500, is_replica=True)
    tier.replica(1, 1500)
    assert tier.picks() == {"main": 10}


def test_a_replica_of_the_timeline_before_the_failover_has_no_write_of_after_it(tier: Tier) -> None:
    tier.router.note_write()
    tier.primary(1100, timeline=2)
    tier.replica(1, 1200, timeline=1)
    assert tier.picks() == {"main": 10}
    tier.replica(1, 1200, timeline=2)
    assert tier.picks() == {"read_1": 10}


def test_a_replica_that_turned_out_to_be_behind_is_asked_again_first(tier: Tier) -> None:
    tier.router.note_write()
    tier.primary(1500)
    tier.replica(1, 1500)
    tier.router.note_behind(tier.router.replicas[0])
    assert tier.picks() == {"main": 10}
    tier.replica(1, 1500)
    assert tier.picks() == {"read_1": 10}
    assert tier.router.replicas_stats()[0].behind == 1


def test_what_happens_on_the_primary_counts_for_no_replica(tier: Tier) -> None:
    for note in (tier.router.note_read, tier.router.note_behind, tier.router.leave_out):
        note(tier.router.primary)
    assert tier.picks() == {"read_1": 5, "read_2": 5}
    assert {(stats.reads, stats.behind, stats.failures) for stats in tier.router.replicas_stats()} == {(0, 0, 0)}
