"""A replica is copied anew when nothing else brings it back, and never when something may."""

from candlefish.engines.repair import GIVE_UP_S, GIVE_UP_STARTING_S, SilenceClock, is_beyond_repair

LONG = GIVE_UP_S + 1


def test_a_replica_that_stays_silent_is_given_up() -> None:
    assert is_beyond_repair(LONG, {"role": "replica", "state": "start failed"})
    assert not is_beyond_repair(GIVE_UP_S - 1, {"role": "replica", "state": "start failed"})


def test_a_replica_that_replays_wal_gets_more_time() -> None:
    assert not is_beyond_repair(LONG, {"role": "sync_standby", "state": "starting"})
    assert is_beyond_repair(GIVE_UP_STARTING_S + 1, {"role": "sync_standby", "state": "starting"})


def test_a_copy_under_way_is_left_alone() -> None:
    assert not is_beyond_repair(1e6, {"role": "replica", "state": "creating replica"})


def test_a_leader_is_never_touched() -> None:
    assert not is_beyond_repair(1e6, {"role": "leader", "state": "running"})


def test_a_node_without_patroni_is_left_to_supervisord() -> None:
    assert not is_beyond_repair(1e6, {})


def test_silence_counts_from_the_first_question_without_an_answer() -> None:
    clock = SilenceClock()
    clock.note(1.0, {"pg1": True, "pg2": False})
    clock.note(5.0, {"pg1": True, "pg2": False})
    assert (clock.silent_s(6.0, "pg1"), clock.silent_s(6.0, "pg2")) == (0.0, 5.0)
    clock.note(7.0, {"pg1": True, "pg2": True})
    assert clock.silent_s(8.0, "pg2") == 0.0
    clock.note(9.0, {"pg2": False})
    clock.forget("pg2")
    assert clock.silent_s(10.0, "pg2") == 0.0
