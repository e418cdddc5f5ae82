"""Hold what expressions refer to against what is declared, and what is declared against what anything refers to."""

from collections.abc import Iterator

from tests.standin.findings import Finding
from tests.standin.hcl import Block, references
from tests.standin.schema import TypeName
from tests.standin.schema_of import Schema

Path = tuple[str, ...]
UNUSED = ("variable", "local", "data", "ephemeral")
"""Kinds of blocks that do nothing unless something refers to them."""

REPEATED = ("terraform", "provider")
"""Kinds of blocks of which there may be several with the same labels."""


def locals_as_blocks(declared: list[Block]) -> list[Block]:
    """Give each local value as a block of its own, so that it has an address like everything else."""
    found = [block for block in declared if block.kind != "locals"]
    for block in declared:
        if block.kind == "locals":
            named = {name: value for name, value in block.body.items() if not name.startswith("__")}
            found += [Block(block.file, "local", (name,), {"value": value}) for name, value in named.items()]
    return found


def name_findings(declared: list[Block], schemas: dict[TypeName, Schema]) -> Iterator[Finding]:
    """Check every reference of every block, then everything that nothing refers to."""
    by_address: dict[str, Block] = {}
    for block in declared:
        if block.kind not in REPEATED and by_address.setdefault(block.address, block) is not block:
            yield Finding("declared-twice", block.where, f"stands in {by_address[block.address].file} too")
    used: set[str] = set()
    for block in declared:
        for path in references(block.body):
            address, rest = _split(path)
            if address is None:
                yield from _meta(block, path)
            elif address not in by_address:
                yield Finding("undeclared-reference", block.where, f"{address} is not declared")
            elif address != block.address:
                used.add(address)
                yield from _target(block, by_address[address], rest, schemas)
    for block in declared:
        if block.kind in UNUSED and block.address not in used:
            yield Finding(f"unused-{block.kind}", block.where, "nothing refers to it")
    yield from _outputs(declared)


def _split(path: Path) -> tuple[str | None, Path]:
    """Split a path into the address of a block and what is read of it; None where it names no block."""
    if path[0] in ("var", "local", "module") and len(path) > 1:
        return ".".join(path[:2]), path[2:]
    if path[0] in ("data", "ephemeral") and len(path) > 2:
        return ".".join(path[:3]), path[3:]
    if path[0].startswith(("aws_", "terraform_")) and len(path) > 1:
        return ".".join(path[:2]), path[2:]
    return None, path


def _meta(block: Block, path: Path) -> Iterator[Finding]:
    repeats = {"each": "for_each", "count": "count"}.get(path[0])
    if repeats and len(path) > 1 and repeats not in block.body:
        yield Finding("repeat-without-reason", block.where, f"{'.'.join(path)} without {repeats}")


def _target(block: Block, target: Block, rest: Path, schemas: dict[TypeName, Schema]) -> Iterator[Finding]:
    if target.kind not in ("resource", "data", "ephemeral"):
        return
    repeated = "for_each" in target.body or "count" in target.body
    indexed = rest[:1] == ("[]",)
    if indexed and not repeated:
        yield Finding("needless-index", block.where, f"there is only one {target.address}")
    attribute = rest[indexed : indexed + 1]
    if not attribute or attribute == ("[]",):
        return
    if repeated and not indexed:
        yield Finding("missing-index", block.where, f"there are several of {target.address}")
        return
    schema = schemas.get(TypeName(target.kind, target.labels[0]))
    if schema and attribute[0] not in {*schema["attributes"], *schema.get("block_types", {})}:
        message = f"{target.address} has no attribute {attribute[0]}"
        yield Finding("unknown-attribute", block.where, message)


def _outputs(declared: list[Block]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for block in declared:
        if block.kind == "output":
            value = block.body.get("value")
            if not any(_split(path)[0] for path in references(value)):
                yield Finding("useless-output", block.where, "says nothing about what was made")
            elif (other := seen.setdefault(repr(value), block.address)) != block.address:
                yield Finding("useless-output", block.where, f"says the same as {other}")
