"""Advice as an Alembic revision."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from candlefish.advise.advice import Recommendation
from candlefish.report.migration import HELPER, Operation, Statement, as_python, needs_helper, operations

NO_PARENT: Final = "PUT THE PRESENT HEAD HERE"
"""Stands where the revision before was not named: Alembic then says that it can't locate it, and builds nothing."""

BASE: Final = "base"
"""Alembic's own word for having no revision before."""

ID_BYTES: Final = 6
"""Of a revision's id: twelve hexadecimal digits, as Alembic draws them."""

_BIND: Final = re.compile(r"(?<![:\w\\]):(?=\w+(?![:\w]))|\\(?=:\w*(?![:\w]))")
"""What sqlalchemy.text, through which op.execute sends a string, takes for a parameter or for an escaped colon."""


def render_alembic(recommendations: Sequence[Recommendation], after: str = "") -> str:
    """Return the text of a revision; `after` is the revision before it, "" where that is to be filled in."""
    found = operations(recommendations)
    parent = None if after == BASE else after or NO_PARENT
    own = hashlib.blake2b(repr((found, after)).encode(), digest_size=ID_BYTES).hexdigest()
    lines = [
        f'"""Indexes that `candlefish advise` found worth it.\n\nRevision ID: {own}\nRevises: {parent or ""}\n"""',
        "\nfrom alembic import op\n",
        f'revision = "{own}"',
        f'down_revision = "{parent}"' if parent is not None else "down_revision = None",
        "branch_labels = None",
        "depends_on = None\n\n",
        *([HELPER + "\n"] if needs_helper(found) else []),
        *_function("upgrade", "Build what is advised, without blocking who writes.", list(_forward(found))),
        "\n",
        *_function("downgrade", "Take all of it back, the last first.", list(_back(found))),
    ]
    return "\n".join(lines) + "\n"


def _function(name: str, summary: str, body: list[str]) -> list[str]:
    """Return a function whose statements run outside of a transaction, which CONCURRENTLY refuses."""
    lines = [f"def {name}() -> None:", f'    """{summary}"""']
    return [*lines, "    with op.get_context().autocommit_block():", *body] if body else lines


def _forward(found: Sequence[Operation]) -> Iterator[str]:
    for one in found:
        yield f"        # {one.comment}"
        for statement in one.forward:
            yield from _execute(statement)


def _back(found: Sequence[Operation]) -> Iterator[str]:
    for one in reversed(found):
        for statement in one.back:
            yield from _execute(statement)


def _execute(one: Statement) -> Iterator[str]:
    if one.removes:
        yield f"        op.execute(remove_invalid({_text(one.removes)}))"
    text = _text(one.text)
    yield f"        op.execute(\n            {text}\n        )" if "\n" in text else f"        op.execute({text})"


def _text(text: str) -> str:
    return as_python(_BIND.sub(r"\\\g<0>", text), 12)
