"""Sessions that are watched while they work."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.lab.server import ScratchServer
from candlefish.advise.plans.explain import Connection
from candlefish.advise.workload.live import watch_sessions
from candlefish.errors import UsageError

pytestmark = pytest.mark.live

LONG = f"select count(*) from orders where kunde in ({', '.join(map(str, range(600)))})"


@contextmanager
def working(dsn: str) -> Iterator[threading.Event]:
    """Sessions that ask the same again and again: with literals, with parameters, in a text that is cut off."""
    stop, begun = threading.Event(), threading.Event()

    def work(text: str, values: tuple[object, ...] | None) -> None:
        with psycopg.connect(dsn, autocommit=True) as connection:
            while not stop.wait(0.01):
                connection.execute(text.encode(), values)
                begun.set()

    asked = [
        ("select * from \"Sales\".\"Kunden\" where email = 'user''5'", None),
        ("select count(*) from orders where total = %s", (5,)),
        ("begin; update orders set total = 5 where id = 7; commit", None),
        (LONG, None),
    ]
    threads = [threading.Thread(target=work, args=each) for each in asked]
    for thread in threads:
        thread.start()
    try:
        yield begun
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_what_sessions_run_is_seen_with_its_literals(server: ScratchServer, shop: str, looking: Connection) -> None:
    told: list[float] = []
    with working(shop) as begun:
        assert begun.wait(30)
        workload = watch_sessions(looking, load_catalog(looking), watch_s=1.5, on_progress=told.append)
    by_kind = {(one.kind, one.constants_seen): one for one in workload.statements}
    assert by_kind["select", True].samples == ("select * from \"Sales\".\"Kunden\" where email = 'user''5'",)
    assert "$1" not in by_kind["select", False].samples[0]
    assert by_kind["update", True].samples == ("update orders set total = 5 where id = 7",)
    assert all(one.calls_per_hour > 0 for one in workload.statements)
    assert [one.reason for one in workload.skipped] == [
        "track_activity_query_size cuts it off: raise it, or read a log"
    ]
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_server_at_rest_has_no_workload(server: ScratchServer) -> None:
    with psycopg.connect(server.conninfo("template1"), autocommit=True) as connection:
        catalog = load_catalog(connection)
        with pytest.raises(UsageError, match="no session ran a statement"):
            watch_sessions(connection, catalog, watch_s=0.2)
