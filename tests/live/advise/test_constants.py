"""Normalised texts as pg_stat_statements has them, with literals in the place of their constants."""

from collections.abc import Iterator

import psycopg
import pytest
from tests.live.advise.asked import STATEMENTS, TYPES

from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.catalog.model import Catalog
from candlefish.advise.lab.server import ScratchServer
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Statement, Workload
from candlefish.advise.workload.pg_stat_statements import load_statements

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def asked(server: ScratchServer, shop: str) -> Iterator[str]:
    """A copy of the shop whose statements pg_stat_statements counted."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE asked TEMPLATE shop")
    with psycopg.connect(server.conninfo("asked"), autocommit=True) as connection:
        connection.execute(TYPES)
        connection.execute("ANALYZE")
        connection.execute("SELECT pg_stat_statements_reset()")
        for text in STATEMENTS:
            connection.execute(text.encode())
        connection.execute("SET search_path = other")
        connection.execute("select label from types where price = 8")
        connection.execute("select doc from types where doc ->> 'n' = 'it''s 1'")
    yield server.conninfo("asked")
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        connection.execute("DROP DATABASE asked")


@pytest.fixture(scope="module")
def asking(asked: str) -> Iterator[Connection]:
    with psycopg.connect(asked, autocommit=True, options="-c default_transaction_read_only=on") as connection:
        yield connection


@pytest.fixture(scope="module")
def catalog(asking: Connection) -> Catalog:
    return load_catalog(asking)


@pytest.fixture(scope="module")
def workload(asking: Connection, catalog: Catalog) -> Workload:
    return load_statements(asking, catalog)


def about(workload: Workload, *parts: str) -> Statement:
    (found,) = (one for one in workload.statements if all(part in one.text for part in parts))
    return found


def test_every_statement_can_be_run_but_for_the_one_whose_key_was_lost(workload: Workload) -> None:
    assert [(one.text, one.reason) for one in workload.skipped] == [
        (
            "select doc from types where doc ->> $1 = $2",
            "the literal in doc ->> $1 was not kept: a log of statements has it",
        )
    ]
    assert len(workload.statements) == len(STATEMENTS)  # the two lists of other length are one


def test_every_sample_runs(workload: Workload, asked: str) -> None:
    with psycopg.connect(asked) as connection:
        for statement in workload.statements:
            for sample in statement.samples:
                connection.execute(sample.encode())
                connection.rollback()


@pytest.mark.parametrize(
    "part",
    [
        "where id = uuid $1",
        "where net = $1",
        'where "Level" = $1',
        "where spans @>",
        "where words @@",
        "where doc @>",
        "where price between",
        "where lower(label)",
        "where at >=",
        "from open_kunden",
        "where price = $1",
    ],
)
def test_constants_are_such_as_rows_have(workload: Workload, asked: str, part: str) -> None:
    samples = about(workload, part).samples
    with psycopg.connect(asked) as connection:
        assert any(connection.execute(sample.encode()).rowcount for sample in samples), samples


def test_a_limit_is_as_many_rows_as_a_call_returned(workload: Workload) -> None:
    assert "LIMIT '3'::bigint" in about(workload, "from open_kunden").samples[0].replace("limit", "LIMIT")


def test_equal_values_are_a_typical_a_frequent_and_a_rare_one(workload: Workload) -> None:
    samples = about(workload, 'update "Sales"."Kunden"').samples
    assert len(samples) == 3


def test_tables_of_another_search_path_are_named_with_their_schema(workload: Workload) -> None:
    assert about(workload, "select label from types").samples[0].startswith('select label from "other"."types" where')


def test_lists_of_another_length_are_one_statement(workload: Workload) -> None:
    statement = about(workload, "price in (")
    assert statement.calls_per_hour == pytest.approx(2 / workload.hours)


def test_a_role_without_statistics_gets_values_that_rows_have(asked: str) -> None:
    with psycopg.connect(asked, autocommit=True) as connection:
        connection.execute("CREATE ROLE reader")
        try:
            connection.execute("GRANT pg_read_all_stats, pg_read_all_data TO reader")
            connection.execute("SET ROLE reader")
            workload = load_statements(connection, load_catalog(connection))
            assert about(workload, "where net = $1").samples
            connection.execute("RESET ROLE")
            connection.execute("REVOKE pg_read_all_stats FROM reader")
            connection.execute("SET ROLE reader")
            hidden = load_statements(connection, load_catalog(connection))
            assert hidden.statements == ()
            assert [one.text for one in hidden.skipped] == ["<insufficient privilege>"]
        finally:
            connection.execute("RESET ROLE")
            connection.execute("DROP OWNED BY reader")
            connection.execute("DROP ROLE reader")


def test_a_second_look_finds_the_same_statements_and_none_of_the_advisors(
    asking: Connection, catalog: Catalog, workload: Workload
) -> None:
    assert {one.id for one in load_statements(asking, catalog).statements} >= {one.id for one in workload.statements}
    texts = [one.text for one in load_statements(asking, catalog).statements]
    assert not [text for text in texts if "candlefish" in text or "pg_stat" in text]
