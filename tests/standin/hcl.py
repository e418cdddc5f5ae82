"""Read HCL without Terraform: blocks with their labels, and what their expressions refer to."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import hcl2
from hcl2 import SerializationOptions

Body = dict[str, Any]
"""Arguments and blocks by name: blocks as a list of bodies, strings in their quotes, expressions in `${}`."""

LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "variable": 1, "output": 1, "provider": 1, "module": 1, "check": 1}
OPTIONS = SerializationOptions(with_comments=False)
NAME = re.compile(r"[A-Za-z_][\w-]*")
IS_BLOCK = "__is_block__"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the top level."""

    file: str
    kind: str
    labels: tuple[str, ...]
    body: Body

    @property
    def address(self) -> str:
        """Name the block as an expression does: `aws_vpc.main`, `data.aws_region.here`, `var.name`."""
        prefix = {"resource": (), "variable": ("var",)}.get(self.kind, (self.kind,))
        return ".".join((*prefix, *self.labels))

    @property
    def where(self) -> str:
        """Say where it stands."""
        return f"{self.file}: {self.address}"


@cache
def parse(text: str) -> Body:
    """Parse a file: seconds for a module, so that no text is parsed twice."""
    parsed: Body = hcl2.loads(text, serialization_options=OPTIONS)
    return parsed


def blocks(files: Mapping[str, str]) -> Iterator[Block]:
    """Give the blocks of a module's own folder."""
    for name, text in sorted(files.items()):
        if name.endswith(".tf") and "/" not in name:
            for kind, bodies in parse(text).items():
                for body in bodies:
                    yield from _labelled(name, kind, (), body)


def _labelled(file: str, kind: str, labels: tuple[str, ...], body: Body) -> Iterator[Block]:
    if len(labels) == LABELS.get(kind, 0):
        yield Block(file, kind, labels, body)
        return
    for label, inner in body.items():
        if label != IS_BLOCK:
            yield from _labelled(file, kind, (*labels, unquoted(label)), inner)


def unquoted(text: str) -> str:
    """Take the quotes off."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def is_expression(value: Any) -> bool:
    """Say whether a value is computed, so that it can't be judged here."""
    return isinstance(value, str) and ("${" in value or value.startswith("<<"))


def nested(body: Body) -> Iterator[tuple[str, Body, bool]]:
    """Give the blocks in a block: name, body, and whether it is `dynamic`, of which there may be any number."""
    for name, value in body.items():
        if name == "dynamic":
            for one in value:
                for label, inner in one.items():
                    for content in inner["content"]:
                        yield unquoted(label), content, True
        elif is_blocks(value):
            for inner in value:
                yield name, inner, False


def is_blocks(value: Any) -> bool:
    """Say whether a value is made of blocks."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) and IS_BLOCK in one for one in value)


def references(value: Any) -> Iterator[tuple[str, ...]]:
    """Give what a value refers to, as paths; an index is the part `[]`: ("aws_subnet", "main", "[]", "id")."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.startswith("${"):
                yield from _in_template(key)
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
    elif isinstance(value, str):
        yield from _in_template(value)


def _in_template(text: str) -> Iterator[tuple[str, ...]]:
    at = 0
    while (found := re.compile(r"\$\$\{|%%\{|[$%]\{").search(text, at)) is not None:
        at = found.end()
        if found[0] in ("${", "%{"):
            end = _closing(text, at, "}")
            yield from _in_expression(text[at:end])
            at = end + 1


def _in_expression(text: str) -> Iterator[tuple[str, ...]]:
    at = 0
    while at < len(text):
        if text[at] == '"':
            end = _closing(text, at + 1, '"')
            yield from _in_template(text[at + 1 : end])
            at = end + 1
        elif found := NAME.match(text, at):
            path, inside, at = _traversal(text, found)
            yield path
            for inner in inside:
                yield from _in_expression(inner)
        else:
            at += 1


def _traversal(text: str, first: re.Match[str]) -> tuple[tuple[str, ...], list[str], int]:
    """Follow `.name` and `[index]`; give the path, what stands in the brackets, and where it ends."""
    path, inside, at = [first[0]], [], first.end()
    while at < len(text):
        if found := re.compile(r"\.(\*|[\w-]+)").match(text, at):
            path.append("[]" if found[1] == "*" or found[1].isdigit() else found[1])
            at = found.end()
        elif text[at] == "[":
            end = _closing(text, at + 1, "]")
            path.append("[]")
            inside.append(text[at + 1 : end])
            at = end + 1
        else:
            break
    return tuple(path), inside, at


def _closing(text: str, at: int, closing: str) -> int:
    """Find the end of what was opened before `at`: a string, a bracket or an interpolation."""
    while at < len(text):
        if text[at] == closing:
            return at
        if closing == '"':
            if text[at] == "\\":
                at += 1
            elif text.startswith(("${", "%{"), at) and text[at - 1] not in "$%":
                at = _closing(text, at + 2, "}")
        elif text[at] in '"{[(':
            at = _closing(text, at + 1, {'"': '"', "{": "}", "[": "]", "(": ")"}[text[at]])
        at += 1
    return at
