"""A statement that writes is known by its text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.postgres.writing import is_write

READS = (
    "select 1",
    "  \n SELECT * from words",
    "(select 1) union (select 2)",
    "with x as (select 1) select * from x",
    "values (1)",
    "table words",
    "show work_mem",
    "explain analyze select 1",
    "select updated_at, deleted from words",
    "select * from words where action = 'update' or note = 'it''s into'",
    r"select E'it\'s into' || $1",
    'select "update", "delete from" from words',
    "select $$insert into$$, $tag$ update $tag$",
    "select 1 -- insert into words",
    "/* update */ select /* into */ 1",
    "-- don't\nselect 1",
    "select $1, $2 from words",
)
WRITES = (
    "insert into words values (1) returning id",
    "\n\tINSERT INTO words values (1)",
    "-- a comment\ninsert into words values (1)",
    "/* a comment */ update words set word = 'select' returning id",
    'update "words" set id = 1 returning id',
    "delete from words returning id",
    "merge into words using new on true when matched then delete",
    "with gone as (delete\n from words returning *) select * from gone",
    "with new as materialized (insert into words values (1) returning *) select * from new",
    "with x as (select 1) update words set id = 1 returning id",
    "select * into other from words",
    "select * from words for update",
    "select * from words for no key update skip locked",
    "select * from words for key share",
    "explain analyze insert into words values (1)",
    "select nextval('words_id_seq')",
    "select pg_notify('words', '')",
    "call rename(1)",
    "create table words (id int)",
    "truncate words",
    "refresh materialized view counts",
    "select 'unfinished, insert into words",
    "",
)


@pytest.mark.parametrize("sql", READS)
def test_what_only_reads_may_go_to_a_replica(sql: str) -> None:
    assert not is_write(sql)


@pytest.mark.parametrize("sql", WRITES)
def test_what_writes_needs_the_primary(sql: str) -> None:
    assert is_write(sql)


@given(st.text(alphabet="'\"$-/*e\\\n ax;"))
def test_nothing_in_quotes_or_comments_hides_a_write(text: str) -> None:
    assert is_write(f"insert into words values ({text}")
    quoted = text.replace("'", "''").replace("\\", "")
    assert is_write(f"with x as (select '{quoted}') delete from words")
    assert not is_write(f"select '{quoted}'")
