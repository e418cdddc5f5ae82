"""Every message of the protocol is read as it was written, and a broken one is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.changes import messages as wire

from candlefish.changes import messages as m
from candlefish.changes.pgoutput import parse
from candlefish.errors import EngineError

COLUMNS = {"id": wire.INT, "größe": wire.TEXT}
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
ROWS = st.lists(st.none() | TEXTS, min_size=1, max_size=5).map(tuple)


def test_a_transaction_is_framed_by_begin_and_commit() -> None:
    assert parse(wire.begin(7, 100, 5)) == m.Begin(commit_lsn=100, committed_us=5, xid=7)
    assert parse(wire.commit(100, 110, 5)) == m.Commit(commit_lsn=100, end_lsn=110, committed_us=5)


def test_a_relation_says_which_columns_old_rows_hold() -> None:
    relation = parse(wire.relation(9, "public.users", COLUMNS, "d", ("id",)))
    columns = (m.Column("id", wire.INT, True), m.Column("größe", wire.TEXT, False))
    assert relation == m.Relation(9, "public", "users", "d", columns)
    assert isinstance(relation, m.Relation)
    assert relation.table == "public.users"
    assert relation.places == {"id": 0, "größe": 1}


@given(ROWS)
def test_any_row_is_read_as_it_was_written(row: tuple[str | None, ...]) -> None:
    assert parse(wire.insert(9, *row)) == m.Insert(9, row)
    assert parse(wire.update(9, row)) == m.Update(9, None, None, row)
    assert parse(wire.update(9, row, row, "K")) == m.Update(9, "K", row, row)
    assert parse(wire.delete(9, *row)) == m.Delete(9, "O", row)


def test_an_unchanged_large_value_is_told_from_null() -> None:
    assert parse(wire.update(9, ("1", wire.UNCHANGED))) == m.Update(9, None, None, ("1", m.UNCHANGED))


def test_a_truncation_names_its_tables() -> None:
    assert parse(wire.truncate(9, 10)) == m.Truncate((9, 10))


@pytest.mark.parametrize("payload", [b"Y\0\0\0\1public\0mood\0", b"O" + bytes(8) + b"name\0"])
def test_what_changes_no_row_is_left_out(payload: bytes) -> None:
    assert parse(payload) is None


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"?",
        wire.begin(7)[:-1],
        wire.insert(9, "some text")[:-1],
        wire.insert(9, "1").replace(b"N", b"X"),
        wire.update(9, ("1",), ("1",)).replace(b"N", b"X"),
        wire.delete(9, "1", kind="X"),
        wire.insert(9, "1")[:8] + b"?",
        wire.relation(9, "public.users", COLUMNS)[:12],
        wire.truncate(9, 10)[:-4],
    ],
)
def test_a_broken_message_is_refused(payload: bytes) -> None:
    with pytest.raises(EngineError, match="cannot be read"):
        parse(payload)
