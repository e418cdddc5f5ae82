"""SQL as its statements and pieces."""

from hypothesis import given
from hypothesis import strategies as st

from candlefish.advise.workload.split import pieces, split


@given(st.text())
def test_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(found for _, found in pieces(text)) == text


def test_what_stands_in_quotes_and_comments_ends_no_statement() -> None:
    text = """select ';' ; -- one; two
    select $$ ; $$, $a$ $$ ; $a$; /* ; /* nested ; */ */ select "a;b", E'\\';'"""
    assert [body for _, body in split(text)] == [
        "select ';'",
        "select $$ ; $$, $a$ $$ ; $a$",
        """select "a;b", E'\\';'""",
    ]


def test_comments_go_with_the_statement_after_them() -> None:
    assert list(split("-- first\nselect 1;\n/* second */ select 2")) == [
        ("-- first", "select 1"),
        ("/* second */", "select 2"),
    ]


def test_a_parameter_is_no_dollar_quote() -> None:
    assert ("parameter", "$1") in list(pieces("select $1"))
