from dataclasses import replace

import pytest
from tests.unit.advise.lints.made_up import database, facts, index, orders, replica, to_users, users
from tests.unit.advise.tables import column, table

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.index.definition import ExistingIndex, Key
from candlefish.advise.lints.facts import LintFacts, Use
from candlefish.advise.lints.unused import check_unused
from candlefish.advise.statements import Table

IDLE = index("idle", "status")


def dropped(*indexes: ExistingIndex, known: LintFacts | None = None) -> list[str]:
    return [drop.name for drop in check_unused(database(orders(*indexes)), known or facts()).drops]


def notes(known: LintFacts) -> tuple[str, ...]:
    found = check_unused(database(orders(IDLE)), known)
    assert found.drops == ()
    return tuple(one.hint for one in found.findings)


def test_an_index_without_scans_goes_and_one_with_a_scan_stays() -> None:
    assert dropped(IDLE, index("used", "note", scans=1)) == ["idle"]


@pytest.mark.parametrize(
    "index",
    [
        index("a", "id", unique=True),
        index("a", "id", constraint="no_overlap", method="gist"),
        index("a", "id", is_replica_identity=True),
        index("a", "id", valid=False),
        index("a", "id", parent="whole"),
    ],
)
def test_what_is_needed_without_scans_stays(index: ExistingIndex) -> None:
    assert dropped(index) == []


def test_scans_on_a_replica_count() -> None:
    known = facts(replicas=(replica(idle=3),), attached=1)
    assert dropped(IDLE, known=known) == []
    assert dropped(IDLE, known=facts(replicas=(replica(other=3),), attached=1)) == ["idle"]


def test_a_replica_that_nobody_named_keeps_all_of_them() -> None:
    assert "--replica" in notes(facts(attached=1))[0]
    twice_the_primary = Use("again:5432", 1000.0, False)
    assert "--replica" in notes(facts(attached=1, replicas=(twice_the_primary,)))[0]


def test_a_replica_that_could_not_be_read_keeps_all_of_them() -> None:
    assert "r1:5432: connection refused" in notes(facts(unread=("r1:5432: connection refused",)))[0]


def test_young_statistics_give_a_note_on_whichever_server_they_are() -> None:
    assert "go back 40 hours; 7 days are needed" in notes(facts(hours=40))[0]
    assert "replica:5432 go back 5 days" in notes(facts(replicas=(replica(24 * 5),), attached=1))[0]


def test_on_a_replica_itself_nothing_is_advised() -> None:
    known = facts()
    assert "is a replica" in notes(replace(known, primary=replace(known.primary, is_replica=True)))[0]


def test_confidence_grows_with_the_statistics() -> None:
    for hours, wanted in ((24 * 8, "medium"), (24 * 40, "high")):
        (drop,) = check_unused(database(orders(IDLE)), facts(hours=hours)).drops
        assert drop.confidence == wanted
    (drop,) = check_unused(database(orders(index("e", Key(expression="lower(note)")))), facts()).drops
    assert drop.confidence == "low"


def test_an_index_of_a_table_that_nobody_reads_says_nothing() -> None:
    assert dropped(IDLE, known=facts(reads=999)) == []


def test_an_index_made_yesterday_stays() -> None:
    assert dropped(IDLE, known=facts(made_hours={IDLE.oid: 24.0})) == []
    assert dropped(IDLE, known=facts(made_hours={IDLE.oid: 24.0 * 30})) == ["idle"]


def test_the_last_index_of_a_foreign_key_stays() -> None:
    one, other = index("a", "user_id"), index("b", "user_id", "status")
    catalog = database(orders(one, other), users(), keys=[to_users("user_id")])
    assert len(check_unused(catalog, facts()).drops) == 1
    assert check_unused(catalog, facts(), frozenset({one.oid})).drops == ()


def test_what_the_planner_took_the_twin_for_is_not_unused() -> None:
    assert dropped(index("a", "status"), index("b", "status", scans=9)) == []


def partitioned(scans: int) -> Catalog:
    whole, names = Table("public", "parts"), ("part_1", "part_2")
    root = index("whole", "id", on=whole, size_bytes=0)
    leaves = [index(f"{name}_id", "id", on=Table("public", name), parent="whole") for name in names]
    used = [leaves[0], replace(leaves[1], scans=scans)]
    tables = [
        table(column("id"), name=name, parent=whole, indexes=(one,)) for name, one in zip(names, used, strict=True)
    ]
    return database(table(column("id"), name="parts", kind="partitioned table", indexes=(root,)), *tables)


def test_scans_of_all_leaves_are_those_of_the_partitioned_index() -> None:
    assert check_unused(partitioned(scans=1), facts()).drops == ()
    (drop,) = check_unused(partitioned(scans=0), facts()).drops
    assert (drop.statement, drop.size_bytes) == ('DROP INDEX "public"."whole"', -2 << 20)
    assert drop.undo == 'CREATE INDEX "whole" ON "public"."parts" USING btree ("id")'
