"""The facts that lints rest on, asked of real servers, and what follows from them."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.live.advise.lints.conftest import Server

from candlefish import process
from candlefish.advise.apply.apply import apply, undo
from candlefish.advise.apply.build import Patience
from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.index.recommend import Proof, recommend
from candlefish.advise.lints import questions
from candlefish.advise.lints.facts import LintFacts, load_lint_facts
from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.run import run_lints
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table, Workload
from candlefish.errors import EngineError

pytestmark = pytest.mark.live

NO_WORKLOAD = Workload("file", 1.0, ())


def lint(connection: Connection, facts: LintFacts | None = None) -> LintResult:
    return run_lints(load_catalog(connection), facts or load_lint_facts(connection), NO_WORKLOAD)


def fetch(connection: Connection, query: str) -> object:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]


def oid(connection: Connection, name: str) -> int:
    found = fetch(connection, f"SELECT '{name}'::regclass::oid::bigint")
    assert isinstance(found, int)
    return found


def test_drops_and_what_takes_them_back_run_as_they_are(connection: Connection) -> None:
    connection.execute('CREATE SCHEMA "My Schema"')
    connection.execute("""CREATE TABLE "My Schema"."or""ders" ("Id" int PRIMARY KEY, "État" text, at timestamptz)""")
    connection.execute("""CREATE INDEX "twin ""1" ON "My Schema"."or""ders" ("État" text_pattern_ops DESC) INCLUDE (at)
                          WITH (fillfactor = 80) WHERE "État" <> 'it''s ( done'""")
    connection.execute("""CREATE INDEX "twin ""2" ON "My Schema"."or""ders" ("État" text_pattern_ops DESC) INCLUDE (at)
                          WHERE "État" <> 'it''s ( done'""")
    (drop,) = lint(connection).drops
    assert drop.name == 'twin "2'
    query = """SELECT pg_get_indexdef('"My Schema"."twin ""2"'::regclass)"""
    before = fetch(connection, query)
    connection.execute(drop.statement.encode())
    assert lint(connection).drops == ()
    connection.execute(drop.undo.encode())
    assert fetch(connection, query) == before


def test_unique_indexes_of_which_one_takes_nulls_as_equal_both_stay(connection: Connection) -> None:
    if connection.info.server_version < 150000:
        pytest.skip("NULLS NOT DISTINCT came with PostgreSQL 15")
    connection.execute("CREATE TABLE t (a int, b int)")
    connection.execute("CREATE UNIQUE INDEX one ON t (a) WHERE b > 0")
    connection.execute("CREATE UNIQUE INDEX two ON t (a) NULLS NOT DISTINCT WHERE b > 0")
    assert lint(connection).drops == ()
    connection.execute("CREATE UNIQUE INDEX three ON t (a) NULLS NOT DISTINCT WHERE b > 0")
    assert [drop.name for drop in lint(connection).drops] == ["two"]


def test_an_index_that_a_foreign_key_rests_on_is_known_and_stays(connection: Connection) -> None:
    connection.execute("CREATE TABLE parent (a int)")
    connection.execute("CREATE UNIQUE INDEX z ON parent (a)")
    connection.execute("CREATE TABLE child (a int REFERENCES parent (a))")
    connection.execute("CREATE UNIQUE INDEX a ON parent (a)")
    assert oid(connection, "z") in load_lint_facts(connection).referenced
    assert [drop.name for drop in lint(connection).drops] == ["a"]


def test_a_failed_build_is_mended_and_one_that_runs_is_left_alone(connection: Connection, primary: Server) -> None:
    connection.execute("CREATE TABLE t AS SELECT 1 AS a FROM generate_series(1, 2)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)")
    (mend,) = lint(connection).drops
    assert mend.kind == "reindex"
    connection.execute("DELETE FROM t")
    connection.execute(mend.statement.encode())
    assert lint(connection).drops == ()
    with psycopg.connect(primary.dsn) as blocker:
        blocker.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")  # the build waits for it
        builder = threading.Thread(target=_build, args=(primary.dsn,))
        builder.start()
        assert process.wait_until(lambda: bool(load_lint_facts(connection).building), timeout_s=30)
        assert lint(connection).drops == ()
        blocker.rollback()
        builder.join(30)
    assert load_lint_facts(connection).building == frozenset()


def _build(dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("CREATE INDEX CONCURRENTLY slow ON t (a)")


def test_a_role_without_rights_gets_facts_and_knows_that_builds_are_hidden(
    connection: Connection, primary: Server
) -> None:
    connection.execute("CREATE TABLE t (a serial PRIMARY KEY)")
    connection.execute("DROP ROLE IF EXISTS nobody_much")
    connection.execute("CREATE ROLE nobody_much LOGIN")
    with (
        psycopg.connect(primary.dsn) as blocker,
        psycopg.connect(primary.dsn, user="nobody_much", autocommit=True) as me,
    ):
        assert oid(connection, "t") in load_lint_facts(me).unreadable
        assert not load_lint_facts(me).builds_hidden
        blocker.execute("LOCK TABLE t IN ROW EXCLUSIVE MODE")
        builder = threading.Thread(target=_build, args=(primary.dsn,))
        builder.start()
        assert process.wait_until(lambda: bool(load_lint_facts(connection).building), timeout_s=30)
        assert load_lint_facts(me).builds_hidden
        lint(me)
        blocker.rollback()
        builder.join(30)
    connection.execute("DROP ROLE nobody_much")


def test_scans_of_a_replica_are_read_and_a_replica_that_is_away_is_named(
    connection: Connection, primary: Server, replica: Server, follow: Callable[[Server], None]
) -> None:
    connection.execute("CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 1000) AS g")
    connection.execute("CREATE INDEX read_there ON t (a)")
    follow(replica)
    with psycopg.connect(replica.dsn, autocommit=True) as other:
        other.execute("SET enable_seqscan = off")
        other.execute("SELECT a FROM t WHERE a = 5")
        load_lint_facts(other)
    nowhere = "host=127.0.0.1 port=21799 dbname=postgres password=secret"

    def used() -> bool:
        facts = load_lint_facts(connection, [replica.dsn])
        return facts.replicas[0].scans["public", "read_there"] > 0

    assert process.wait_until(used, timeout_s=30)
    facts = load_lint_facts(connection, [replica.dsn, nowhere])
    assert (facts.attached, facts.replicas[0].is_replica, facts.primary.is_replica) == (1, True, False)
    assert facts.replicas[0].reads["public", "t"] > 0
    (away,) = facts.unread
    assert away.startswith("127.0.0.1:21799")
    assert "secret" not in away


def test_a_logical_subscriber_counts_as_no_replica(connection: Connection, primary: Server) -> None:
    before = load_lint_facts(connection).attached
    connection.execute("SELECT pg_create_logical_replication_slot('taken', 'pgoutput')")
    connection.execute("CREATE PUBLICATION p FOR ALL TABLES")
    words: list[str | Path] = [
        process.find_binary("pg_recvlogical"), "-d", primary.dsn, "--slot", "taken", "--start", "-f", "/dev/null",
        "-o", "proto_version=1", "-o", "publication_names=p", "--no-loop",
    ]  # fmt: skip
    reader = process.spawn(
        words, log=primary.folder / "log", env=os.environ, user=process.service_user(), cwd=Path("/"), open_files=256
    )
    try:
        senders = "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'pg_recvlogical'"
        assert process.wait_until(lambda: fetch(connection, senders) == 1, timeout_s=30)
        assert load_lint_facts(connection).attached == before
    finally:
        process.stop(reader)
    is_free = "SELECT active_pid IS NULL FROM pg_replication_slots WHERE slot_name = 'taken'"
    assert process.wait_until(lambda: bool(fetch(connection, is_free)), timeout_s=30)
    connection.execute("SELECT pg_drop_replication_slot('taken')")
    connection.execute("DROP PUBLICATION p")


def test_statistics_begin_anew_with_a_crash(connection: Connection, primary: Server) -> None:
    connection.execute("SELECT pg_stat_reset_shared('bgwriter')")
    connection.execute("SELECT pg_sleep(1.5)")
    before = load_lint_facts(connection).primary.hours
    primary.kill()
    primary.start()
    with psycopg.connect(primary.dsn, autocommit=True) as after:
        assert load_lint_facts(after).primary.hours < before


def test_sequences_are_found_by_ownership_identity_and_default(connection: Connection) -> None:
    connection.execute("CREATE SEQUENCE loose MAXVALUE 100")
    connection.execute("CREATE DOMAIN small AS smallint")
    connection.execute("""CREATE TABLE "T" (a serial, b int GENERATED BY DEFAULT AS IDENTITY,
                                            c small DEFAULT nextval('loose'), d bigint)""")
    connection.execute("""SELECT setval(pg_get_serial_sequence('"T"', 'a'), 2000000000), nextval('loose'),
                                 setval(pg_get_serial_sequence('"T"', 'b'), 1)""")
    known = {one.name: one for one in load_lint_facts(connection).sequences}
    assert {name: one.column for name, one in known.items()} == {"T_a_seq": "a", "T_b_seq": "b", "loose": "c"}
    assert known["loose"].column_max == 32767
    assert known["T_a_seq"].table == Table("public", "T")
    (found,) = (one for one in lint(connection).findings if one.subject.startswith("sequence"))
    assert found.subject == "sequence public.T_a_seq"
    assert found.severity == "critical"


def test_times_of_indexes_are_known_where_commits_are_timed(connection: Connection) -> None:
    connection.execute("CREATE TABLE t (a int)")
    connection.execute("CREATE INDEX fresh ON t (a)")
    made = load_lint_facts(connection).made_hours[oid(connection, "fresh")]
    assert 0 <= made < 1


def test_ages_name_every_database_and_none_is_beyond_its_limits(connection: Connection) -> None:
    facts = load_lint_facts(connection)
    assert "database postgres" in {age.subject for age in facts.ages}
    assert all(age.freeze_max_age == 200_000_000 for age in facts.ages)
    assert [one for one in lint(connection).findings if "transaction id" in one.message] == []


def test_tables_and_indexes_of_extensions_are_known(connection: Connection) -> None:
    connection.execute("CREATE TABLE t (a int)")
    connection.execute("CREATE INDEX one ON t (a)")
    connection.execute("CREATE INDEX two ON t (a)")
    connection.execute("ALTER EXTENSION plpgsql ADD TABLE t")
    try:
        assert oid(connection, "t") in load_lint_facts(connection).of_extensions
        assert lint(connection).drops == ()
    finally:
        connection.execute("ALTER EXTENSION plpgsql DROP TABLE t")


def test_a_partitioned_index_is_one_and_its_drop_takes_all_parts(connection: Connection) -> None:
    connection.execute("CREATE TABLE whole (a int, b int) PARTITION BY RANGE (a)")
    connection.execute("CREATE TABLE part_1 PARTITION OF whole FOR VALUES FROM (0) TO (10)")
    connection.execute("CREATE TABLE part_2 PARTITION OF whole FOR VALUES FROM (10) TO (20) PARTITION BY LIST (a)")
    connection.execute("CREATE TABLE part_2_1 PARTITION OF part_2 DEFAULT")
    connection.execute("CREATE INDEX one ON whole (b)")
    connection.execute("CREATE INDEX two ON whole (b)")
    (drop,) = lint(connection).drops
    assert (drop.name, drop.size_bytes) == ("two", -2 * 8192)
    connection.execute(drop.statement.encode())
    assert lint(connection).drops == ()
    connection.execute(drop.undo.encode())
    assert [one.name for one in lint(connection).drops] == ["two"]
    valid = "SELECT bool_and(indisvalid) FROM pg_index WHERE indexrelid = 'two'::regclass"
    assert fetch(connection, valid) is True


def test_an_index_that_was_just_built_on_advice_is_young_and_a_duplicate_is_dropped_and_comes_back(
    connection: Connection, primary: Server
) -> None:
    connection.execute("DROP SCHEMA IF EXISTS candlefish CASCADE")
    connection.execute("CREATE TABLE t (a int, b int)")
    connection.execute("CREATE INDEX one ON t (a)")
    connection.execute("CREATE INDEX two ON t (a)")
    drops = lint(connection).drops
    assert apply(primary.dsn, drops, Patience(wait_s=30)).done == ("two",)
    assert lint(connection).drops == ()
    assert undo(primary.dsn, Patience(wait_s=30)).done == ("two",)
    assert [drop.name for drop in lint(connection).drops] == ["two"]
    index = Index(Table("public", "t"), (Key("b"),))
    made = recommend(index, Proof(8192, "high", measured=True), load_catalog(connection))
    apply(primary.dsn, [made], Patience(wait_s=30))
    assert oid(connection, made.name) in dict(connection.execute(questions.JOURNAL).fetchall())
    assert load_lint_facts(connection).made_hours[oid(connection, made.name)] < 1
    assert undo(primary.dsn, Patience(wait_s=30)).done == (made.name,)


def test_a_reindex_is_applied_and_an_undo_leaves_the_index(connection: Connection, primary: Server) -> None:
    connection.execute("DROP SCHEMA IF EXISTS candlefish CASCADE")
    connection.execute("CREATE TABLE t AS SELECT 1 AS a FROM generate_series(1, 2)")
    with pytest.raises(psycopg.errors.UniqueViolation):
        connection.execute("CREATE UNIQUE INDEX CONCURRENTLY broken ON t (a)")
    mends = lint(connection).drops
    with pytest.raises(EngineError):
        apply(primary.dsn, mends, Patience(wait_s=30))
    assert oid(connection, "broken")
    connection.execute("DELETE FROM t")
    connection.execute("DROP INDEX IF EXISTS broken_ccnew")
    apply(primary.dsn, mends, Patience(wait_s=30))
    undo(primary.dsn, Patience(wait_s=30))
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'broken'::regclass"
    assert fetch(connection, valid) is True
