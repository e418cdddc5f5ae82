"""Tokens of expressions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.advise.plans.tokens import tokenize, unquote


@given(st.text())
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(token.text for token in tokenize(text)) == text


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("'it''s'", ["string"]),
        (r"'\'", ["string"]),
        (r"E'\'' x", ["string", "space", "word"]),
        ('"a""b".c', ["quoted", "dot", "word"]),
        ("$12::int4", ["parameter", "cast", "word"]),
        ("a->>'b'", ["word", "operator", "string"]),
        ("1.5e-3", ["number"]),
        ("größe", ["word"]),
    ],
)
def test_pieces_are_known_by_their_kind(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in tokenize(text)] == kinds


def test_a_quoted_name_stands_for_what_is_in_it() -> None:
    assert unquote('"a""b"') == 'a"b'
    assert unquote("plain") == "plain"
