"""One file of the module: when it is there, and what its variables are given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from candlefish.spec.model import Spec
from candlefish.terraform.value import Value


def always(spec: Spec) -> bool:
    """Say yes: the file belongs to every tier."""
    del spec
    return True


def nothing(spec: Spec) -> Iterator[Value]:
    """Give no values: the file has no variables of its own."""
    del spec
    yield from ()


@dataclass(frozen=True, slots=True)
class Part:
    """`module/NAME.tf` with `NAME.variables.tf` and `NAME.outputs.tf` beside it, where it has any."""

    name: str
    values: Callable[[Spec], Iterator[Value]] = nothing
    wanted: Callable[[Spec], bool] = always
