"""Values against the model: every mistake of a dictionary in candlefish's own words."""

from collections.abc import Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from candlefish.errors import closest
from candlefish.spec.locate import KeyPath
from candlefish.spec.model import Spec
from candlefish.spec.problem import Problem

_TYPES = {
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "model_type": "a table",
    "dict_type": "a table",
    "list_type": "a list",
    "int_from_float": "a whole number",
}

_BOUNDS = {
    "greater_than_equal": "is too small: at least {ge:g}",
    "less_than_equal": "is too large: at most {le:g}",
    "string_too_long": "is too long: at most {max_length} letters",
}

_REGION = 'is no AWS region: write one such as "us-east-1"'

_HOST = 'is no name of the DNS: write one such as "www.example.com", in lower case'
_CERTIFICATE = 'is no certificate: write one such as "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"'

_DEEP = (("postgres", "settings"), ("compare", "lines"))
"""Where the file's keys are three deep."""

_PATTERNS = {
    ("name",): "is no tier name: a lower-case letter, then letters, digits and single hyphens between them",
    ("aws", "region"): _REGION,
    ("aws", "backup_copy_region"): _REGION,
    ("aws", "vpc_id"): 'is no VPC: write one such as "vpc-0a1b2c3d"',
    (
        "application",
        "services",
    ): "is no name of a service: a letter, then letters, digits and hyphens, all lower-case, 20 at most",
    ("application", "health_path"): 'is no path: it begins with "/"',
    ("application", "domain"): _HOST,
    ("application", "certificate_arn"): _CERTIFICATE,
    ("cdn", "aliases"): _HOST,
    ("cdn", "certificate_arn"): _CERTIFICATE,
}


def find_mistakes(data: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Return what the model refuses, one Problem for each key."""
    try:
        Spec.model_validate(data)
    except ValidationError as error:
        found: dict[KeyPath, Problem] = {}
        for details in error.errors(include_url=False):
            problem = _problem(details)
            found.setdefault(problem.key, problem)
        return tuple(found.values())
    return ()


def _problem(error: ErrorDetails) -> Problem:
    key = _key_path(error)
    return Problem(key, _message(key, error))


def _key_path(error: ErrorDetails) -> KeyPath:
    """Drop what pydantic adds to a path (the member of a union, the place in a list) and the file's keys have not."""
    location = tuple(str(part) for part in error["loc"] if isinstance(part, str))
    deep = location[:2] in _DEEP
    return location[:3] if deep else location[:2]


def _message(key: KeyPath, error: ErrorDetails) -> str:
    kind, value, context = error["type"], error["input"], error.get("ctx", {})
    if key[:2] == ("postgres", "settings") and len(key) == 3:
        return f"{value!r} is no setting's value: write a text, a number, true or false"
    if kind == "missing":
        return "is not there, and has no default"
    if kind == "extra_forbidden":
        return f"unknown {'table' if isinstance(value, dict) else 'key'}{closest(key[-1], _siblings(key))}"
    if kind in _TYPES:
        return f"{value!r} is not {_TYPES[kind]}"
    if kind in _BOUNDS:
        return f"{value!r} {_BOUNDS[kind].format(**context)}"
    if kind == "literal_error":
        return f"{value!r} is not possible: one of {_choices(key)}" + closest(str(value), map(str, _literals(key)))
    if kind == "string_pattern_mismatch":
        return f"{value!r} {_PATTERNS[key]}"
    if kind == "value_error":
        return str(context["error"])
    return error["msg"]


def _siblings(key: KeyPath) -> tuple[str, ...]:
    return tuple(_section_of(key).model_fields)


def _section_of(key: KeyPath) -> type[BaseModel]:
    model: type[BaseModel] = Spec
    for part in key[:-1]:
        annotation = model.model_fields[part].annotation
        if get_origin(annotation) is list:
            annotation = get_args(annotation)[0]
        assert isinstance(annotation, type)
        assert issubclass(annotation, BaseModel)
        model = annotation
    return model


def _literals(key: KeyPath) -> tuple[object, ...]:
    field = _section_of(key).model_fields[key[-1]]
    return get_args(field.annotation)


def _choices(key: KeyPath) -> str:
    return ", ".join(f'"{choice}"' if isinstance(choice, str) else str(choice) for choice in _literals(key))
