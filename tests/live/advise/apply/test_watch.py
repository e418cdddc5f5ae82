"""Statements watched after a change: what made one slower is taken back, what made one faster stays."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from tests.live.advise.apply.test_apply import PATIENT, Advised, Indexes
from typer.testing import CliRunner

from candlefish.advise.advice import Effect, Recommendation, Step
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.journal import entries
from candlefish.advise.apply.watch import require_counts, watch
from candlefish.advise.plans.explain import Connection
from candlefish.advise.workload.fingerprint import fingerprint
from candlefish.cli.main import add_commands, app
from candlefish.errors import UsageError

pytestmark = pytest.mark.live

Ask = Callable[..., None]

CALLS = 40
NEWEST = "SELECT id, note FROM visits WHERE person = %s ORDER BY at LIMIT 1"
"""The planner thinks that it meets one of the person's many rows soon when it walks along `at`; all lie at its end."""

BY_KIND = "SELECT count(*) FROM visits WHERE kind = %s"
LATEST = "SELECT id FROM visits WHERE hits < %s ORDER BY at DESC LIMIT 1"

TICK = "UPDATE counters SET hits = hits + 1 WHERE id %% 20 = %s"
COUNTERS = """
CREATE TABLE counters (id int PRIMARY KEY, hits int DEFAULT 0, words text[]) WITH (fillfactor = 50);
INSERT INTO counters SELECT i, 0, ARRAY(SELECT md5((i * 7 + j)::text) FROM generate_series(1, 60) AS j)
FROM generate_series(1, 2000) AS i;
CREATE INDEX counters_words ON counters USING gin (words) WITH (fastupdate = off);
"""

VISITS = """
CREATE TABLE visits (id bigint PRIMARY KEY, person int, at timestamptz, kind int, hits int DEFAULT 0, note text);
INSERT INTO visits SELECT i, CASE WHEN i > 147000 THEN i % 3 ELSE 10 + i % 2000 END,
    '2026-01-01'::timestamptz + i * interval '1 minute', i % 5000, 0, md5(i::text) FROM generate_series(1, 150000) AS i;
CREATE INDEX visits_person ON visits (person);
CREATE EXTENSION pg_stat_statements;
"""


