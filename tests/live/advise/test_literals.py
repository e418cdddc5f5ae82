"""Statements with literals of every type are analysed as they are, from a file and from a log."""

import csv
import datetime
import decimal
import ipaddress
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb
from psycopg.types.range import Int4Range
from tests.live.advise.literals import BAD, SETUP, STATEMENTS

from candlefish.advise.advice import Advice
from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.index.search import SearchOptions
from candlefish.advise.lab.server import ScratchServer, scratch_server
from candlefish.advise.statements import Workload
from candlefish.advise.workload.log import load_log
from candlefish.advise.workload.sql_file import load_file

pytestmark = [pytest.mark.live, pytest.mark.slow]

QUICK = SearchOptions(seconds=0.5)

NAMED = {
    '"public"."Mixed Case" USING btree ("Id ""q"" x")',
    '"public"."select" USING btree ("from")',
    '"public"."order" USING btree ("user")',
    '"public"."Übung" USING btree ("größe")',
    '"public"."data" USING btree ("x")',
}

_LOGGING = {
    "logging_collector": "on",
    "log_destination": "csvlog",
    "log_directory": "log",
    "log_filename": "calls.log",
    "log_min_duration_statement": "0",
}

_TYPES = """
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'lit'::regclass AND attnum > 0
"""

PARAMETERS: tuple[tuple[str, Any], ...] = (
    ("d", datetime.date(2026, 1, 5)),
    ("ts", datetime.datetime(2026, 1, 5, tzinfo=datetime.UTC)),
    ("iv", datetime.timedelta(days=1, seconds=7)),
    ("b", b"\xde\xad'\\"),
    ("arr", [100_000, 2, 3]),
    ("words", ['a;b"', "it's", "ü, {}", None]),
    ("j", Jsonb({"k": 'it\'s; "so" \\ 🐟'})),
    ("r", Int4Range(1, 5)),
    ("u", uuid.UUID("c4ca4238-a0b9-2382-0dcc-509a6f75849b")),
    ("net", ipaddress.ip_address("10.0.0.5")),
    ("n", decimal.Decimal("12345678901234567890.123456789")),
    ("t", "it's; $1 \\ 日本語\nline -- no comment"),
    ("flag", True),
    ("mood", "happy; sad"),
)


@pytest.fixture(scope="module")
def logging_server() -> Iterator[ScratchServer]:
    with scratch_server(_LOGGING) as server:
        with psycopg.connect(server.conninfo(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE literals")
        with psycopg.connect(server.conninfo("literals"), autocommit=True) as connection:
            connection.execute("SET log_min_duration_statement = -1")
            connection.execute(SETUP.encode())
            connection.execute("VACUUM ANALYZE")
        with psycopg.connect(server.conninfo("literals"), autocommit=True) as connection:
            connection.execute("SELECT pg_stat_reset()")  # so that the load does not count as what an hour writes
        yield server


@pytest.fixture(scope="module")
def dsn(logging_server: ScratchServer) -> str:
    return logging_server.conninfo("literals")


@pytest.fixture(scope="module")
def log(logging_server: ScratchServer, dsn: str) -> Path:
    """A csvlog of every statement, run with its literals, and of calls with parameters of every type."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for text in STATEMENTS:
            with connection.transaction(force_rollback=True):
                connection.execute(text.encode())
        for column, value in PARAMETERS:
            connection.execute(f"select 1 from lit where {column} = %s and 'param' <> '{column}'".encode(), (value,))
    return logging_server.folder / "data" / "log" / "calls.csv"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("literals") / "statements.sql"
    file.write_text("\\set ON_ERROR_STOP on\n" + ";\n".join((*STATEMENTS, *BAD)) + ";\n", encoding="utf-8", newline="")
    return file


@pytest.fixture(scope="module")
def advice(dsn: str, file: Path) -> Advice:
    return advise(dsn, AdviseOptions(workload=file, search=QUICK))


def samples(workload: Workload) -> set[str]:
    return {text for one in workload.statements for text in one.samples}


def tables(advice: Advice) -> set[str]:
    return {one.statement.split(" ON ")[1] for one in advice.recommendations}


def test_a_file_gives_each_statement_as_it_stands_there(file: Path) -> None:
    assert set(STATEMENTS) <= samples(load_file(file))


def test_every_statement_of_the_file_is_analysed_and_each_bad_one_is_reported(advice: Advice) -> None:
    skipped = {one.text: one.reason for one in advice.skipped}
    assert skipped.pop("\\set ON_ERROR_STOP on") == "a command of psql's"
    assert skipped.keys() == BAD.keys()
    for text, reason in BAD.items():
        assert reason in skipped[text]


def test_names_that_need_quotes_are_advised_with_them(advice: Advice) -> None:
    assert tables(advice) >= NAMED


def test_what_is_advised_can_be_built(advice: Advice, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for one in advice.recommendations:
            for step in one.steps:
                with connection.transaction(force_rollback=True):
                    connection.execute(step.statement.replace(" CONCURRENTLY", "").encode())


def test_a_log_gives_each_statement_as_it_was_called(dsn: str, log: Path) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        workload = load_log(connection, load_catalog(connection), log)
    assert [one for one in workload.skipped if not one.text.startswith(("BEGIN", "ROLLBACK"))] == []
    assert set(STATEMENTS) <= samples(workload)


def test_values_of_parameters_come_back_as_literals_that_mean_the_same(dsn: str, log: Path) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        workload = load_log(connection, load_catalog(connection), log)
        called = [text for text in samples(workload) if "'param' <>" in text]
        types: dict[str, str] = dict(connection.execute(_TYPES).fetchall())
        for column, value in PARAMETERS:
            kind = types[column]
            found = [text for text in called if f" {column} = " in text]
            assert found, column
            literal = found[0].split(f" {column} = ")[1].split(" and 'param'")[0]
            row = connection.execute(f"select ({literal})::{kind} = %s::{kind}".encode(), (value,)).fetchone()
            assert row == (True,), (column, literal)


def test_a_log_is_advised_on(dsn: str, log: Path) -> None:
    found = advise(dsn, AdviseOptions(log=log, search=QUICK))
    assert tables(found) >= NAMED
    with log.open(newline="") as lines:
        assert any("dollar 'quoted'" in row[13] for row in csv.reader(lines))
