"""A plan as the rules read it: each resource with what is known of it, and what its configuration says.

`terraform show -json` gives planned values, a tree that says which of them are unknown until the apply, and the
configuration, in which an expression has either a constant value or references.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from candlefish.terraform.rules.written import references

Json = Mapping[str, Any]
"""An object of the plan."""

NAMES = ("id", "arn", "name", "identifier", "key_id")
"""Attributes by which one resource names another."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One instance: its known values, the tree of unknown ones, and its expressions by argument."""

    address: str
    type: str
    values: Json
    unknown: Json = field(default_factory=dict)
    written: Json = field(default_factory=dict)

    def get(self, argument: str) -> Any:
        """Return a value that was given; None where it is unset, not known yet, or what AWS itself decided."""
        return self.values.get(argument) if self._may_be_given(argument) else None

    def blocks(self, name: str) -> Sequence[Json]:
        """Return the nested blocks of a name; a block that there is once is a list of one."""
        found = self.values.get(name) or []
        return [found] if isinstance(found, Mapping) else [block for block in found if isinstance(block, Mapping)]

    def is_unknown(self, argument: str) -> bool:
        """Say whether an argument was written and AWS decides its value, wholly or in part."""
        return self._may_be_given(argument) and _holds_true(self.unknown.get(argument))

    def is_given(self, argument: str) -> bool:
        """Say whether an argument has a value, known or not."""
        return self.get(argument) is not None or self.is_unknown(argument)

    def is_written(self, argument: str) -> bool:
        """Say whether an argument stands in the configuration: all that a plan tells of a write-only one."""
        return argument in self.written and self.written[argument] not in ({}, {"constant_value": None})

    def _may_be_given(self, argument: str) -> bool:
        return argument in self.written or not self.written

    def refers_to(self, argument: str) -> tuple[str, ...]:
        """Return what an argument refers to, such as "aws_subnet.private" and "var.name"."""
        return references(self.written.get(argument))


@dataclass(frozen=True, slots=True)
class Planned:
    """All resources of a plan; data sources by address as they were written; variables by name."""

    resources: tuple[Resource, ...]
    documents: Mapping[str, Json] = field(default_factory=dict)
    variables: Json = field(default_factory=dict)

    def of(self, *types: str) -> Iterator[Resource]:
        """Give the resources of these types."""
        return (resource for resource in self.resources if resource.type in types)

    def linked(self, resource: Resource, argument: str, kind: str) -> tuple[Resource, ...]:
        """Return the resources of a type that an argument names: by value, and where that is unknown by reference."""
        value = resource.get(argument)
        values = set(value) if isinstance(value, list) else {value}
        known = {one for one in values if isinstance(one, str)}
        same = tuple(one for one in self.of(kind) if known & {one.values.get(name) for name in NAMES})
        return same or self._referred(resource.refers_to(argument), kind)

    def _referred(self, found: Sequence[str], kind: str) -> tuple[Resource, ...]:
        exact = tuple(one for one in self.of(kind) if one.address in found)
        return exact or tuple(one for one in self.of(kind) if one.address.split("[")[0] in found)


def read_plan(plan: Json) -> Planned:
    """Read the JSON of a plan."""
    configuration = plan.get("configuration", {}).get("root_module", {})
    written = dict(_written(configuration, ""))
    unknown = {one["address"]: one["change"].get("after_unknown") or {} for one in plan.get("resource_changes", [])}
    values = plan.get("planned_values", {}).get("root_module", {})
    return Planned(
        tuple(_resources(values, unknown, written)),
        {address: body for address, body in written.items() if ".data." in f".{address}"},
        {name: variable.get("value") for name, variable in plan.get("variables", {}).items()},
    )


def _resources(module: Json, unknown: Mapping[str, Json], written: Mapping[str, Json]) -> Iterator[Resource]:
    for one in module.get("resources", []):
        if one.get("mode") == "managed":
            address = one["address"]
            yield Resource(
                address, one["type"], one.get("values", {}), unknown.get(address, {}), written.get(_bare(address), {})
            )
    for child in module.get("child_modules", []):
        yield from _resources(child, unknown, written)


def _written(module: Json, prefix: str) -> Iterator[tuple[str, Json]]:
    for one in module.get("resources", []):
        yield prefix + one["address"], one.get("expressions", {})
    for name, call in module.get("module_calls", {}).items():
        yield from _written(call.get("module", {}), f"{prefix}module.{name}.")


def _bare(address: str) -> str:
    """Return the address of all instances: without any index, of which a string may hold brackets and dots."""
    bare, depth, quoted = "", 0, False
    for letter in address:
        quoted ^= letter == '"'
        depth += (letter == "[" and not quoted) - (letter == "]" and not quoted)
        if not depth and not (letter == "]" and not quoted):
            bare += letter
    return bare


def _holds_true(tree: Any) -> bool:
    if isinstance(tree, Mapping):
        return any(_holds_true(one) for one in tree.values())
    if isinstance(tree, list):
        return any(_holds_true(one) for one in tree)
    return tree is True
