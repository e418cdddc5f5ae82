"""`--lab DSN`: a copy of the user's, refused where measuring there would be wrong, left as it was found."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.advise.lab.server import ScratchServer
from candlefish.cli.main import add_commands, app
from candlefish.errors import EngineError, UsageError

pytestmark = [pytest.mark.live, pytest.mark.slow]

STATEMENTS = """
-- calls_per_hour: 60
select * from orders where kunde = 5;
select count(*) from events where kind = 7;
select * from "Sales"."Kunden" where tags && array['t3'];
update orders set total = 5 where kunde = 9;
"""

_STATE = """
SELECT 'relation', c.relname, c.relkind::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' UNION ALL SELECT 'schema', nspname, '' FROM pg_namespace WHERE nspname !~ '^pg_'
UNION ALL SELECT 'extension', extname, '' FROM pg_extension UNION ALL SELECT 'total', sum(total)::text, '' FROM orders
ORDER BY 1, 2
"""


@pytest.fixture(scope="module")
def copy(server: ScratchServer, shop: str) -> Iterator[str]:
    """The address of a copy of the shop whose owner is no superuser and has no HypoPG in it."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE ROLE copier LOGIN")
        connection.execute("CREATE DATABASE copied TEMPLATE shop OWNER copier")
    with psycopg.connect(server.conninfo("copied"), autocommit=True) as connection:
        connection.execute("DROP EXTENSION hypopg; DROP EXTENSION pg_stat_statements")
        connection.execute('GRANT CREATE, USAGE ON SCHEMA public, "Sales" TO copier')
        for name in ('"Sales"."Kunden"', "orders", "events", "events_1", "events_2"):
            connection.execute(f"ALTER TABLE {name} OWNER TO copier".encode())
        connection.execute("VACUUM ANALYZE")
    yield f"host={server.folder} user=copier dbname=copied"
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS smaller WITH (FORCE)")
        connection.execute("DROP DATABASE copied WITH (FORCE)")
        connection.execute("DROP ROLE copier")


@pytest.fixture
def options(tmp_path: Path, copy: str) -> AdviseOptions:
    (tmp_path / "w.sql").write_text(STATEMENTS)
    return AdviseOptions(workload=tmp_path / "w.sql", lab=copy)


def state(dsn: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return connection.execute(_STATE.encode()).fetchall()


def test_advice_is_measured_in_the_given_copy_which_stays_as_it_was(
    shop: str, copy: str, options: AdviseOptions
) -> None:
    before = state(copy), state(shop)
    found = advise(shop, options)
    assert found.lab == "given copy"
    texts = "\n".join(one.statement for one in found.recommendations)
    assert '"public"."orders" USING btree ("kunde"' in texts
    assert '"public"."events" USING btree ("kind")' in texts
    assert '"Sales"."Kunden" USING gin ("tags")' in texts
    assert all(one.measured and one.confidence == "high" for one in found.recommendations)
    assert (state(copy), state(shop)) == before


def test_what_was_made_in_a_superusers_copy_goes_too(
    server: ScratchServer, shop: str, copy: str, options: AdviseOptions
) -> None:
    before = state(copy)
    found = advise(
        shop, AdviseOptions(workload=options.workload, lab=f"host={server.folder} user=postgres dbname=copied")
    )
    assert found.recommendations
    assert state(copy) == before


def test_what_the_lab_has_of_candlefishs_own_stays(
    server: ScratchServer, shop: str, copy: str, options: AdviseOptions
) -> None:
    with psycopg.connect(copy, autocommit=True) as connection:
        connection.execute("CREATE INDEX cf_of_the_user ON orders (placed)")
        advise(shop, options)
        assert connection.execute("SELECT to_regclass('cf_of_the_user') IS NOT NULL").fetchone() == (True,)
        connection.execute("DROP INDEX cf_of_the_user")


def test_a_smaller_copy_is_said_to_be_one(server: ScratchServer, shop: str, copy: str, options: AdviseOptions) -> None:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE smaller TEMPLATE copied OWNER copier")
    with psycopg.connect(server.conninfo("smaller"), autocommit=True) as connection:
        connection.execute("DELETE FROM orders WHERE id % 3 > 0")
        connection.execute("VACUUM (FULL, ANALYZE) orders")
    found = advise(shop, AdviseOptions(workload=options.workload, lab=copy.replace("copied", "smaller")))
    assert any("a part of public.orders only" in one for one in found.left_out)
    confidence = {one.table.name: one.confidence for one in found.recommendations}
    assert confidence["orders"] == "medium"
    assert confidence["events"] == "high"


def test_the_advised_database_is_refused_as_its_own_lab(shop: str, options: AdviseOptions) -> None:
    with pytest.raises(UsageError, match="is the database that is advised") as caught:
        advise(shop, AdviseOptions(workload=options.workload, lab=f"{shop} application_name=other"))
    assert "give a copy" in caught.value.hint


def test_a_lab_without_the_tables_is_refused_by_name(server: ScratchServer, shop: str, options: AdviseOptions) -> None:
    with pytest.raises(UsageError, match=r"it has no Sales\.Kunden, public\.events"):
        advise(shop, AdviseOptions(workload=options.workload, lab=server.conninfo("template1")))


def test_a_lab_that_the_role_does_not_own_is_refused(
    server: ScratchServer, shop: str, copy: str, options: AdviseOptions
) -> None:
    with psycopg.connect(server.conninfo("copied"), autocommit=True) as connection:
        connection.execute("ALTER TABLE orders OWNER TO postgres")
    try:
        with pytest.raises(UsageError, match=r"copier may not build indexes in the lab on public\.orders"):
            advise(shop, options)
    finally:
        with psycopg.connect(server.conninfo("copied"), autocommit=True) as connection:
            connection.execute("ALTER TABLE orders OWNER TO copier")


def test_a_lab_that_cannot_be_written_is_refused(
    server: ScratchServer, shop: str, copy: str, options: AdviseOptions
) -> None:
    with pytest.raises(UsageError, match="can't be written to") as caught:
        advise(
            shop, AdviseOptions(workload=options.workload, lab=f"{copy} options='-c default_transaction_read_only=on'")
        )
    assert "read-only" in caught.value.detail


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql://127.0.0.1:1/nothing", "could not reach nothing on 127.0.0.1:1"),
        ("postgresql://[::1/x", "the address of the database is wrong"),
    ],
)
def test_a_lab_that_is_not_there_is_named(shop: str, options: AdviseOptions, address: str, said: str) -> None:
    with pytest.raises((EngineError, UsageError), match=said):
        advise(shop, AdviseOptions(workload=options.workload, lab=address))


def test_the_command_takes_the_copys_address(shop: str, copy: str, options: AdviseOptions) -> None:
    add_commands(("advise", "down"))
    result = CliRunner().invoke(app, ["advise", shop, "--workload", str(options.workload), "--lab", copy])
    assert result.exit_code == 0, result.output
    assert "measured on a given copy" in result.output
