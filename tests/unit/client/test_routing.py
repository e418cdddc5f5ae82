from collections import Counter

from candlefish.client.postgres.pool import Pool
from candlefish.client.routing import Router


def pool(name: str) -> Pool:
    return Pool(name, f"postgresql://nobody@localhost/{name}", size=5, acquire_timeout_s=1, statement_timeout_s=1)


def router(replicas: int) -> Router:
    return Router(pool("main"), [pool(f"read_{number}") for number in range(1, replicas + 1)])


def test_reads_take_turns_between_idle_replicas() -> None:
    routes = router(3)
    chosen = Counter(routes.pick_read().name for _ in range(300))
    assert chosen == {"read_1": 100, "read_2": 100, "read_3": 100}


def test_reads_go_to_the_least_busy_replica() -> None:
    routes = router(3)
    routes.replicas[0].in_use, routes.replicas[1].in_use, routes.replicas[2].in_use = 4, 1, 3
    assert {routes.pick_read().name for _ in range(10)} == {"read_2"}


def test_a_replica_that_failed_is_left_out() -> None:
    routes = router(2)
    routes.leave_out(routes.replicas[0])
    assert {routes.pick_read().name for _ in range(10)} == {"read_2"}


def test_reads_go_to_the_primary_when_no_replica_works() -> None:
    routes = router(2)
    for replica in routes.replicas:
        routes.leave_out(replica)
    assert routes.pick_read() is routes.primary


def test_reads_go_to_the_primary_when_there_is_no_replica() -> None:
    routes = router(0)
    assert routes.pick_read() is routes.primary
