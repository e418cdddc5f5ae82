import sys
from dataclasses import dataclass, make_dataclass
from typing import Any, TypedDict
from uuid import UUID

import msgspec
import pytest
from pydantic import BaseModel, create_model

from candlefish import process
from candlefish.client.aside.fingerprint import make_fingerprint


class Point(msgspec.Struct):
    """A place."""

    x: int
    y: int


class Titled(TypedDict):
    title: str
    description: int


class Untitled(TypedDict):
    pass


def make_array(*fields: str) -> Any:
    return msgspec.defstruct("Row", [(field, int) for field in fields], array_like=True)


ARRAYS = [make_array("x", "y"), make_array("y", "x"), make_array("x", "z")]


class Tree(msgspec.Struct, array_like=True):
    branches: "list[Tree]"


SHAPES: list[Any] = [
    Tree,
    Any,
    int,
    str,
    bytes,
    UUID,
    list[int],
    list[str],
    dict[str, int],
    Point,
    list[Point],
    list[Point | None],
    *ARRAYS,
    *[msgspec.defstruct("Outer", [("inner", array)]) for array in ARRAYS],
    Titled,
    Untitled,
    make_dataclass("Row", [("id", int)]),
    make_dataclass("Row", [("id", str)]),
    make_dataclass("Row", [("id", int), ("name", str)]),
    create_model("Model", id=(int, ...)),
    create_model("Model", id=(str, ...)),
    create_model("Model", id=(int, ...), name=(str, ...)),
]


def test_types_that_are_not_alike_have_fingerprints_that_are_not() -> None:
    assert len({make_fingerprint(shape, "msgpack") for shape in SHAPES}) == len(SHAPES)


def test_the_codec_is_part_of_the_fingerprint() -> None:
    assert make_fingerprint(Point, "msgpack") != make_fingerprint(Point, "json")


def test_a_docstring_is_no_part_of_the_fingerprint() -> None:
    def make(text: str) -> list[Any]:
        @dataclass
        class Row:
            id: int

        class Model(BaseModel):
            id: int

        Row.__doc__ = Model.__doc__ = text
        return [Row, Model, list[Row]]

    assert [make_fingerprint(shape, "json") for shape in make("one")] == [
        make_fingerprint(shape, "json") for shape in make("two")
    ]


def test_another_process_gives_the_same_fingerprint() -> None:
    program = (
        "import msgspec; from candlefish.client.aside.fingerprint import make_fingerprint\n"
        "Point = msgspec.defstruct('Point', [('x', int), ('y', int)])\n"
        "print(make_fingerprint(list[Point], 'msgpack').hex())"
    )
    done = process.run([sys.executable, "-c", program], env={"PYTHONHASHSEED": "7"})
    assert done.stdout.strip() == make_fingerprint(list[Point], "msgpack").hex()


@pytest.mark.parametrize("shape", [object, complex, "Point", list["Point"]])  # type: ignore[name-defined,misc,unused-ignore]
def test_a_type_that_cannot_be_read_is_refused(shape: Any) -> None:
    with pytest.raises(TypeError):
        make_fingerprint(shape, "msgpack")
