"""A log as a workload: what a real server wrote in each of its formats."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.live.advise.shop import SHOP

from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.lab.server import ScratchServer, scratch_server
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Statement, Workload
from candlefish.advise.workload.log import load_log
from candlefish.errors import UsageError

pytestmark = pytest.mark.live

SETTINGS = {
    "shared_preload_libraries": "auto_explain, pg_stat_statements",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "all.log",
    "log_destination": "stderr,csvlog,jsonlog",
    "log_min_duration_statement": "0",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}

EXTENDED = [
    ('select id from "Sales"."Kunden" where email = %s', ('it\'s "ä" \\ $1',)),
    ('select id from "Sales"."Kunden" where email = %s', (None,)),
    ("select * from orders where placed > %s and total = any(%s) limit %s", ("2026-02-01", [1, 2], 5)),
    ("select date_trunc(%s, placed), count(*) from orders where kunde = %s group by 1", ("day", 7)),
    ('select id from "Sales"."Kunden" where doc @> %s and during && %s', ('{"plan": "pro"}', "[1,5)")),
]
SIMPLE = [
    "select 'Ä;b'   as \"X\", $q$ ; $q$ from orders where id = 1",
    "SELECT 'c' AS \"X\", 'd'\nFROM orders -- one more\nWHERE id = 2",
    "begin; update orders set total = 5 where id = 7; commit",
    "select nothing from nowhere",
]


@pytest.fixture(scope="module")
def logged() -> Iterator[ScratchServer]:
    """A server that logged the statements above, once each, and the two last of them as plans too."""
    with scratch_server(SETTINGS) as server:
        with psycopg.connect(server.conninfo(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE shop")
        with psycopg.connect(server.conninfo("shop"), autocommit=True, application_name="candlefish advise") as owner:
            owner.execute("SET log_min_duration_statement = -1")
            owner.execute(SHOP)
            owner.execute("ALTER SYSTEM SET auto_explain.log_min_duration = 0")
            owner.execute("SELECT pg_reload_conf()")
        with psycopg.connect(server.conninfo("shop"), autocommit=True) as connection:
            for text, values in EXTENDED:
                connection.execute(text, values, prepare=True)
            for text in SIMPLE[:-1]:
                connection.execute(text)
            with pytest.raises(psycopg.errors.UndefinedTable):
                connection.execute(SIMPLE[-1])
        with psycopg.connect(server.conninfo("postgres"), autocommit=True) as other:
            other.execute("select 'of another database'")
        yield server


@pytest.fixture(scope="module")
def asking(logged: ScratchServer) -> Iterator[Connection]:
    options = "-c default_transaction_read_only=on"
    with psycopg.connect(
        logged.conninfo("shop"), autocommit=True, options=options, application_name="candlefish advise"
    ) as connection:
        yield connection


@pytest.fixture(scope="module", params=["all.log", "all.csv", "all.json"])
def workload(asking: Connection, logged: ScratchServer, request: pytest.FixtureRequest) -> Workload:
    path: Path = logged.folder / "data" / "log" / request.param
    return load_log(asking, load_catalog(asking), path)


def about(workload: Workload, part: str) -> Statement:
    (found,) = (one for one in workload.statements if part in one.text)
    return found


def test_values_stand_in_the_place_of_parameters_with_their_quotes(workload: Workload) -> None:
    samples = about(workload, "email = $1").samples
    assert any("E'it''s \"ä\" \\\\ $1'" in one for one in samples)
    assert any("email = NULL::text" in one for one in samples)
    dated = about(workload, "date_trunc").samples[0]
    assert "'day'::text" in dated
    assert "kunde = '7'::" in dated


def test_every_sample_can_be_run_and_is_a_real_call(workload: Workload, asking: Connection) -> None:
    for statement in workload.statements:
        assert statement.constants_seen
        assert statement.mean_ms is not None or statement.kind == "update"
        for sample in statement.samples:
            asking.execute(b"EXPLAIN " + sample.encode())


def test_other_literals_are_samples_of_one_statement(workload: Workload) -> None:
    statement = about(workload, "$q$ ; $q$")
    assert len(statement.samples) == 2
    assert statement.calls_per_hour == pytest.approx(2 / workload.hours)


def test_a_call_logged_with_its_plan_too_is_counted_once(workload: Workload) -> None:
    assert about(workload, "limit $3").calls_per_hour == pytest.approx(1 / workload.hours)


def test_a_statement_between_others_in_one_text_is_found(workload: Workload) -> None:
    assert about(workload, "update orders").kind == "update"


def test_other_databases_and_the_advisor_itself_are_left_out(workload: Workload) -> None:
    texts = " ".join([*(one.text for one in workload.statements), *(one.text for one in workload.skipped)])
    assert "another database" not in texts
    assert "CREATE EXTENSION" not in texts
    assert len(workload.statements) == 6


def test_a_log_without_statements_says_what_to_set(asking: Connection, tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("2026-11-24 01:00:00 UTC [1] LOG:  checkpoint starting: time\n")
    with pytest.raises(UsageError, match="holds no statement") as caught:
        load_log(asking, load_catalog(asking), tmp_path / "a.log")
    assert "log_min_duration_statement" in caught.value.hint
