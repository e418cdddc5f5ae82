"""Rows become the application's types; what does not fit is told by row and column."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal, NewType, TypedDict
from uuid import UUID, uuid4

import msgspec
import pydantic
import pytest
from asyncpg.pgproto import pgproto
from asyncpg.protocol.protocol import Record, _create_record  # type: ignore[attr-defined]  # made for tests

from candlefish.client.postgres.rows import convert_row, convert_rows, convert_value
from candlefish.errors import RowMismatch, UsageError


def record(**columns: object) -> Record:
    return records(tuple(columns), tuple(columns.values()))[0]


def records(columns: Sequence[str], *rows: tuple[object, ...]) -> list[Record]:
    mapping = {name: number for number, name in enumerate(columns)}
    return [_create_record(mapping, row) for row in rows]


class Colour(Enum):
    RED = "red"


class Struct(msgspec.Struct):
    id: int
    title: str


@dataclass
class Plain:
    id: int
    title: str


class Dict(TypedDict):
    id: int
    title: str


class Model(pydantic.BaseModel):
    id: int
    title: str


ROWS = records(("id", "title"), (1, "one"), (2, "two"))


@pytest.mark.parametrize("into", [Struct, Plain, Model])
def test_rows_become_objects_of_the_type(into: Any) -> None:
    assert convert_rows(ROWS, into) == [into(id=1, title="one"), into(id=2, title="two")]
    assert convert_row(ROWS[1], into) == into(id=2, title="two")


def test_rows_become_typed_dicts() -> None:
    assert convert_rows(ROWS, Dict) == [{"id": 1, "title": "one"}, {"id": 2, "title": "two"}]


def test_no_row_is_nothing() -> None:
    assert convert_rows([], Struct) == []
    assert convert_row(None, Struct) is None
    assert convert_value(None, int) is None


def test_the_order_of_columns_does_not_matter_and_spare_ones_are_dropped() -> None:
    assert convert_rows(records(("more", "title", "id"), (0, "one", 1)), Struct) == [Struct(1, "one")]


@pytest.mark.parametrize("into", [Struct, Plain, Dict, Model])
def test_a_value_of_another_type_is_told_by_row_and_column(into: Any) -> None:
    with pytest.raises(RowMismatch, match=f"row 2 does not fit {into.__name__} in column title"):
        convert_rows(records(("id", "title"), (1, "one"), (2, None)), into)


@pytest.mark.parametrize("into", [Struct, Plain, Dict, Model])
def test_a_missing_column_is_told(into: Any) -> None:
    with pytest.raises(RowMismatch, match=f"row 1 does not fit {into.__name__} in column title"):
        convert_rows(records(("id",), (1,)), into)


def test_a_column_that_the_type_forbids_is_told() -> None:
    class Closed(msgspec.Struct, forbid_unknown_fields=True):
        id: int

    with pytest.raises(RowMismatch, match="row 1 does not fit Closed") as mismatch:
        convert_rows(ROWS, Closed)
    assert "title" in mismatch.value.detail


@dataclass
class Typed:
    at: datetime
    day: date
    price: Decimal
    key: UUID
    colour: Colour
    ratio: float
    data: bytes
    host: IPv4Address
    tags: list[str]


def test_values_keep_the_types_that_the_driver_gives_them() -> None:
    at, key = datetime.now(UTC), uuid4()
    row = record(
        at=at,
        day=at.date(),
        price=Decimal("1.50"),
        key=pgproto.UUID(str(key)),
        colour="red",
        ratio=1,
        data=b"\x00",
        host=IPv4Address("10.0.0.1"),
        tags=["a"],
    )
    assert convert_row(row, Typed) == Typed(
        at, at.date(), Decimal("1.50"), key, Colour.RED, 1.0, b"\x00", IPv4Address("10.0.0.1"), ["a"]
    )


class Part(msgspec.Struct):
    n: int


class PartModel(pydantic.BaseModel):
    n: int


Text = NewType("Text", str)


@dataclass
class FromJson:
    parts: list[Part]
    settings: dict[str, int] | None
    count: int
    text: str
    maybe_text: str | None = None
    named: Text = Text("")
    annotated: Annotated[str, "a note"] = ""
    kind: Literal["[]", "{}"] = "{}"
    anything: Any = None
    extra: dict[str, int] = field(default_factory=dict)


def test_json_columns_are_read_where_the_field_is_no_text() -> None:
    row = record(
        parts='[{"n": 1}]',
        settings='{"a": 1}',
        count="7",
        text='{"a": 1}',
        maybe_text="[1]",
        named="[1]",
        annotated="[1]",
        kind="[]",
        anything="[1]",
    )
    assert convert_row(row, FromJson) == FromJson(
        [Part(1)], {"a": 1}, 7, '{"a": 1}', "[1]", Text("[1]"), "[1]", "[]", "[1]"
    )


def test_a_json_column_that_is_null_in_the_first_rows_is_read_in_the_others() -> None:
    rows = records(("parts", "settings", "count", "text"), ("[]", None, 1, ""), ("[]", '{"a": 1}', 2, ""))
    assert [row.settings for row in convert_rows(rows, FromJson)] == [None, {"a": 1}]


def test_a_text_that_is_no_json_is_told_as_what_it_is() -> None:
    with pytest.raises(RowMismatch, match="row 1 does not fit FromJson in column count") as mismatch:
        convert_row(record(parts="[]", settings=None, count="seven", text=""), FromJson)
    assert "got `str`" in mismatch.value.detail


def test_a_mismatch_deep_in_json_is_told_by_its_column() -> None:
    with pytest.raises(RowMismatch, match="in column parts"):
        convert_row(record(parts='[{"n": "x"}]', settings=None, count=1, text=""), FromJson)


def test_json_columns_reach_pydantic_models_too() -> None:
    class Holder(pydantic.BaseModel):
        parts: list[PartModel]
        text: str

    assert convert_row(record(parts='[{"n": 1}]', text="{}"), Holder) == Holder(parts=[PartModel(n=1)], text="{}")


def test_columns_find_fields_that_have_another_name_outside() -> None:
    class Camel(msgspec.Struct, rename="camel"):
        first_name: str

    class Aliased(pydantic.BaseModel):
        first_name: str = pydantic.Field(alias="firstName")

    row = record(first_name="Ada")
    assert convert_row(row, Camel) == Camel("Ada")
    assert convert_row(row, Aliased) == Aliased(firstName="Ada")


def test_values_become_any_type() -> None:
    assert convert_value(3, int) == 3
    assert convert_value('{"n": 1}', Part) == Part(1)
    assert convert_value('{"n": 1}', PartModel) == PartModel(n=1)
    assert convert_value("[1, 2]", list[int]) == [1, 2]
    assert convert_value("red", Colour) is Colour.RED
    assert convert_value("[1]", str) == "[1]"


@pytest.mark.parametrize("into", [int, Part, PartModel])
def test_a_value_that_does_not_fit_is_told(into: Any) -> None:
    with pytest.raises(RowMismatch, match=f"the value does not fit {into.__name__}"):
        convert_value("[", into)


@pytest.mark.parametrize("into", [int, dict, list[int], "Struct"])
def test_what_has_no_fields_is_refused(into: Any) -> None:
    with pytest.raises(UsageError, match="rows can't become"):
        convert_rows(ROWS, into)


def test_a_validator_of_the_application_is_told_by_its_row() -> None:
    class Picky(pydantic.BaseModel):
        id: int

        @pydantic.model_validator(mode="after")
        def refuse_two(self) -> "Picky":
            if self.id == 2:
                raise ValueError("two is too many")
            return self

    with pytest.raises(RowMismatch, match="row 2 does not fit Picky") as mismatch:
        convert_rows(ROWS, Picky)
    assert "two is too many" in mismatch.value.detail
