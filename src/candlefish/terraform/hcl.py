"""Python values as HCL, laid out as `terraform fmt` lays it out. Pure text."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeGuard

from candlefish.terraform.value import Hcl, Reasoned, Value

WIDTH = 120
"""Columns within which a reason stands beside its value, before it is aligned with others; a longer one stands above.
A list that does not fit takes several lines."""

INDENT = "  "

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_WORDS = frozenset({"for", "if", "in", "true", "false", "null"})
"""Names that would begin something else where a key is expected."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLAIN_END = 0x250
"""Characters below (Latin) stand as they are; of those above some join, and `terraform fmt` counts what is seen."""

_TEMPLATE = re.compile(r"[$%](?=\{)")
"""What would begin a template. HCL also knows `$${` for it, but not after another dollar."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One line, cut where `terraform fmt` aligns it: before the equals sign and before the comment."""

    lead: str
    assign: str = ""
    comment: str = ""


def render_entries(values: Iterable[Value]) -> str:
    """Return assignments as a file of variables has them, each with its reason beside or above it."""
    lines = _spaced(_entry(value.name, value.value, value.reason, "") for value in values)
    return "".join(f"{line}\n" for line in _align(list(lines)))


def render_value(value: Hcl) -> str:
    """Return one value; what needs several lines has them."""
    return "\n".join(_align(list(_entry("x", value, "", "")))).removeprefix("x = ")


def quote(text: str) -> str:
    """Return a text as an HCL string, in which nothing is a template."""
    escaped = "".join(map(_escape, text))
    return '"' + _TEMPLATE.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


def _escape(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if character == " " or (code < _PLAIN_END and unicodedata.category(character)[0] not in "CZ"):
        return character
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _spaced(entries: Iterable[Iterable[_Line]]) -> Iterator[_Line]:
    """Give the lines of several entries, with an empty line around each that has more than one."""
    alone = None
    for entry in map(list, entries):
        if alone is not None and not (alone and len(entry) == 1):
            yield _Line("")
        yield from entry
        alone = len(entry) == 1


def _entry(name: str, value: Hcl | Reasoned, reason: str, indent: str) -> Iterator[_Line]:
    """Give the lines of one assignment."""
    plain = value.value if isinstance(value, Reasoned) else value
    lead, comment = indent + _key(name), _comment(value.reason if isinstance(value, Reasoned) else reason)
    short = _on_one_line(plain)
    beside = short is not None and (not _is_list(plain) or len(f"{lead} = {short}") <= WIDTH)
    if beside and len(f"{lead} = {short} {comment}") <= WIDTH:
        yield _Line(lead, f"= {short}", comment)
        return
    if comment:
        yield _Line(indent + comment)
    if beside:
        yield _Line(lead, f"= {short}")
    else:
        yield from _lines(plain, f"{lead} = ", "", indent)


def _lines(value: Hcl, before: str, after: str, indent: str) -> Iterator[_Line]:
    """Give the lines of a value, with what stands before its first and after its last."""
    short, inner = _on_one_line(value), indent + INDENT
    if isinstance(value, Mapping) and value:
        yield _Line(f"{before}{{")
        yield from _spaced(_entry(name, entry, "", inner) for name, entry in value.items())
        yield _Line(f"{indent}}}{after}")
    elif _is_list(value) and (short is None or len(f"{before}{short}{after}") > WIDTH):
        yield _Line(f"{before}[")
        for item in value:
            yield from _lines(item, inner, ",", inner)
        yield _Line(f"{indent}]{after}")
    else:
        yield _Line(f"{before}{short}{after}")


def _is_list(value: object) -> TypeGuard[Sequence[Hcl]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _on_one_line(value: Hcl) -> str | None:
    """Return a value that has no map in it; None for any other."""
    if isinstance(value, Mapping):
        return None if value else "{}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int | float):
        return _number(value)
    items = [_on_one_line(item) for item in value]
    return None if None in items else f"[{', '.join(item for item in items if item)}]"


def _number(value: float) -> str:
    if not math.isfinite(value):
        raise ValueError(f"{value} is no number that HCL has")
    return str(int(value)) if isinstance(value, int) or value.is_integer() else f"{Decimal(repr(value)):f}"


def _key(name: str) -> str:
    return name if _NAME.fullmatch(name) and name not in _WORDS else quote(name)


def _comment(reason: str) -> str:
    """Return a reason as a comment, which never breaks its line."""
    text = " ".join("".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in reason).split())
    return f"# {text}" if text else ""


def _align(lines: list[_Line]) -> list[str]:
    """Set equals signs, then comments, under each other, in groups of lines that follow each other."""
    leads = [f"{line.lead} " if line.assign else line.lead for line in lines]
    columns = _columns(leads, [bool(line.assign) for line in lines])
    texts = [f"{lead:{width}}{line.assign}" for line, lead, width in zip(lines, leads, columns, strict=True)]
    commented = [f"{text} " if line.comment else text for line, text in zip(lines, texts, strict=True)]
    columns = _columns(commented, [bool(line.comment) for line in lines])
    return [f"{text:{width}}{line.comment}" for line, text, width in zip(lines, commented, columns, strict=True)]


def _columns(texts: list[str], joined: list[bool]) -> list[int]:
    """Return for each text the width of the longest in its group; a text that is in none has its own."""
    widths = [len(text) for text in texts]
    start = 0
    for end in range(len(texts) + 1):
        if end == len(texts) or not joined[end]:
            widths[start:end] = [max(widths[start:end], default=0)] * (end - start)
            start = end + 1
    return widths
