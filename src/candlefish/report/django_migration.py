"""Advice as a Django migration."""

from collections.abc import Iterator, Sequence
from typing import Final

from candlefish.advise.advice import Recommendation
from candlefish.report.migration import HELPER, Operation, Statement, as_python, needs_helper, operations

NO_PARENT: Final = ("PUT_THE_APP_HERE", "PUT_ITS_LAST_MIGRATION_HERE")
"""Stands where the migration before was not named: Django then says that there is none, and builds nothing."""


def render_django(recommendations: Sequence[Recommendation], after: str = "") -> str:
    """Return the text of a migration; `after` is APP.MIGRATION before it, "" where that is to be filled in."""
    found = operations(recommendations)
    app, _, name = after.rpartition(".") if after else (NO_PARENT[0], ".", NO_PARENT[1])
    lines = [
        '"""Indexes that `candlefish advise` found worth it."""\n',
        "from django.db import migrations\n\n",
        *([HELPER + "\n"] if needs_helper(found) else []),
        "class Migration(migrations.Migration):",
        '    """Built without blocking who writes. The models know nothing of these indexes, and need not."""\n',
        "    atomic = False  # CREATE INDEX CONCURRENTLY refuses a transaction\n",
        f'    dependencies = [("{app}", "{name}")]\n',
        "    operations = [",
        *(line for one in found for line in _operation(one)),
        "    ]",
    ]
    return "\n".join(lines) + "\n"


def _operation(one: Operation) -> Iterator[str]:
    yield f"        # {one.comment}"
    yield "        migrations.RunSQL("
    yield from _statements("sql", one.forward)
    if one.back:
        yield from _statements("reverse_sql", one.back)
    else:
        yield "            reverse_sql=migrations.RunSQL.noop,"
    yield "        ),"


def _statements(name: str, statements: Sequence[Statement]) -> Iterator[str]:
    """Give a list of statements: Django sends each alone, and one that holds several as a transaction."""
    yield f"            {name}=["
    for one in statements:
        if one.removes:
            yield f"                remove_invalid({as_python(one.removes, 20)}),"
        text = as_python(one.text, 20)
        if "\n" in text:  # in brackets, so that nobody takes the lines for several statements
            yield f"                (\n                    {text}\n                ),"
        else:
            yield f"                {text},"
    yield "            ],"
