"""The pure check of a rendered module: no Terraform, no provider, nothing but its text and the provider's schema."""

import re
from collections.abc import Iterator, Mapping

from tests.standin import schema, wheel
from tests.standin.findings import Finding
from tests.standin.hcl import Block, blocks, parse, unquoted
from tests.standin.hcl_names import locals_as_blocks, name_findings
from tests.standin.hcl_schema import schema_findings

VALUES = "terraform.tfvars"
CONSTRAINT = re.compile(r"\s*([<>=!~]*)\s*([\d.]+)\s*")
Version = tuple[int, ...]


def check(files: Mapping[str, str]) -> list[Finding]:
    """Check a module, path to text; an empty answer is a good one."""
    declared = locals_as_blocks(list(blocks(files)))
    types = set().union(*(schema.types_in(text) for text in files.values()))
    schemas = schema.load(types)
    found = [*schema_findings(declared, schemas), *name_findings(declared, schemas)]
    return sorted({*found, *_values(files, declared), *_described(declared), *_provider_version(declared)})


def _values(files: Mapping[str, str], declared: list[Block]) -> Iterator[Finding]:
    """Terraform only warns of values that no variable takes."""
    if VALUES not in files:
        return
    given = {name for name in parse(files[VALUES]) if not name.startswith("__")}
    variables = {block.labels[0]: block for block in declared if block.kind == "variable"}
    for name in given - set(variables):
        yield Finding("value-without-variable", f"{VALUES}: {name}", "no such variable is declared")
    for name, block in variables.items():
        if name not in given and "default" not in block.body:
            yield Finding("variable-without-value", block.where, f"no default, and nothing in {VALUES}")


def _described(declared: list[Block]) -> Iterator[Finding]:
    for block in declared:
        for name in {"variable": ("description", "type"), "output": ("description",)}.get(block.kind, ()):
            if name not in block.body:
                yield Finding("undescribed", block.where, f"no {name}")


def _provider_version(declared: list[Block]) -> Iterator[Finding]:
    """What the module asks for has to admit the version that it is checked against."""
    for block in declared:
        for providers in block.body.get("required_providers", []) if block.kind == "terraform" else ():
            wanted = unquoted(providers.get("aws", {}).get("version", '""'))
            if not wanted or not admits(wanted, wheel.provider_version()):
                message = f'version "{wanted}" does not admit {wheel.provider_version()}, whose schema is used here'
                yield Finding("provider-version", block.where, message)


def admits(constraints: str, version: str) -> bool:
    """Say whether a version meets all of Terraform's constraints, such as `~> 6.0` or `>= 6.30, < 7`."""
    found = [CONSTRAINT.fullmatch(one) for one in constraints.split(",")]
    return all(one is not None and _admits(one[1], _parts(one[2]), _parts(version)) for one in found)


def _admits(operator: str, limit: Version, version: Version) -> bool:
    if operator == "~>":
        return version >= limit and version[: len(limit) - 1] == limit[:-1]
    same = version[: len(limit)] == limit
    if operator == "!=":
        return not same
    ordered = {">=": version >= limit, "<": version < limit, "<=": version <= limit, ">": version > limit}
    return ordered.get(operator, same)


def _parts(version: str) -> Version:
    return tuple(int(part) for part in version.split("."))
