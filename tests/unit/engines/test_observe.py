"""Who is primary and who serves reads is decided from what the nodes say, and from nothing else."""

from candlefish.engines.observe import LagClock, NodeView, choose_primary, choose_rotation


def primary(name: str, timeline: int = 1, lsn: int = 100) -> NodeView:
    return NodeView(name, answers=True, is_replica=False, lsn=lsn, timeline=timeline)


def replica(name: str, lsn: int = 100) -> NodeView:
    return NodeView(name, answers=True, is_replica=True, lsn=lsn)


def gone(name: str) -> NodeView:
    return NodeView(name, answers=False)


def test_the_node_out_of_recovery_is_primary() -> None:
    assert choose_primary([replica("pg1"), primary("pg2"), replica("pg3")], "pg1") == "pg2"


def test_of_two_primaries_the_one_promoted_later_counts() -> None:
    assert choose_primary([primary("pg1", timeline=3), primary("pg2", timeline=4)], "pg1") == "pg2"


def test_without_a_primary_the_last_one_is_kept() -> None:
    assert choose_primary([gone("pg1"), replica("pg2")], "pg1") == "pg1"


def test_a_dead_replica_leaves_the_rotation() -> None:
    assert choose_rotation([primary("pg1"), gone("pg2"), replica("pg3")], "pg1", {}, ("pg2", "pg3"), 1.0) == ("pg3",)


def test_the_primary_serves_no_replica_reads() -> None:
    assert choose_rotation([primary("pg1"), replica("pg2")], "pg1", {}, (), 1.0) == ("pg2",)


def test_a_lagging_replica_leaves_and_returns_at_half_the_limit() -> None:
    views = [primary("pg1"), replica("pg2")]
    assert choose_rotation(views, "pg1", {"pg2": 1.1}, ("pg2",), 1.0) == ()
    assert choose_rotation(views, "pg1", {"pg2": 0.9}, ("pg2",), 1.0) == ("pg2",)
    assert choose_rotation(views, "pg1", {"pg2": 0.9}, (), 1.0) == ()
    assert choose_rotation(views, "pg1", {"pg2": 0.5}, (), 1.0) == ("pg2",)


def test_lag_counts_from_the_first_position_that_was_not_replayed() -> None:
    clock = LagClock()
    clock.note(10.0, 100)
    clock.note(11.0, 200)
    clock.note(12.0, 300)
    assert clock.lag_s(13.0, 300) == 0.0
    assert clock.lag_s(13.0, 250) == 1.0
    assert clock.lag_s(13.0, 100) == 2.0


def test_an_idle_primary_lets_no_lag_grow() -> None:
    clock = LagClock()
    clock.note(10.0, 100)
    clock.note(500.0, 100)
    assert clock.lag_s(500.0, 100) == 0.0


def test_positions_of_a_new_primary_start_a_new_history() -> None:
    clock = LagClock()
    clock.note(10.0, 500)
    clock.note(11.0, 400)
    assert clock.lag_s(12.0, 400) == 0.0


def test_what_is_older_than_the_history_is_forgotten() -> None:
    clock = LagClock(keep_s=5.0)
    clock.note(0.0, 100)
    clock.note(10.0, 200)
    assert clock.lag_s(12.0, 50) == 2.0
