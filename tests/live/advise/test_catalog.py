"""The catalog as it is read: names, statistics, indexes, foreign keys, partitions."""

import pytest

from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.index.definition import Key
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table

pytestmark = pytest.mark.live

KUNDEN = Table("Sales", "Kunden")
ORDERS = Table("public", "orders")


def test_tables_of_every_schema_are_there_with_their_columns_and_statistics(looking: Connection) -> None:
    facts = load_catalog(looking).tables[KUNDEN]
    assert (facts.kind, facts.rows, facts.primary_key) == ("table", 60000, ("id",))
    assert facts.columns["Größe"].distinct == 200
    assert facts.columns["name"].type == "character varying(40)"
    assert facts.columns["tags"].base_type == "_text"
    assert dict(facts.columns["status"].common)["pending"] == pytest.approx(0.01, abs=0.005)
    assert facts.columns["created"].correlation == 1.0
    assert facts.columns["deleted_at"].null_ratio == pytest.approx(0.05, abs=0.02)


def test_an_index_is_taken_apart_as_candidates_are_written(looking: Connection) -> None:
    (primary, partial) = sorted(load_catalog(looking).tables[ORDERS].indexes, key=lambda one: bool(one.index.where))
    assert primary.constraint == "orders_pkey"
    assert primary.index.unique
    assert partial.index.keys == (Key("total", descending=True, nulls_first=False), Key("placed"))
    assert partial.index.include == ("kunde",)
    assert partial.index.where == "(total > (990)::numeric)"
    assert partial.valid


def test_a_foreign_key_names_both_sides(looking: Connection) -> None:
    (key,) = load_catalog(looking).foreign_keys
    assert (key.table, key.columns, key.referenced, key.referenced_columns) == (ORDERS, ("kunde",), KUNDEN, ("id",))


def test_a_partitioned_table_holds_what_its_partitions_hold(looking: Connection) -> None:
    catalog = load_catalog(looking)
    events = catalog.tables[Table("public", "events")]
    assert (events.kind, events.rows, events.partition_key) == ("partitioned table", 70000, ("at",))
    assert events.size_bytes == sum(one.size_bytes for one in catalog.tables.values() if one.parent == events.table)
    assert events.columns["kind"].distinct == 1000


def test_a_role_that_may_see_nothing_gets_a_catalog_without_statistics(looking: Connection) -> None:
    looking.execute("CREATE ROLE nobody_here")
    try:
        looking.execute("SET ROLE nobody_here")
        assert load_catalog(looking).tables[ORDERS].columns["total"].common == ()
    finally:
        looking.execute("RESET ROLE")
        looking.execute("DROP ROLE nobody_here")
