from dataclasses import dataclass
from typing import Any, Optional

import msgspec
import pytest
from pydantic import BaseModel

from candlefish.client.aside.shape import find_shape, without_none


class Struct(msgspec.Struct):
    x: int = 1


class Model(BaseModel):
    x: int = 1


@dataclass
class Data:
    x: int = 1


@pytest.mark.parametrize("value", [Struct(), Model(), Data()])
def test_a_value_with_a_type_of_its_own_has_that_shape(value: object) -> None:
    assert find_shape(value) is type(value)


@pytest.mark.parametrize("value", [1, "text", None, [Struct()], {"x": Data()}, Struct])
def test_every_other_value_has_the_shape_any(value: object) -> None:
    assert find_shape(value) is Any


@pytest.mark.parametrize(
    ("shape", "left"),
    [
        (int | None, int),
        (Optional[Struct], Struct),  # noqa: UP045 - the older way to write it
        (None | int | str, int | str),
        (list[int | None], list[int | None]),
        (int | str, int | str),
        (None, None),
        (Any, Any),
    ],
)
def test_none_is_no_part_of_a_shape(shape: Any, left: Any) -> None:
    assert without_none(shape) == left
