"""An index that needs an extension: tried in the lab, advised with the extension as its first step, taken back."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from candlefish.advise.advice import Recommendation
from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.build import Patience
from candlefish.advise.apply.journal import entries, make_journal, note
from candlefish.advise.lab.server import ScratchServer
from candlefish.advise.plans.explain import Connection

pytestmark = [pytest.mark.live, pytest.mark.slow]

PATIENCE = Patience(wait_s=20)

SETUP = """
CREATE TABLE notes (id bigint PRIMARY KEY, body text NOT NULL, author int);
INSERT INTO notes SELECT i, 'note ' || md5(i::text) || md5((i + 1)::text), i % 100 FROM generate_series(1, 40000) AS i;
"""

_NUMBERS = count()


@pytest.fixture
def dsn(server: ScratchServer) -> Iterator[str]:
    name = f"notes_{next(_NUMBERS)}"
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
    with psycopg.connect(server.conninfo(name), autocommit=True) as connection:
        connection.execute(SETUP)
        connection.execute("VACUUM ANALYZE")
    yield server.conninfo(name)
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def connection(dsn: str) -> Iterator[Connection]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@pytest.fixture
def workload(tmp_path: Path) -> Path:
    (tmp_path / "w.sql").write_text(
        "-- calls_per_hour: 600\nselect id from notes where body ilike '%c4ca4238%';\n"
        "-- calls_per_hour: 600\nselect id from notes where body like '%8f14e45f%' and author = 7;\n"
    )
    return tmp_path / "w.sql"


def with_trigrams(dsn: str, workload: Path) -> Recommendation:
    found = advise(dsn, AdviseOptions(workload=workload))
    (one,) = (one for one in found.recommendations if "gin_trgm_ops" in one.statement)
    assert not any("trigram" in words for words in found.left_out)
    return one


def extensions(connection: Connection) -> set[str]:
    return {row[0] for row in connection.execute("SELECT extname FROM pg_extension").fetchall()}


def test_the_index_is_measured_and_its_first_step_makes_the_extension(
    dsn: str, connection: Connection, workload: Path
) -> None:
    one = with_trigrams(dsn, workload)
    assert one.measured
    assert one.before_ms is not None
    assert one.after_ms is not None
    assert one.after_ms < one.before_ms
    assert one.steps[0].statement == 'CREATE EXTENSION IF NOT EXISTS "pg_trgm"'
    assert "it needs the extension pg_trgm, which is not installed yet" in one.reason
    assert "pg_trgm" not in extensions(connection)


def test_applied_it_is_there_and_undo_takes_index_and_extension_back(
    dsn: str, connection: Connection, workload: Path
) -> None:
    one = with_trigrams(dsn, workload)
    apply(dsn, [one], PATIENCE)
    assert "pg_trgm" in extensions(connection)
    assert connection.execute(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", (f'"{one.name}"',)
    ).fetchone() == (True,)
    assert apply(dsn, [one], PATIENCE).done == ()
    undo(dsn, PATIENCE)
    assert "pg_trgm" not in extensions(connection)
    assert entries(connection, "built") == ()


def test_an_extension_that_was_there_before_stays(dsn: str, connection: Connection, workload: Path) -> None:
    one = with_trigrams(dsn, workload)
    connection.execute("CREATE EXTENSION pg_trgm")
    assert apply(dsn, [one], PATIENCE).skipped == ("pg_trgm",)
    undo(dsn, PATIENCE)
    assert "pg_trgm" in extensions(connection)
    assert connection.execute("SELECT to_regclass(%s)", (f'"{one.name}"',)).fetchone() == (None,)


def test_an_extension_that_something_else_uses_by_now_stays(dsn: str, connection: Connection, workload: Path) -> None:
    one = with_trigrams(dsn, workload)
    apply(dsn, [one], PATIENCE)
    connection.execute("CREATE INDEX by_hand ON notes USING gist (body gist_trgm_ops)")
    assert undo(dsn, PATIENCE).skipped == ("pg_trgm",)
    assert "pg_trgm" in extensions(connection)
    connection.execute("DROP INDEX by_hand")
    undo(dsn, PATIENCE)
    assert "pg_trgm" not in extensions(connection)


def test_a_run_that_was_killed_after_it_made_the_extension_is_mended(
    dsn: str, connection: Connection, workload: Path
) -> None:
    one = with_trigrams(dsn, workload)
    make_journal(connection)
    apply(dsn, [one], PATIENCE)
    extension = entries(connection, "built")[0]
    note(connection, extension.id, "building")
    undo(dsn, PATIENCE)
    assert "pg_trgm" not in extensions(connection)


def test_where_it_is_installed_the_index_is_all(dsn: str, connection: Connection, workload: Path) -> None:
    connection.execute("CREATE EXTENSION pg_trgm")
    one = with_trigrams(dsn, workload)
    assert len(one.steps) == 1
    assert "extension" not in one.reason


def test_without_a_lab_it_is_said_what_an_extension_would_allow(
    dsn: str, connection: Connection, workload: Path
) -> None:
    connection.execute("CREATE EXTENSION hypopg")
    found = advise(dsn, AdviseOptions(workload=workload, lab="none"))
    assert not any("gin" in one.statement for one in found.recommendations)
    assert any(
        "2 statements look for a part of a text" in one and "CREATE EXTENSION pg_trgm" in one for one in found.left_out
    )
