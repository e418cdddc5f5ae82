"""What a script is split into."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.migrate.script import PsqlCommand, Script, Statement

Item = tuple[int, bytes] | tuple[int, bytes, bytes] | tuple[int, str, str]


def split(text: str | bytes, *, chunk_bytes: int = 1 << 18) -> list[Item]:
    """Return what a script holds: statements, statements with their data, psql commands."""
    raw = text.encode() if isinstance(text, str) else text
    script = Script(io.BytesIO(raw), chunk_bytes=chunk_bytes)
    found: list[Item] = []
    for item in script:
        if isinstance(item, PsqlCommand):
            found.append((item.line, item.name, item.argument))
        elif item.takes_data:
            found.append((item.line, item.sql, b"".join(script.copy_data())))
        else:
            found.append((item.line, item.sql))
    return found


def statements(text: str | bytes) -> list[bytes]:
    """Return only the statements of a script."""
    return [item.sql for item in Script(io.BytesIO(text if isinstance(text, bytes) else text.encode()))
            if isinstance(item, Statement)]  # fmt: skip


def test_a_statement_carries_the_line_it_begins_on() -> None:
    assert split("-- a comment\n\nselect 1;\n/* two\nlines */ select\n2;") == [(3, b"select 1"), (5, b"select\n2")]


def test_the_last_statement_needs_no_semicolon() -> None:
    assert statements("select 1; select 2") == [b"select 1", b"select 2"]


@pytest.mark.parametrize(
    "statement",
    [
        "select 'a;b'",
        "select 'it''s; so'",
        r"select E'a\';b'",
        r"select E'it''s\'; so'",
        r"select e'\\', 1",
        r"select 'a\', ';'",
        'select 1 as "a;b"',
        'select 1 as "a"";b"',
        "select $$a;b$$",
        "select $tag$ $$ ; $other$ ; $tag$",
        "select a$1$b from t",
        "select 1 -- not the end;\n + 1",
        "select /* ; /* nested; */ ; */ 1",
        "create rule r as on insert to t do also (insert into a values (1); insert into b values (2))",
        "create function f() returns int language sql begin atomic select 1; select case when true then 2 end; end",
        "create or replace procedure p() begin atomic insert into t values (1); end",
        "select $1; prepared"[:9],
    ],
)
def test_a_semicolon_inside_ends_nothing(statement: str) -> None:
    assert statements(f"{statement}; select 2;") == [statement.encode(), b"select 2"]


def test_begin_and_end_of_a_transaction_are_statements() -> None:
    assert statements("begin; select case when true then 1 end; end;") == [
        b"begin",
        b"select case when true then 1 end",
        b"end",
    ]


def test_backslashes_are_escapes_where_the_server_says_so() -> None:
    script = Script(io.BytesIO(rb"select 'a\'; b'; select 2;"))
    script.standard_strings = False
    assert [item.sql for item in script if isinstance(item, Statement)] == [rb"select 'a\'; b'", b"select 2"]


def test_copy_data_is_given_as_it_is() -> None:
    text = "COPY t (a, b) FROM stdin;\n1\tit's; $$ -- \\N\n2\t\\\\.\n\\.\nselect 1;\n"
    assert split(text) == [(1, b"COPY t (a, b) FROM stdin", b"1\tit's; $$ -- \\N\n2\t\\\\.\n"), (5, b"select 1")]


@pytest.mark.parametrize("end", ["\\.\n", "\\.\r\n", "\\."])
def test_copy_may_bring_no_data(end: str) -> None:
    assert split(f"copy t from stdin;\n{end}") == [(1, b"copy t from stdin", b"")]


def test_copy_data_that_is_cut_off_ends_with_the_script() -> None:
    assert split("copy t from stdin;\n1\n2") == [(1, b"copy t from stdin", b"1\n2")]
    assert split("copy t from stdin;") == [(1, b"copy t from stdin", b"")]


def test_copy_to_stdout_brings_no_data() -> None:
    assert split("copy t to stdout; select 1;") == [(1, b"copy t to stdout"), (1, b"select 1")]


def test_a_backslash_outside_of_quotes_is_a_psql_command() -> None:
    assert split("\\restrict abc\nselect 1;\n\\! rm -rf /\n") == [
        (1, "restrict", "abc"),
        (2, b"select 1"),
        (3, "!", "rm -rf /"),
    ]


def test_a_psql_command_takes_the_words_before_it_along() -> None:
    assert split("select 'drop table t' \\gexec\nselect 1;") == [(1, "gexec", ""), (2, b"select 1")]


def test_g_ends_a_statement_as_a_semicolon_does() -> None:
    assert split("select 1 \\g\nselect 2;") == [(1, b"select 1"), (2, b"select 2")]


def test_a_psql_command_inside_data_or_quotes_is_text() -> None:
    found = split("copy t from stdin;\n\\! rm\n\\.\nselect '\n\\! rm';")
    assert not [item for item in found if len(item) == 3 and isinstance(item[1], str)]


def test_a_byte_order_mark_is_no_part_of_the_first_statement() -> None:
    assert statements(b"\xef\xbb\xbfselect 1;") == [b"select 1"]


@pytest.mark.parametrize("text", ["", "  \n", "-- nothing", ";;;", "/* nothing"])
def test_nothing_holds_no_statement(text: str) -> None:
    assert split(text) == []


PIECES = st.sampled_from([
    "select 1;", "select 'a;\n''b';", r"select E'\';';", 'select "x;y";', "select $a$;$$;$a$;", "-- c;\n",
    "/* /* ; */ */",
    "copy t from stdin;\n1\t;'\n\\\\.\n\\.\n", "copy t from stdin;\n\\.\n", "\\echo x;\n", "\n", " ",
    "insert into t values (1, 'b');",
    "create function f() returns int begin atomic select 1; end;", "select a$1 from b;", "select 'ü€';",
])  # fmt: skip


@given(st.lists(PIECES, max_size=12), st.integers(min_value=1, max_value=40))
def test_the_size_of_the_pieces_that_are_read_changes_nothing(pieces: list[str], chunk_bytes: int) -> None:
    text = "".join(pieces)
    assert split(text, chunk_bytes=chunk_bytes) == split(text)


@given(st.lists(PIECES, max_size=12))
def test_every_line_number_is_that_of_the_text(pieces: list[str]) -> None:
    text = "".join(pieces).encode()
    lines = text.split(b"\n")
    for item in split(text):
        begin = item[1].split(b"\n")[0] if isinstance(item[1], bytes) else b"\\" + item[1].encode()
        assert begin in lines[item[0] - 1]


@given(st.binary(max_size=300))
def test_any_bytes_come_to_an_end(raw: bytes) -> None:
    for item in split(raw, chunk_bytes=7):
        assert item[0] >= 1
