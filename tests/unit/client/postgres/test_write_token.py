import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.write_token import WriteToken

POSITIONS = st.builds(Position, st.integers(1, 2**32 - 1), st.integers(0, 2**64 - 1))


@given(st.none() | POSITIONS, st.integers(0, 2**40))
def test_a_token_is_read_as_it_was_written(position: Position | None, written_at: int) -> None:
    token = WriteToken(position, written_at)
    assert WriteToken.parse(str(token)) == token


@given(POSITIONS, st.integers(0, 2**40))
def test_a_token_can_stand_in_a_cookie_and_in_a_header(position: Position, written_at: int) -> None:
    text = str(WriteToken(position, written_at))
    assert text.isascii()
    assert text.replace(".", "").isalnum()
    assert len(text) <= 40


NO_TOKENS = (
    *("", "1", "1.1.ff", "2.1.ff.0", "1.1.fg.0", "1.1.FF.0", "1.1.-1.0", "1.1.ff.0 ", "1.1.ff.0\n", "1.1.ff.0.0"),
    *("1..ff.0", "1.1.11112222333344445.0", "0x1.1.ff.0", "١.1.ff.0"),
)


@pytest.mark.parametrize("text", [*NO_TOKENS, "x" * 1_000_000])
def test_what_is_no_token_is_told_from_one(text: str) -> None:
    assert WriteToken.parse(text) is None


@given(st.from_regex(r"[0-9]\.[0-9a-f.]*") | st.text())
def test_no_text_is_misread(text: str) -> None:
    token = WriteToken.parse(text)
    assert token is None or WriteToken.parse(str(token)) == token
