"""`Template`: the key of a call, written from its arguments and checked against the function's signature."""

from collections.abc import Callable, Iterator, Mapping
from inspect import Parameter, Signature
from operator import attrgetter
from string import Formatter
from typing import Any, Final, NamedTuple

from candlefish.client.aside.quoting import SEPARATORS, quote
from candlefish.errors import UsageError


class Field(NamedTuple):
    """One `{name}` or `{name.attribute}` of a template, and the text that stands before it."""

    before: str
    name: str
    read: Callable[[Any], Any] | None


def parse_template(template: str) -> tuple[tuple[Field, ...], str]:
    """Take a template apart, into its fields and the text after the last; raise UsageError when it is none."""
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise UsageError(f"the key template {template!r} cannot be read: {error}") from error
    fields: list[Field] = []
    before = ""
    for text, name, spec, conversion in parts:
        before += text
        if name is None:
            continue
        if spec or conversion:
            raise UsageError(f"the key template {template!r} formats {name!r}", hint="write {name} alone")
        if fields and not SEPARATORS & set(before):
            raise UsageError(
                f"in the key template {template!r} two values run into one another before {name!r}",
                hint="put a : between them",
            )
        root, _, attributes = name.partition(".")
        fields.append(Field(before, root, attrgetter(attributes) if attributes else None))
        before = ""
    return tuple(fields), before


def make_writer(template: str) -> Callable[[Any], str]:
    """Return the function that writes the key of one value, for a template with one field, as "user:{}"."""
    fields, after = parse_template(template)
    if len(fields) != 1:
        raise UsageError(f"the key template {template!r} needs one field, as in 'user:{{}}'")
    before, _, read = fields[0]
    return lambda value: f"{before}{quote(value if read is None else read(value))}{after}"


class Template:
    """Write keys for the calls of one function.

    Every parameter has to stand in the template or in `ignoring`: else two different calls would have one key.
    """

    def __init__(self, template: str, signature: Signature, ignoring: tuple[str, ...] = ()) -> None:
        fields, self._after = parse_template(template)
        self._places = places = dict(_place(signature))
        _check(template, fields, signature, frozenset(ignoring))
        self._fields = [(*field, places[field.name]) for field in fields]
        self._most = sum(place < _BY_NAME for place in places.values())
        self._signature = signature
        self._defaults = {p.name: p.default for p in signature.parameters.values() if p.default is not Parameter.empty}

    def write(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
        """Return the key of a call; raise TypeError when an argument of the key is missing, or one is too many."""
        key = ""
        given = len(args)
        if given > self._most or (kwargs and any(self._places.get(name, -1) < given for name in kwargs)):
            self._signature.bind(*args, **kwargs)
        for before, name, read, place in self._fields:
            value = args[place] if place < given else self._find(name, kwargs)
            key += before + quote(value if read is None else read(value))
        return key + self._after

    def _find(self, name: str, kwargs: Mapping[str, Any]) -> Any:
        if name in kwargs:
            return kwargs[name]
        if name in self._defaults:
            return self._defaults[name]
        raise TypeError(f"the key needs the argument {name!r}")


def make_part(template: str, signature: Signature) -> Template:
    """Return the template of a text that some of the parameters make, or none."""
    fields, _ = parse_template(template)
    rest = signature.parameters.keys() - {field.name for field in fields}
    return Template(template, signature, tuple(rest))


_BY_NAME: Final = 1_000_000
"""The place of a parameter that is given by name alone: after all that can be given by place."""


def _place(signature: Signature) -> Iterator[tuple[str, int]]:
    for place, parameter in enumerate(signature.parameters.values()):
        if parameter.kind in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD):
            raise UsageError(f"a cached function cannot take *{parameter.name}: its key would not tell the calls apart")
        yield parameter.name, _BY_NAME if parameter.kind is Parameter.KEYWORD_ONLY else place


def _check(template: str, fields: tuple[Field, ...], signature: Signature, ignoring: frozenset[str]) -> None:
    written, taken = {field.name for field in fields}, set(signature.parameters)
    if unknown := sorted((written | ignoring) - taken):
        raise UsageError(
            f"the key template {template!r} names {', '.join(map(repr, unknown))}, which the function does not take",
            detail=f"it takes {', '.join(taken) or 'nothing'}",
        )
    if missing := sorted(taken - written - ignoring):
        raise UsageError(
            f"the key template {template!r} leaves out {', '.join(missing)}: two different calls would have one key",
            hint=f"write {{{missing[0]}}} into it, or ignoring=({missing[0]!r},) where the value does not depend on it",
        )
