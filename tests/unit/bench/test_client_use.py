from candlefish.bench.client_use import read_use
from candlefish.bench.result import ClientUse


def test_the_use_of_a_run_is_what_came_on_top_of_the_counts_before_it() -> None:
    before = ClientUse(replica_reads=10, loads=3, joined=5)
    after = ClientUse(replica_reads=25, loads=4, joined=5, stale=2)
    assert after - before == ClientUse(replica_reads=15, loads=1, stale=2)


def test_the_workers_counts_are_added_up() -> None:
    assert sum([ClientUse(loads=1, waits=2), ClientUse(loads=4)], start=ClientUse()) == ClientUse(loads=5, waits=2)


def test_a_target_without_pools_and_cache_has_used_nothing() -> None:
    assert read_use(None, None) == ClientUse()
