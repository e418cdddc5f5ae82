"""Shapes: the type under which a value is kept, where it is not given, and what of a type is no part of it."""

from dataclasses import is_dataclass
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

import msgspec

BY_VALUE: Final = object()
"""As `shape` of what is set: the type of the value itself, where it has one of its own."""


def find_shape(value: object) -> Any:
    """Return the type of a Struct, a dataclass or a pydantic model; `Any` for what comes back as plain data."""
    kind = type(value)
    return kind if issubclass(kind, msgspec.Struct) or is_dataclass(kind) or hasattr(kind, "model_validate") else Any


def without_none(shape: Any) -> Any:
    """Return a type without `| None`: that there is nothing is told by the entry, under every type alike."""
    if get_origin(shape) not in (Union, UnionType):
        return shape
    return Union[tuple(one for one in get_args(shape) if one is not NoneType)]  # noqa: UP007 - known when it runs
