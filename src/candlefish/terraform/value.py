"""What a variable of the module is given, with the reason that stands beside it in terraform.tfvars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Hcl = str | int | float | bool | None | Sequence["Hcl"] | Mapping[str, "Hcl | Reasoned"]
"""A value as HCL has it."""


@dataclass(frozen=True, slots=True)
class Reasoned:
    """One entry of a map, with the reason for it."""

    value: Hcl
    reason: str


@dataclass(frozen=True, slots=True)
class Value:
    """The value of one variable, and why."""

    name: str
    value: Hcl
    reason: str
