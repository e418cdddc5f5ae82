"""The options of `candlefish advise`."""

from pathlib import Path
from typing import Annotated, Final

import typer

from candlefish.advise.lab.copy import COPY_LIMIT_BYTES
from candlefish.units import render_bytes

COPY_LIMIT: Final = render_bytes(COPY_LIMIT_BYTES).replace(" ", "")

WorkloadOption = Annotated[
    Path | None,
    typer.Option("--workload", metavar="FILE", help="A file of SQL instead of pg_stat_statements.", show_default=False),
]
LogOption = Annotated[
    Path | None,
    typer.Option("--log", metavar="FILE", help="A PostgreSQL log: stderr, csvlog or jsonlog.", show_default=False),
]
LiveOption = Annotated[
    str, typer.Option("--live", metavar="TIME", help="Watch the sessions for so long.", show_default=False)
]
ReplicaOption = Annotated[
    list[str] | None,
    typer.Option("--replica", metavar="DSN", help="A replica, on which an index may be in use.", show_default=False),
]
LabOption = Annotated[
    str,
    typer.Option(
        "--lab",
        metavar="scratch|none|DSN",
        help="Where to build and measure: a server of its own with a copy, nowhere, or a copy of yours.",
    ),
]
BudgetOption = Annotated[
    str,
    typer.Option("--budget", metavar="SIZE", help="Storage for new indexes.", show_default="half the tables' size"),
]
CopyLimitOption = Annotated[
    str, typer.Option("--copy-limit", metavar="SIZE", help="Copy a database up to this size whole, else a sample.")
]
StatementsOption = Annotated[
    int, typer.Option("--statements", min=1, help="Look at so many statements, the heaviest first.")
]
SearchOption = Annotated[float, typer.Option("--search-seconds", min=0, help="How long to search for a better set.")]
ApplyOption = Annotated[bool, typer.Option("--apply", help="Build what is advised, concurrently, in a journal.")]
OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="ID", help="Apply or undo this one alone.", show_default=False),
]
WatchOption = Annotated[
    str,
    typer.Option(
        "--watch",
        metavar="TIME",
        help="After --apply, or alone later: take back what makes a statement slower.",
        show_default=False,
    ),
]
UndoOption = Annotated[bool, typer.Option("--undo", help="Take back what --apply built; nothing is advised.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the statements of --apply instead.")]
WaitOption = Annotated[
    str, typer.Option("--wait", metavar="TIME", help="How long to wait for transactions that are open.")
]
SqlOption = Annotated[
    Path | None, typer.Option("--sql", metavar="FILE", help="Write the statements to a file.", show_default=False)
]
AlembicOption = Annotated[
    Path | None,
    typer.Option("--alembic", metavar="FILE", help="Write them as an Alembic revision.", show_default=False),
]
DjangoOption = Annotated[
    Path | None,
    typer.Option("--django", metavar="FILE", help="Write them as a Django migration.", show_default=False),
]
AfterOption = Annotated[
    str,
    typer.Option(
        "--after", metavar="NAME", help="What it comes after: a revision, or APP.MIGRATION.", show_default=False
    ),
]
HypopgSizesOption = Annotated[
    bool, typer.Option("--hypopg-sizes", help="Count the budget in HypoPG's sizes, as other advisors do.", hidden=True)
]
