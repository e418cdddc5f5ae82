"""What roles may do, as the server tells it."""

from collections.abc import Iterator

import psycopg
import pytest

from candlefish.advise.abilities import read_abilities
from candlefish.advise.lab.server import ScratchServer
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table

pytestmark = pytest.mark.live

KUNDEN = Table("Sales", "Kunden")
ORDERS = Table("public", "orders")


@pytest.fixture
def monitor(server: ScratchServer, shop: str) -> Iterator[Connection]:
    """A role that may read statistics and one table, which it owns."""
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute('CREATE ROLE "Der Wächter" LOGIN')
        try:
            connection.execute('GRANT CREATE ON SCHEMA public TO "Der Wächter"')
            connection.execute('ALTER TABLE events OWNER TO "Der Wächter"')
            connection.execute('SET ROLE "Der Wächter"')
            yield connection
        finally:
            connection.execute("RESET ROLE")
            connection.execute("ALTER TABLE events OWNER TO postgres")
            connection.execute('DROP OWNED BY "Der Wächter"')
            connection.execute('DROP ROLE "Der Wächter"')


def test_a_superuser_may_do_everything(looking: Connection) -> None:
    abilities = read_abilities(looking)
    assert abilities.superuser
    assert abilities.counts_statements
    assert abilities.statements_version >= (1, 8)
    assert abilities.hypopg_installed
    assert abilities.may_create_database
    assert abilities.may_build(KUNDEN)
    assert abilities.owned_ratio == 1.0
    assert abilities.unreadable == ()
    assert [one for one in abilities.left_out() if "track_io_timing" not in one] == []


def test_a_role_is_told_what_it_may_not_do_and_what_would_allow_it(monitor: Connection) -> None:
    abilities = read_abilities(monitor)
    assert not abilities.superuser
    assert not abilities.may_build(ORDERS)
    assert abilities.may_build(Table("public", "events"))
    assert 0 < abilities.owned_ratio < 1
    assert set(abilities.unreadable) >= {KUNDEN, ORDERS}
    said = "\n".join(abilities.left_out())
    assert 'GRANT pg_read_all_stats TO "Der Wächter"' in said
    assert "may not read Sales.Kunden" in said
    assert "may not build indexes on Sales.Kunden" in said


def test_rights_that_were_granted_are_seen(monitor: Connection) -> None:
    monitor.execute("RESET ROLE")
    monitor.execute('GRANT pg_monitor, pg_read_all_data TO "Der Wächter"')
    monitor.execute('SET ROLE "Der Wächter"')
    abilities = read_abilities(monitor)
    assert abilities.reads_statistics
    assert abilities.unreadable == ()


def test_a_database_without_the_extensions_says_what_to_create(server: ScratchServer, shop: str) -> None:
    with psycopg.connect(server.conninfo("template1"), autocommit=True) as connection:
        abilities = read_abilities(connection)
    assert (abilities.statements_schema, abilities.counts_statements) == ("", False)
    assert not abilities.hypopg_installed
    assert abilities.may_create_hypopg
    said = "\n".join(abilities.left_out())
    assert "CREATE EXTENSION pg_stat_statements" in said
    assert "CREATE EXTENSION hypopg" in said


def test_rows_hidden_by_row_security_are_named(shop: str) -> None:
    with psycopg.connect(shop) as connection:
        connection.execute("CREATE ROLE tenant")
        connection.execute("GRANT SELECT ON orders TO tenant")
        connection.execute("ALTER TABLE orders ENABLE ROW LEVEL SECURITY")
        connection.execute("SET LOCAL ROLE tenant")
        assert read_abilities(connection).filtered == (ORDERS,)
        connection.rollback()
