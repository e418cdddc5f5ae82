"""A recommendation as statements, names of indexes, and the file that psql runs."""

from dataclasses import replace

from tests.unit.advise.tables import catalog, column, table

from candlefish.advise.apply.sql import render_sql
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.index.naming import NAME_BYTES, index_name
from candlefish.advise.index.recommend import Proof, recommend
from candlefish.advise.index.steps import steps_of
from candlefish.advise.statements import Table

PLAIN = table(column("a"))
ROOT = table(column("a"), name="root", kind="partitioned table", partition_key=("a",))
PARTS = [table(column("a"), name=f"part_{n}", parent=ROOT.table) for n in (1, 2)]
CATALOG = catalog(PLAIN, ROOT, *PARTS)
UNPROVED = Proof(size_bytes=0, confidence="low", measured=False)


def test_a_plain_table_takes_one_statement() -> None:
    (step,) = steps_of(Index(PLAIN.table, (Key("a"),)), CATALOG)
    assert step.statement.startswith('CREATE INDEX CONCURRENTLY "cf_t_a_')
    assert step.makes_index


def test_a_partitioned_table_gets_an_empty_index_one_in_each_part_and_has_them_attached() -> None:
    steps = steps_of(Index(ROOT.table, (Key("a"),)), CATALOG)
    words = [step.statement.split('"')[0].strip() for step in steps]
    assert words == ["CREATE INDEX", *["CREATE INDEX CONCURRENTLY", "ALTER INDEX"] * 2]
    assert ' ON ONLY "public"."root" ' in steps[0].statement
    assert "CONCURRENTLY" not in recommend(Index(ROOT.table, (Key("a"),)), UNPROVED, CATALOG).undo


def test_a_name_fits_into_63_bytes_and_tells_definitions_apart() -> None:
    long = Index(Table("s", "Tabelle mit Öäü" * 4), (Key("Spalte" * 5), Key(expression="lower(x)")))
    assert len(index_name(long).encode()) <= NAME_BYTES
    assert index_name(long) != index_name(replace(long, where="x"))


def test_the_file_has_every_statement_its_reason_and_the_way_back() -> None:
    one = recommend(Index(PLAIN.table, (Key("a"),)), UNPROVED, CATALOG)
    text = render_sql([one])
    assert f"{one.statement};\n" in text
    assert f"-- {one.undo};" in text
    assert one.reason in text


def test_the_reason_says_that_a_column_looks_unique_and_leaves_the_promise_to_the_authors() -> None:
    one, other = table(column("a", distinct=100_000.0)), table(column("a", distinct=50_000.0), name="other")
    reasons = [recommend(Index(each.table, (Key("a"),)), UNPROVED, catalog(one, other)).reason for each in (one, other)]
    assert ["CREATE UNIQUE INDEX" in reason for reason in reasons] == [True, False]
