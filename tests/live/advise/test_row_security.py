"""Under row-level security a statement is planned and run as the role whose it is, with the policies' conditions."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from candlefish.advise.advice import Advice
from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.advise.lab.server import ScratchServer
from candlefish.errors import UsageError

pytestmark = [pytest.mark.live, pytest.mark.slow]

SETUP = """
CREATE ROLE "App User" LOGIN;
CREATE ROLE keeper LOGIN;
CREATE TABLE orders (id bigint PRIMARY KEY, tenant_id int NOT NULL, status text NOT NULL, note text);
INSERT INTO orders
  SELECT i, 1 + i % 2000, (array['x', 'y'])[1 + i % 2], md5(i::text) FROM generate_series(1, 60000) AS i;
ALTER TABLE orders OWNER TO keeper;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON orders TO "App User" USING (tenant_id = current_setting('app.tenant')::int);
GRANT SELECT, UPDATE ON orders TO "App User";
CREATE EXTENSION pg_stat_statements;
"""

QUERY = "select * from orders where status = 'x'"

BY_TENANT = '"public"."orders" USING btree ("tenant_id"'


@pytest.fixture(scope="module")
def dsn(server: ScratchServer) -> Iterator[str]:
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE tenants")
    with psycopg.connect(server.conninfo("tenants"), autocommit=True) as connection:
        connection.execute(SETUP)
        connection.execute("VACUUM ANALYZE")
    with psycopg.connect(server.conninfo("tenants"), autocommit=True) as connection:
        connection.execute("SELECT pg_stat_reset()")
    yield server.conninfo("tenants")
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute("DROP DATABASE tenants WITH (FORCE)")
        admin.execute('DROP ROLE "App User", keeper')


def of_file(tmp_path: Path, text: str) -> AdviseOptions:
    (tmp_path / "w.sql").write_text(text)
    return AdviseOptions(workload=tmp_path / "w.sql")


def created(advice: Advice) -> str:
    return "\n".join(one.statement for one in advice.recommendations)


def test_the_policys_column_is_indexed_for_a_statement_that_does_not_name_it(dsn: str, tmp_path: Path) -> None:
    found = advise(dsn, of_file(tmp_path, f'-- calls_per_hour: 600, role: "App User"\n{QUERY};'))
    assert BY_TENANT in created(found)
    (one,) = found.recommendations
    assert one.measured
    assert one.effects[0].before_plan.count("current_setting('app.tenant'") == 1
    assert any("statements of App User" in words and "app.tenant = " in words for words in found.left_out)


def test_the_same_of_the_tables_owner_has_no_such_condition(dsn: str, tmp_path: Path) -> None:
    for role in ("keeper", "postgres"):
        found = advise(dsn, of_file(tmp_path, f"-- calls_per_hour: 600\n-- role: {role}\n{QUERY};"))
        assert BY_TENANT not in created(found)
    found = advise(dsn, of_file(tmp_path, f"{QUERY};"))
    assert any("`-- role: NAME`" in words for words in found.left_out)


def test_a_role_that_the_server_does_not_have_is_named(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the workload names the role nobody_knows"):
        advise(dsn, of_file(tmp_path, f"-- role: nobody_knows\n{QUERY};"))


def test_pg_stat_statements_tells_the_role(dsn: str, server: ScratchServer) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("select pg_stat_statements_reset()")
    with psycopg.connect(f"host={server.folder} user='App User' dbname=tenants", autocommit=True) as connection:
        connection.execute("SET app.tenant = '7'")
        for _ in range(60):
            connection.execute("select * from orders where status = 'x'")
    assert BY_TENANT in created(advise(dsn, AdviseOptions()))


def test_a_log_tells_the_role(dsn: str, tmp_path: Path) -> None:
    entries = [
        {
            "timestamp": f"2026-01-01 10:00:{second:02d}.000 UTC", "user": "App User", "dbname": "tenants", "pid": 7,
            "error_severity": "LOG", "message": f"duration: 9.5 ms  statement: {QUERY}",
        }
        for second in range(30)
    ]  # fmt: skip
    (tmp_path / "log.json").write_text("\n".join(map(json.dumps, entries)))
    assert BY_TENANT in created(advise(dsn, AdviseOptions(log=tmp_path / "log.json")))


def test_the_application_itself_is_advised_from_the_rows_that_it_sees(
    dsn: str, server: ScratchServer, tmp_path: Path
) -> None:
    own = f"host={server.folder} user='App User' dbname=tenants"
    found = advise(own, of_file(tmp_path, f"-- calls_per_hour: 600\n{QUERY};"))
    assert found.skipped == ()
    assert found.lab == "copy of what App User may read"
    assert any("row-level security hides rows of public.orders" in words for words in found.left_out)


def test_a_setting_of_the_address_is_the_one_that_counts(dsn: str, tmp_path: Path) -> None:
    options = of_file(tmp_path, f'-- calls_per_hour: 600\n-- role: "App User"\n{QUERY};')
    found = advise(f"{dsn} options='-c app.tenant=1234'", options)
    assert any("app.tenant = 1234" in words for words in found.left_out)
    assert BY_TENANT in created(found)


def test_without_a_lab_it_is_planned_as_the_role_too(dsn: str, tmp_path: Path) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION hypopg")
    try:
        options = of_file(tmp_path, f'-- calls_per_hour: 600\n-- role: "App User"\n{QUERY};')
        found = advise(dsn, AdviseOptions(workload=options.workload, lab="none"))
        assert BY_TENANT in created(found)
        owner = dsn.replace("user=postgres", "user=keeper")
        found = advise(owner, AdviseOptions(workload=options.workload, lab="none"))
        assert any("without its row-level security: permission denied to set role" in one for one in found.left_out)
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("DROP EXTENSION hypopg")


def test_forced_policies_hold_for_the_owner_too(dsn: str, tmp_path: Path) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("ALTER TABLE orders FORCE ROW LEVEL SECURITY")
        connection.execute(
            "CREATE POLICY of_keeper ON orders TO keeper USING (tenant_id = current_setting('app.tenant')::int)"
        )
        try:
            found = advise(dsn, of_file(tmp_path, f"-- calls_per_hour: 600\n-- role: keeper\n{QUERY};"))
            assert BY_TENANT in created(found)
        finally:
            connection.execute("ALTER TABLE orders NO FORCE ROW LEVEL SECURITY; DROP POLICY of_keeper ON orders")
