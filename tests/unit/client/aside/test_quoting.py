from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.client.aside.quoting import SEPARATORS, quote
from candlefish.errors import UsageError


class Colour(Enum):
    RED = 1


class Level(IntEnum):
    LOW = 1


IDENTITY = "12345678-1234-5678-1234-567812345678"

atoms = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.from_regex(r"-?[0-9]+|![A-Z]?[a-z]+(=[a-z0-9]*)?|%[0-9]{2}", fullmatch=True)
    | st.uuids()
    | st.uuids().map(str)
    | st.binary()
    | st.floats(allow_nan=False)
    | st.decimals(allow_nan=False)
    | st.dates()
    | st.sampled_from([Colour.RED, Level.LOW])
)
values = st.recursive(atoms, lambda inner: st.lists(inner, max_size=3).map(tuple) | st.lists(inner, max_size=3))


def tell_apart(value: Any) -> Any:
    """Compare as a key does: 1, 1.0 and True are equal to Python."""
    if isinstance(value, tuple | list):
        return type(value), [tell_apart(one) for one in value]
    return type(value), str(value)


@given(values, values)
def test_two_values_are_written_alike_only_when_they_are_one(one: Any, other: Any) -> None:
    assert (quote(one) == quote(other)) == (tell_apart(one) == tell_apart(other))


@given(values)
def test_a_separator_never_stands_in_a_value(value: Any) -> None:
    assert not SEPARATORS & set(quote(value))


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (7, "7"),
        (-7, "-7"),
        ("7", "%37"),
        ("acme", "acme"),
        ("a:b", "a%3Ab"),
        ("", ""),
        (UUID(IDENTITY), IDENTITY),
        (IDENTITY, "%31" + IDENTITY[1:]),
        ("a" + IDENTITY[1:], "%61" + IDENTITY[1:]),
        (None, "!None"),
        (True, "!True"),
        (1.5, "!float=1.5"),
        (Decimal("1.50"), "!Decimal=1.50"),
        (date(2026, 1, 2), "!date=2026-01-02"),
        (datetime(2026, 1, 2, tzinfo=UTC), "!datetime=2026-01-02%2000%3A00%3A00%2B00%3A00"),
        (Colour.RED, "!Colour=RED"),
        (Level.LOW, "!Level=LOW"),
        (b"\x00a", "!bytes=0061"),
        ((), "!tuple=()"),
        (("",), "!tuple=(,)"),
        ((1, "a,b"), "!tuple=(1,a%2Cb,)"),
        ({3, 1}, "!set=(1,3,)"),
    ],
)
def test_a_value_can_be_read_in_its_key(value: Any, written: str) -> None:
    assert quote(value) == written


@pytest.mark.parametrize("value", [object(), {}, "\ud800"])
def test_what_has_no_text_of_its_own_is_refused(value: Any) -> None:
    with pytest.raises(UsageError, match="cannot stand in a key"):
        quote(value)
