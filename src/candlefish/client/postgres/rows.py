"""Rows as the application's own types: one converter for each type, made when the type is first seen."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import asyncpg
import msgspec

from candlefish.errors import RowMismatch, UsageError

Fields = dict[str, Any]
"""One row by column."""

CONVERTERS = 1000
"""Types whose converters are kept: more than a program has, and a bound for one that makes types as it runs."""

_TEXTUAL = (str, bytes, date, time, timedelta, Decimal, UUID, Enum)
"""What is read from a text as it stands; a text for anything else is read as JSON."""

_PLACE = re.compile(r" - at `\$\[(?P<row>\d+)\](?:\.(?P<column>\w+))?.*`$")
_MISSING = re.compile(r"required field `(?P<column>\w+)`")


def convert_rows(rows: Sequence[asyncpg.Record], into: Any) -> list[Any]:
    """Return the rows as msgspec Structs, dataclasses, TypedDicts or pydantic models; raise RowMismatch."""
    return _row_converter(into).convert(rows) if rows else []


def convert_row(row: asyncpg.Record | None, into: Any) -> Any:
    """Return one row as an application's type, None as None; raise RowMismatch."""
    return None if row is None else _row_converter(into).convert([row])[0]


def convert_value(value: Any, into: Any) -> Any:
    """Return one value as any type that msgspec or pydantic knows, None as None; raise RowMismatch."""
    if value is None:
        return None
    if isinstance(value, str) and not _reads_text(into):
        value = _decode(value)
    try:
        if hasattr(into, "model_validate"):
            return into.model_validate(value)
        return msgspec.convert(value, into)
    except ValueError as error:  # of msgspec and of pydantic alike
        raise RowMismatch(f"the value does not fit {_name(into)}", detail=str(error)) from error


async def converted(
    answer: Awaitable[Any], convert: Callable[[Any, Any], Any], into: Any, *, carried_out: bool = False
) -> Any:
    """Await an answer and convert it; a RowMismatch says whether the statement that gave it was `carried_out`."""
    result = await answer
    try:
        return convert(result, into)
    except RowMismatch as error:
        error.carried_out = carried_out
        raise


class RowConverter:
    """Make one type from rows: columns become fields of the same name, JSON text what it says.

    A column that the type has no field for is dropped, unless the type forbids that.
    """

    def __init__(self, into: Any) -> None:
        self._into = into
        self._list = list[into]
        self._names = _names_outside(into)
        self._json = frozenset(
            self._names.get(name, name) for name, hint in get_type_hints(into).items() if not _reads_text(hint)
        )
        self._make: Callable[[list[Fields]], Any] = self._validate if hasattr(into, "model_validate") else self._convert

    def convert(self, rows: Sequence[asyncpg.Record]) -> Any:
        """Return the rows, which must be of one statement."""
        names = [self._names.get(name, name) for name in rows[0].keys()]  # noqa: SIM118 - a Record iterates over values
        fields = [dict(zip(names, row, strict=False)) for row in rows]
        for name in self._json.intersection(names):
            _decode_column(fields, name)
        return self._make(fields)

    def _convert(self, rows: list[Fields]) -> Any:
        try:
            return msgspec.convert(rows, self._list)
        except msgspec.ValidationError as error:
            said = str(error)
            place, missing = _PLACE.search(said), _MISSING.search(said)
            column = missing["column"] if missing else place["column"] if place else ""
            raise self._mismatch(int(place["row"]) if place else 0, column or "", said) from error

    def _validate(self, rows: list[Fields]) -> Any:
        made: list[Any] = []
        try:
            for row in rows:
                made.append(self._into.model_validate(row))  # noqa: PERF401 - their number says which row failed
        except ValueError as error:
            first: dict[str, Any] = error.errors()[0] if hasattr(error, "errors") else {"loc": (), "msg": str(error)}
            raise self._mismatch(len(made), "".join(map(str, first["loc"][:1])), first["msg"]) from error
        return made

    def _mismatch(self, row: int, column: str, reason: str) -> RowMismatch:
        where = f" in column {column}" if column else ""
        return RowMismatch(f"row {row + 1} does not fit {_name(self._into)}{where}", detail=reason)


@lru_cache(CONVERTERS)
def _row_converter(into: Any) -> RowConverter:
    try:
        if not hasattr(into, "model_validate") and not _has_fields(into):
            raise TypeError("it has no fields")
        return RowConverter(into)
    except (TypeError, NameError) as error:
        raise UsageError(
            f"rows can't become {_name(into)}: {error}",
            hint="pass a msgspec Struct, a dataclass, a TypedDict or a pydantic model",
        ) from error


def _has_fields(into: Any) -> bool:
    kinds = (msgspec.inspect.StructType, msgspec.inspect.DataclassType, msgspec.inspect.TypedDictType)
    return isinstance(msgspec.inspect.type_info(into), kinds)


def _names_outside(into: Any) -> dict[str, str]:
    """Return what fields are called from outside where that may differ: msgspec's rename, pydantic's alias."""
    if issubclass(into, msgspec.Struct):
        return {field.name: field.encode_name for field in msgspec.structs.fields(into)}
    aliases = {name: field.validation_alias for name, field in getattr(into, "model_fields", {}).items()}
    return {name: alias for name, alias in aliases.items() if isinstance(alias, str)}


def _decode_column(rows: list[Fields], name: str) -> None:
    """Decode a column in place where it arrived as text; its first value tells for all of them."""
    first = next((row[name] for row in rows if row[name] is not None), None)
    if isinstance(first, str):
        for row in rows:
            row[name] = None if row[name] is None else _decode(row[name])


def _decode(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text  # the type says what it expected instead


def _reads_text(hint: Any) -> bool:
    members = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return any(
        member in (Any, object) or get_origin(member) is Literal or issubclass(_plain(member), _TEXTUAL)
        for member in members
    )


def _plain(hint: Any) -> type:
    hint = getattr(hint, "__supertype__", hint)  # of a NewType
    return hint if isinstance(hint, type) and get_origin(hint) is None else list  # a generic is some container


def _name(into: Any) -> str:
    return getattr(into, "__name__", str(into))