@pytest.fixture
def visited(dsn: str) -> str:
    """The address of a database whose server counts statements, with a table whose order deceives the planner."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(VISITS)
        connection.execute("VACUUM ANALYZE visits")
        connection.execute(
            "SELECT pg_stat_statements_reset(0, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)"
        )
    return dsn


@pytest.fixture
def ask(visited: str) -> Ask:
    """Return a function that runs a statement CALLS times, as an application whose connection then ends."""

    def run(statement: str, *values: int) -> None:
        with psycopg.connect(visited, autocommit=True) as connection:
            for number in range(CALLS):
                connection.execute(statement.encode(), (values[number % len(values)],), prepare=False)

    return run


def serving(one: Recommendation, statement: str) -> Recommendation:
    """Return the recommendation as one that was made for a statement."""
    counted = statement.replace("%s", "$1")
    return replace(one, effects=(Effect(fingerprint(counted), counted, 1.0, 2.0, 1.0),))


def test_an_index_that_deceives_the_planner_is_taken_back_and_one_that_helps_stays(
    visited: str, connection: Connection, ask: Ask, advised: Advised, indexes: Indexes
) -> None:
    bad, good = advised("visits", "at"), serving(advised("visits", "kind"), BY_KIND)
    ask(NEWEST, 0, 1, 2)
    ask(BY_KIND, 7)
    apply(visited, [bad, good], PATIENT)
    ask(NEWEST, 0, 1, 2)
    ask(BY_KIND, 7)
    said: list[str] = []
    found = watch(visited, 0.0, PATIENT, said.append)
    assert [name for name, _ in found.taken_back] == [bad.id]
    assert bad.name not in indexes()
    assert indexes()[good.name]
    (undone,) = entries(connection, "undone")
    assert undone.index[1] == bad.name
    assert "it made a statement slower" in undone.error
    assert "ORDER BY at LIMIT" in undone.error
    after = connection.execute(
        "SELECT text, before_total_ms / before_calls, after_total_ms / after_calls FROM candlefish.advice_statements"
        " WHERE after_calls > 0"
    ).fetchall()
    (times,) = [(before, now) for text, before, now in after if "kind = $1" in text]
    assert times[1] < times[0]  # it was 150,000 rows, and is 30


def test_an_index_on_a_column_that_updates_set_is_taken_back(
    visited: str, connection: Connection, ask: Ask, advised: Advised, indexes: Indexes
) -> None:
    """Its updates were HOT; now each writes an entry in every index, and the GIN index has sixty a row."""
    connection.execute(COUNTERS)
    connection.execute("VACUUM ANALYZE counters")
    before, hot = indexes(), advised("counters", "hits")
    ask(TICK, 1, 2, 3)
    apply(visited, [hot], PATIENT)
    ask(TICK, 4, 5, 6)
    assert [name for name, _ in watch(visited, 0.0, PATIENT).taken_back] == [hot.id]
    assert indexes() == before


def test_a_later_watch_finds_nothing_more_to_take_back(
    visited: str, ask: Ask, advised: Advised, indexes: Indexes
) -> None:
    bad = advised("visits", "at")
    ask(NEWEST, 0, 1, 2)
    apply(visited, [bad], PATIENT)
    assert apply(visited, [bad], PATIENT).skipped == (bad.name,)  # which does not make the present the past
    assert watch(visited, 0.0, PATIENT).taken_back == ()
    ask(NEWEST, 0, 1, 2)
    assert len(watch(visited, 0.0, PATIENT).taken_back) == 1
    ask(NEWEST, 0, 1, 2)
    assert watch(visited, 0.0, PATIENT).taken_back == ()
    assert bad.name not in indexes()


def test_a_few_slow_calls_take_nothing_back(visited: str, ask: Ask, advised: Advised, indexes: Indexes) -> None:
    bad = advised("visits", "at")
    ask(NEWEST, 0, 1, 2)
    apply(visited, [bad], PATIENT)
    with psycopg.connect(visited, autocommit=True) as connection:
        connection.execute(NEWEST.encode(), (1,))
    found = watch(visited, 0.0, PATIENT)
    assert (found.taken_back, found.too_few) == ((), 1)
    assert indexes()[bad.name]


def test_an_index_that_saves_more_elsewhere_stays_and_that_is_said(
    visited: str, ask: Ask, advised: Advised, indexes: Indexes
) -> None:
    both = serving(advised("visits", "at"), LATEST)
    ask(NEWEST, 0, 1, 2)
    for _ in range(5):
        ask(LATEST, 1)
    apply(visited, [both], PATIENT)
    ask(NEWEST, 0, 1, 2)
    for _ in range(5):
        ask(LATEST, 1)
    said: list[str] = []
    found = watch(visited, 0.0, PATIENT, said.append)
    assert found.taken_back == ()
    assert [name for name, _ in found.kept] == [both.id]
    assert any("saves more elsewhere" in text for text in said)
    assert indexes()[both.name]


def test_a_dropped_index_whose_statement_got_slower_comes_back(
    visited: str, connection: Connection, ask: Ask, advised: Advised, indexes: Indexes
) -> None:
    before = indexes()
    drop = dropping(advised("visits", "person"), "visits_person")
    ask("SELECT count(*) FROM visits WHERE person = %s", 20, 30)
    apply(visited, [drop], PATIENT)
    assert "visits_person" not in indexes()
    ask("SELECT count(*) FROM visits WHERE person = %s", 20, 30)
    assert len(watch(visited, 0.0, PATIENT).taken_back) == 1
    assert indexes() == before


def dropping(one: Recommendation, name: str) -> Recommendation:
    return replace(
        one,
        kind="drop index",
        undo=f"CREATE INDEX CONCURRENTLY {name} ON public.visits USING btree (person)",
        steps=(Step(f'DROP INDEX CONCURRENTLY "public"."{name}"', ("public", name)),),
    )


def test_without_pg_stat_statements_nothing_can_be_watched(dsn: str, advised: Advised, indexes: Indexes) -> None:
    with pytest.raises(UsageError) as raised:
        require_counts(dsn)
    assert "the database has no pg_stat_statements" in raised.value.message
    one = advised("orders", "customer")
    apply(dsn, [one], PATIENT)
    with pytest.raises(UsageError):
        watch(dsn, 0.0, PATIENT)
    assert indexes()[one.name]


def test_what_was_never_applied_cannot_be_watched(visited: str) -> None:
    with pytest.raises(UsageError) as raised:
        watch(visited, 0.0, PATIENT)
    assert "it is not known what statements took before" in raised.value.message


def test_a_watch_after_undo_explains_nothing_and_takes_nothing_back(
    visited: str, ask: Ask, advised: Advised, indexes: Indexes
) -> None:
    before, bad = indexes(), advised("visits", "at")
    ask(NEWEST, 0, 1, 2)
    apply(visited, [bad], PATIENT)
    ask(NEWEST, 0, 1, 2)
    undo(visited, PATIENT)
    found = watch(visited, 0.0, PATIENT)
    assert found.taken_back == ()
    assert [one.baseline.text for one in found.unexplained] == [
        NEWEST.replace("%s", "$1").replace("LIMIT 1", "LIMIT $2")
    ]
    assert indexes() == before


def test_the_command_watches_alone_afterwards_and_prints_one_object(visited: str, ask: Ask, advised: Advised) -> None:
    bad = advised("visits", "at")
    ask(NEWEST, 0, 1, 2)
    apply(visited, [bad], PATIENT)
    ask(NEWEST, 0, 1, 2)
    add_commands(("advise", "down"))
    result = CliRunner().invoke(app, ["advise", visited, "--watch", "1ms", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert [one["recommendation"] for one in found["taken_back"]] == [bad.id]
    result = CliRunner().invoke(app, ["advise", visited, "--watch", "1ms"])
    assert "nothing had to be taken back" in result.stdout


def test_the_command_says_before_it_begins_that_it_cannot_watch(dsn: str, indexes: Indexes) -> None:
    before = indexes()
    add_commands(("advise", "down"))
    result = CliRunner().invoke(app, ["advise", dsn, "--apply", "--watch", "10s"])
    assert "can't watch" in str(result.exception)
    assert indexes() == before
    result = CliRunner().invoke(app, ["advise", dsn, "--undo", "--watch", "10s"])
    assert "--watch was given with --undo" in str(result.exception)


@pytest.mark.slow
def test_the_command_advises_builds_writes_the_migration_and_watches(
    visited: str, ask: Ask, indexes: Indexes, tmp_path: Path
) -> None:
    before = indexes()
    ask(BY_KIND, 7, 8, 9)
    add_commands(("advise", "down"))
    file = tmp_path / "advised.py"
    words = ["--apply", "--watch", "1ms", "--alembic", str(file), "--after", "base"]
    result = CliRunner().invoke(app, ["advise", visited, *words])
    assert result.exit_code == 0, result.output
    assert "nothing had to be taken back" in result.stdout
    made = indexes().keys() - before.keys()
    assert made
    assert all(name in file.read_text() for name in made)
    ask(BY_KIND, 7, 8, 9)
    result = CliRunner().invoke(app, ["advise", visited, "--watch", "1ms", "--json"])
    found = json.loads(result.stdout)
    assert found["taken_back"] == []
    (one,) = [one for one in found["statements"] if "kind = $1" in one["text"]]
    assert (one["before_calls"], one["after_calls"]) == (CALLS, CALLS)
    assert indexes().keys() - before.keys() == made


def test_statements_that_the_role_may_not_see_are_said_to_be_unwatched(
    visited: str, connection: Connection, ask: Ask, advised: Advised
) -> None:
    ask(NEWEST, 0, 1, 2)
    role = f"owner_{connection.info.dbname}"
    connection.execute(f"CREATE ROLE {role} LOGIN".encode())
    connection.execute(f"GRANT ALL ON DATABASE {connection.info.dbname} TO {role}".encode())
    connection.execute(f"ALTER TABLE visits OWNER TO {role}".encode())
    connection.execute(f"GRANT ALL ON SCHEMA public TO {role}".encode())
    dsn = visited.replace("user=postgres", f"user={role}")
    with psycopg.connect(dsn, autocommit=True) as own:
        for _ in range(CALLS):
            own.execute(BY_KIND.encode(), (7,), prepare=False)
    one, said = serving(advised("visits", "kind"), BY_KIND), list[str]()
    apply(dsn, [one], PATIENT)
    found = watch(dsn, 0.0, PATIENT, said.append)
    assert any("statements of other roles can't be seen" in text for text in said)
    assert found.taken_back == ()
    undo(dsn, PATIENT)


def test_an_index_that_was_changed_since_is_left_though_it_harms(
    visited: str, connection: Connection, ask: Ask, advised: Advised, indexes: Indexes
) -> None:
    bad = advised("visits", "at")
    ask(NEWEST, 0, 1, 2)
    apply(visited, [bad], PATIENT)
    connection.execute(f"DROP INDEX {bad.name}; CREATE INDEX {bad.name} ON visits (at, id)".encode())
    ask(NEWEST, 0, 1, 2)
    said: list[str] = []
    assert watch(visited, 0.0, PATIENT, said.append).taken_back == ()
    assert any("was changed since" in text for text in said)
    assert indexes()[bad.name]
