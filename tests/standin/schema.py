"""The schema of the AWS provider for the types that are asked for, kept beside the wheel once it has been read.

What the wheel does not hold: descriptions, `deprecated`, `sensitive` (told here by the name), and the validation and
defaults of the provider's Go code. Whether an attribute is write-only it does hold.
"""

import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.standin import wheel
from tests.standin.javascript import parse
from tests.standin.schema_of import Schema, of_module

NAMED_IN_HCL = re.compile(r'^[ \t]*(resource|data|ephemeral)[ \t]+"(aws_\w+)"', re.MULTILINE)
FORMAT = 3
"""Counted up when what is read out of the wheel changes: what was kept of before is not used then."""


@dataclass(frozen=True, slots=True, order=True)
class TypeName:
    """Such as `data aws_region`; the provider's own configuration is `provider aws`."""

    kind: str
    name: str

    @property
    def module(self) -> str:
        """Name the module of the wheel that holds the type."""
        names = {"provider": "provider", "resource": self.name.removeprefix("aws_")}
        return names.get(self.kind, f"{self.kind}_{self.name}").replace("_", "-")


PROVIDER = TypeName("provider", "aws")


def types_in(hcl: str) -> set[TypeName]:
    """Give the types of AWS that a text of HCL declares."""
    return {TypeName(kind, name) for kind, name in NAMED_IN_HCL.findall(hcl)}


def load(types: Iterable[TypeName]) -> dict[TypeName, Schema]:
    """Give the schema of each type; one that the provider does not have is absent from the answer."""
    wanted = {*types, PROVIDER}
    missing = frozenset(one for one in wanted if not _kept(one).exists())
    if missing:
        _read({one.module: one for one in missing})
    found = {one: json.loads(_kept(one).read_text()) for one in wanted}
    return {one: schema for one, schema in found.items() if schema is not None}


def _read(wanted: dict[str, TypeName]) -> None:
    known: dict[TypeName, Schema | None] = dict.fromkeys(wanted.values())
    for name, text in wheel.modules(frozenset(wanted)):
        kind, type_name, schema = of_module(parse(text))
        assert TypeName(kind, type_name) == wanted[name], f"{name} holds {kind} {type_name}"
        known[wanted[name]] = schema
    for one, found in known.items():
        _keep(_kept(one), json.dumps(found, sort_keys=True))


def _kept(one: TypeName) -> Path:
    return wheel.PROOF / f"schema-{wheel.wheel_version()}-{FORMAT}" / one.kind / f"{one.name}.json"


def _keep(path: Path, text: str) -> None:
    """Write at once and whole: tests that run beside each other read the same files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(text)
    draft.replace(path)
