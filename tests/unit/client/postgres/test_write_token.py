import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.postgres.lsn import Position
from candlefish.client.postgres.write_token import SHOWN, WriteToken
from candlefish.errors import UsageError

POSITIONS = st.builds(Position, st.integers(1, 2**32 - 1), st.integers(0, 2**64 - 1))


@given(st.none() | POSITIONS, st.integers(0, 2**40))
def test_a_token_is_read_as_it_was_written(position: Position | None, issued: int) -> None:
    token = WriteToken(position, issued)
    assert WriteToken.parse(str(token)) == token


@given(POSITIONS, st.integers(0, 2**40))
def test_a_token_can_stand_in_a_cookie_and_in_a_header(position: Position, issued: int) -> None:
    text = str(WriteToken(position, issued))
    assert text.isascii()
    assert text.replace(".", "").isalnum()
    assert len(text) <= 40


NO_TOKENS = (
    *("", "1", "1.1.ff", "2.1.ff.0", "1.1.fg.0", "1.1.FF.0", "1.1.-1.0", "1.1.ff.0 ", "1.1.ff.0\n", "1.1.ff.0.0"),
    *("1..ff.0", "1.1.11112222333344445.0", "0x1.1.ff.0", "١.1.ff.0"),
)


@pytest.mark.parametrize("text", NO_TOKENS)
def test_what_is_no_token_is_named(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        WriteToken.parse(text)
    assert repr(text) in refused.value.message


def test_a_wrong_token_of_a_megabyte_is_not_repeated_as_a_whole() -> None:
    with pytest.raises(UsageError) as refused:
        WriteToken.parse("x" * 1_000_000)
    assert len(str(refused.value)) < SHOWN + 300


@given(st.from_regex(r"[0-9]\.[0-9a-f.]*"))
def test_whatever_is_not_refused_as_a_token_is_one(text: str) -> None:
    try:
        token = WriteToken.parse(text)
    except UsageError:
        return
    assert WriteToken.parse(str(token)) == token
