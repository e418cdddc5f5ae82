"""Hold the arguments and blocks of each resource against the provider's schema."""

import re
from collections.abc import Iterator
from typing import Any

from tests.standin.findings import Finding
from tests.standin.hcl import IS_BLOCK, Block, Body, is_blocks, is_expression, nested, unquoted
from tests.standin.schema import PROVIDER, TypeName
from tests.standin.schema_of import Schema, Type

META = frozenset({"count", "for_each", "depends_on", "provider", "lifecycle", "provisioner", "connection", "dynamic"})
"""What Terraform itself understands in every resource."""

NUMBER = re.compile(r"-?\d+(\.\d+)?")


def schema_findings(declared: list[Block], schemas: dict[TypeName, Schema]) -> Iterator[Finding]:
    """Check every block that the provider knows."""
    for block in declared:
        if block.kind in ("resource", "data", "ephemeral"):
            name = TypeName(block.kind, block.labels[0])
            if name in schemas:
                yield from _body(schemas[name], block.body, block.where)
            elif name.name.startswith("aws_"):
                yield Finding("unknown-type", block.where, f"the provider has no {block.kind} {name.name}")
        elif block.kind == "provider" and block.labels == ("aws",):
            yield from _body(schemas[PROVIDER], block.body, block.where)


def _body(schema: Schema, body: Body, where: str) -> Iterator[Finding]:
    attributes, block_types = schema["attributes"], schema.get("block_types", {})
    given = {name: value for name, value in body.items() if name not in META and name != IS_BLOCK}
    for name, value in given.items():
        if name in attributes:
            yield from _argument(attributes[name], value, f"{where}.{name}")
        elif name not in block_types:
            yield Finding("unknown-argument", f"{where}.{name}", "no such argument or block")
    for name, attribute in attributes.items():
        if attribute.get("required") and name not in given:
            yield Finding("missing-argument", f"{where}.{name}", "required, and not given")
    yield from _blocks(block_types, attributes, body, where)


def _blocks(block_types: Schema, attributes: Schema, body: Body, where: str) -> Iterator[Finding]:
    found = list(nested({name: value for name, value in body.items() if name not in META or name == "dynamic"}))
    for name, inner, _ in found:
        if name in block_types:
            yield from _body(block_types[name]["block"], inner, f"{where}.{name}")
        elif name not in attributes and name not in body:
            yield Finding("unknown-argument", f"{where}.{name}", "no such block")
    for name, kind in block_types.items():
        count = sum(name == one for one, _, _ in found)
        dynamic = any(name == one and is_dynamic for one, _, is_dynamic in found)
        if kind.get("min_items", 0) > count:
            yield Finding("missing-block", f"{where}.{name}", "required, and not given")
        if 0 < kind.get("max_items", 0) < count and not dynamic:
            yield Finding("too-many-blocks", f"{where}.{name}", f"{count} given, {kind['max_items']} allowed")


def _argument(attribute: Schema, value: Any, where: str) -> Iterator[Finding]:
    if not (attribute.get("optional") or attribute.get("required")):
        yield Finding("set-by-aws", where, "decided by AWS, and can't be given")
    elif not is_blocks(value) and not fits(attribute["type"], value):
        yield Finding("wrong-type", where, f"{value!r} is not of the type {attribute['type']}")


def fits(kind: Type, value: Any) -> bool:
    """Say whether a literal is of a type, as far as it is one."""
    if value is None or value == "null" or is_expression(value) or kind == "dynamic":
        return True
    if isinstance(kind, str):
        return _fits_primitive(kind, unquoted(value) if isinstance(value, str) else value)
    if kind[0] in ("list", "set"):
        return isinstance(value, list) and all(fits(kind[1], one) for one in value)
    if not isinstance(value, dict):
        return False
    return kind[0] == "object" or all(fits(kind[1], one) for name, one in value.items() if name != IS_BLOCK)


def _fits_primitive(kind: str, value: Any) -> bool:
    if kind == "bool":
        return isinstance(value, bool) or value in ("true", "false")
    if kind == "number":
        if isinstance(value, str):
            return NUMBER.fullmatch(value) is not None
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, str | int | float)
