"""Recommendations as the operations of a schema migration: what goes forward, what goes back, and both can be repeated.

A concurrent build is no transaction: a migration that fails halfway is run again from its start. So what is there
already is left alone, and what a failed build left invalid goes first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from candlefish.advise.advice import Recommendation

LINE_CHARACTERS: Final = 96
"""Of a statement on one line of a migration, so that with indent and quotes it stays below ruff's and black's usual
limits for a string that can be broken."""

_MAKES: Final = re.compile(r"^(CREATE (?:UNIQUE )?INDEX (?:CONCURRENTLY )?)(?!IF NOT EXISTS)(?!CONCURRENTLY)")
_DROPS: Final = re.compile(r"^(DROP INDEX (?:CONCURRENTLY )?)(?!IF EXISTS)(?!CONCURRENTLY)")


HELPER: Final = '''def remove_invalid(index: str) -> str:
    """Return what drops an index that an attempt before left invalid: every write pays for it, and nobody reads it."""
    name = index.replace("'", "''")
    is_invalid = f"SELECT FROM pg_index WHERE indexrelid = to_regclass('{name}') AND NOT indisvalid"
    return f"DO $cf$ BEGIN IF EXISTS ({is_invalid}) THEN DROP INDEX {index}; END IF; END $cf$"
'''
"""What stands in a migration that builds an index."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `removes` is the index, in quotes, of which an invalid one has to go before ("" for none)."""

    text: str
    removes: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One recommendation: why, the statements that carry it out, those that take it back (none where none can)."""

    comment: str
    forward: tuple[Statement, ...]
    back: tuple[Statement, ...]


def needs_helper(found: Sequence[Operation]) -> bool:
    """Tell whether HELPER has to stand in the migration."""
    return any(one.removes for operation in found for one in (*operation.forward, *operation.back))


def operations(recommendations: Sequence[Recommendation]) -> tuple[Operation, ...]:
    """Return one operation for each recommendation, in their order."""
    return tuple(_operation(one) for one in recommendations)


def in_one_line(text: str) -> str:
    """Return a text that may stand in a comment."""
    return " ".join(text.split())


def as_python(text: str, indent: int) -> str:
    """Return a text as a Python literal, on several lines where it is long."""
    pieces = _pieces(text)
    between = "\n" + " " * indent
    return between.join(map(_literal, pieces))


def _operation(one: Recommendation) -> Operation:
    first = one.steps[0].index if one.steps else ("", "")
    forward = tuple(_repeatable(step.statement, step.index) for step in one.steps)
    return Operation(
        in_one_line(f"{one.id}: {one.reason}"), forward, (_repeatable(one.undo, first),) if one.undo else ()
    )


def _repeatable(statement: str, index: tuple[str, str]) -> Statement:
    """Return a statement as one that may be run again."""
    makes = _MAKES.match(statement)
    is_build = makes is not None and "CONCURRENTLY" in makes[1] and index[1]
    text = _DROPS.sub(r"\1IF EXISTS ", _MAKES.sub(r"\1IF NOT EXISTS ", statement))
    return Statement(text, ".".join(map(_quoted, index)) if is_build else "")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _pieces(text: str) -> list[str]:
    pieces, rest = [], text
    while len(rest) > LINE_CHARACTERS:
        at = rest.rfind(" ", 1, LINE_CHARACTERS) + 1 or LINE_CHARACTERS
        pieces.append(rest[:at])
        rest = rest[at:]
    return [*pieces, rest]


def _literal(text: str) -> str:
    """Return a Python literal in double quotes where that needs no escape, as formatters would have it."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if '"' not in text and "'" not in text else plain
