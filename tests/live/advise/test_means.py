"""The advisor works within a role's means: advice where it can, and what would allow the rest."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from candlefish.advise.advice import Advice
from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.advise.lab.server import ScratchServer
from candlefish.cli.main import add_commands, app

pytestmark = [pytest.mark.live, pytest.mark.slow]

STATEMENTS = """
-- calls_per_hour: 600
select * from "Sales"."Kunden" where email = 'user77@example.com';
select * from orders where kunde = 5 order by placed desc limit 5;
update orders set total = 5 where kunde = 7;
"""

KUNDEN, ORDERS = '"Sales"."Kunden" USING', '"public"."orders" USING'

_ROLES = """
CREATE ROLE nobody_much LOGIN;
CREATE ROLE watcher LOGIN; GRANT pg_monitor TO watcher;
CREATE ROLE reads_all LOGIN; GRANT pg_monitor, pg_read_all_data TO reads_all;
CREATE ROLE reads_some LOGIN; GRANT SELECT ON orders TO reads_some;
"""
_NO_ROLES = """
DROP OWNED BY reads_some;
DROP ROLE nobody_much, watcher, reads_all, reads_some;
"""


@pytest.fixture(scope="module")
def roles(server: ScratchServer, shop: str) -> Iterator[str]:
    """The shop's address without a user, and what the tables were before."""
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute(_ROLES)
        before = state(connection)
        yield f"host={server.folder} dbname=shop"
        assert state(connection) == before
        connection.execute(_NO_ROLES)


@pytest.fixture
def workload(tmp_path: Path) -> Path:
    (tmp_path / "w.sql").write_text(STATEMENTS)
    return tmp_path / "w.sql"


def state(connection: psycopg.Connection[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Return every relation with what was ever written to it."""
    return connection.execute(
        "SELECT c.relname, c.relkind, coalesce(n_tup_ins + n_tup_upd + n_tup_del, 0) FROM pg_class c"
        " LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid WHERE c.oid >= 16384 ORDER BY c.oid"
    ).fetchall()


def created(advice: Advice) -> str:
    return "\n".join(one.statement for one in advice.recommendations if one.kind == "create index")


@pytest.mark.parametrize("lab", ["scratch", "none"])
@pytest.mark.parametrize("role", ["nobody_much", "watcher"])
def test_a_role_that_reads_no_table_is_told_the_grant_and_gets_the_advice_of_the_catalog(
    roles: str, workload: Path, role: str, lab: str
) -> None:
    found = advise(f"{roles} user={role}", AdviseOptions(workload=workload, lab=lab))
    assert found.recommendations == ()
    assert found.lab == ""
    assert any(f"{role} may not read" in one and f'GRANT pg_read_all_data TO "{role}"' in one for one in found.left_out)
    assert any("nothing was built or measured" in one for one in found.left_out)
    reasons = sorted(one.reason for one in found.skipped)
    assert reasons == ["permission denied for schema Sales", *["permission denied for table orders"] * 2]
    assert any("no index on (kunde)" in one.message for one in found.findings)


@pytest.mark.parametrize(
    ("role", "reason"),
    [("nobody_much", "grant it pg_read_all_stats"), ("watcher", "permission denied for table orders")],
)
def test_what_the_server_counted_is_skipped_with_the_reason_where_the_role_may_not_see_it(
    roles: str, shop: str, role: str, reason: str
) -> None:
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute("select pg_stat_statements_reset()")
        connection.execute("select * from orders where kunde = 5")
    found = advise(f"{roles} user={role}", AdviseOptions())
    assert any(reason in one.reason for one in found.skipped)
    assert any("no index on (kunde)" in one.message for one in found.findings)


def test_a_role_that_reads_everything_has_reads_and_writes_measured(roles: str, workload: Path, shop: str) -> None:
    found = advise(f"{roles} user=reads_all", AdviseOptions(workload=workload))
    assert found.lab == "full copy"
    assert found.skipped == ()
    assert KUNDEN in created(found)
    (orders,) = (one for one in found.recommendations if ORDERS in one.statement)
    assert orders.measured
    assert any(effect.text.startswith("update orders") for effect in orders.effects)
    assert any("apply as the owner" in one for one in found.left_out)


def test_a_reading_roles_own_counts_hold_the_writes_of_others(roles: str, shop: str) -> None:
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute("select pg_stat_statements_reset()")
        for number in range(60):
            connection.execute("update orders set total = total where kunde = %s", (-number,))  # nobody's
    found = advise(f"{roles} user=reads_all", AdviseOptions())
    assert found.skipped == ()
    assert ORDERS in created(found)


def test_without_a_lab_a_reading_role_gets_estimates_that_say_so(roles: str, workload: Path) -> None:
    found = advise(f"{roles} user=reads_all", AdviseOptions(workload=workload, lab="none"))
    assert KUNDEN in created(found)
    assert all((one.measured, one.confidence, one.before_ms) == (False, "low", None) for one in found.recommendations)
    assert found.before_cost > found.after_cost > 0
    assert "nothing was built or measured: --lab none" in found.left_out
    assert [one.reason for one in found.skipped] == ["permission denied for table orders"]


def test_what_a_role_may_read_is_copied_and_measured_without_the_rest(roles: str, workload: Path) -> None:
    found = advise(f"{roles} user=reads_some", AdviseOptions(workload=workload))
    assert found.lab == "copy of what reads_some may read"
    assert ORDERS in created(found)
    assert KUNDEN not in created(found)
    assert all(one.measured for one in found.recommendations)
    assert [one.reason for one in found.skipped] == ["permission denied for schema Sales"]
    assert any("reads_some may not read Sales.Kunden" in one for one in found.left_out)


def test_the_command_says_it_without_a_traceback(roles: str, workload: Path) -> None:
    add_commands(("advise", "down"))
    result = CliRunner().invoke(app, ["advise", f"{roles} user=watcher", "--workload", str(workload), "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["recommendations"] == []
    assert any("GRANT pg_read_all_data" in one for one in found["left_out"])


def test_statistics_in_a_schema_that_is_closed_are_an_error_with_the_grant(server: ScratchServer, roles: str) -> None:
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE closed")
    with psycopg.connect(server.conninfo("closed"), autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shut; CREATE EXTENSION pg_stat_statements SCHEMA shut")
    add_commands(("advise", "down"))
    result = CliRunner().invoke(app, ["advise", f"host={server.folder} dbname=closed user=nobody_much"])
    assert "this role may not read pg_stat_statements" in str(result.exception)
