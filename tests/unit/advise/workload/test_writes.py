"""Which table a statement writes to, and which columns it sets."""

import pytest
from tests.unit.advise.tables import catalog, column, table

from candlefish.advise.statements import Statement, StatementKind, Table, Workload
from candlefish.advise.workload.writes import set_columns, target_of, written_by

CATALOG = catalog(table(column("id"), column("hits"), column("Name")), table(column("id"), name="Other T"))
T = Table("public", "t")


def statement(text: str, kind: StatementKind, calls: float = 10.0) -> Statement:
    return Statement("x", text, kind, (text,), calls)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("update t set hits = hits + 1 where id = 5", ["hits"]),
        (
            'update only public.t AS a set hits = 1, "Name" = (select max(x) from b where c = 1) from d',
            ["hits", "Name"],
        ),
        ("insert into t (id) values (1) on conflict (id) do update set hits = excluded.hits where t.id > 1", ["hits"]),
        ("update t set (hits, id) = (1, 2)", ["hits", "id"]),
        ("select 1", []),
    ],
)
def test_the_columns_that_are_set_are_found(text: str, columns: list[str]) -> None:
    assert list(set_columns(text)) == columns


@pytest.mark.parametrize(
    ("text", "kind", "target"),
    [
        ("update t set hits = 1", "update", T),
        ("delete from only public.T where id = 1", "delete", T),
        ('insert into "Other T" values (1)', "insert", Table("public", "Other T")),
        ("with a as (select 1) update t set hits = 1", "update", T),
        ("update elsewhere set a = 1", "update", None),
        ("select 1 from t", "select", None),
    ],
)
def test_the_table_that_is_written_to_is_found(text: str, kind: StatementKind, target: Table | None) -> None:
    assert target_of(statement(text, kind), CATALOG) == target


def test_a_file_is_its_own_count_of_writes() -> None:
    statements = (
        statement("update t set hits = 1 where id = 1", "update", 100),
        statement("insert into t values (1)", "insert", 7),
        statement("delete from t where id = 2", "delete", 3),
    )
    found = written_by(Workload("w", 1.0, statements), CATALOG)[T]
    assert (found.inserts_per_hour, found.updates_per_hour, found.deletes_per_hour) == (7, 100, 3)
    assert found.updated == {"hits": 100}
