"""Policies of IAM as statements: out of their JSON where it is known, else out of the documents they are made of."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from candlefish.terraform.rules.planned import Planned, Resource
from candlefish.terraform.rules.written import constant, references

DOCUMENT = "data.aws_iam_policy_document."


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; what is not known before the apply stands as "?"."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: tuple[str, ...]
    conditional: bool


def statements(planned: Planned, resource: Resource, argument: str) -> Iterator[Statement]:
    """Give the statements of a policy."""
    text = resource.get(argument)
    if isinstance(text, str):
        yield from _of_json(text)
    else:
        for address in resource.refers_to(argument):
            if address in planned.documents:
                yield from _of_document(planned, address)


def _of_json(text: str) -> Iterator[Statement]:
    try:
        found = json.loads(text).get("Statement", [])
    except (ValueError, AttributeError):
        return
    for one in found if isinstance(found, list) else [found]:
        principal = one.get("Principal", {})
        yield Statement(
            str(one.get("Sid", "")),
            one.get("Effect") == "Allow",
            _texts(one.get("Action", "*" if "NotAction" in one else None)),
            _texts(one.get("Resource", "*" if "NotResource" in one else None)),
            _texts(
                [name for names in principal.values() for name in _texts(names)] if _is_map(principal) else principal
            ),
            bool(one.get("Condition")),
        )


def _of_document(planned: Planned, address: str) -> Iterator[Statement]:
    written = planned.documents[address]
    for source in references(written.get("source_policy_documents")):
        if source in planned.documents:
            yield from _of_document(planned, source)
    for one in written.get("statement") or ():
        identifiers = [name for block in one.get("principals") or () for name in _constants(block.get("identifiers"))]
        yield Statement(
            str(constant(one.get("sid")) or ""),
            (constant(one.get("effect")) or "Allow") == "Allow",
            _constants(one.get("actions")) or ("*",) * ("not_actions" in one),
            _constants(one.get("resources")) or ("*",) * ("not_resources" in one),
            tuple(identifiers),
            bool(one.get("condition")),
        )


def _constants(expression: Any) -> tuple[str, ...]:
    if expression is None:
        return ()
    found = constant(expression)
    return _texts(found) if found is not None else ("?",)


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)
