"""A PostgreSQL log as a workload: what was really called, with the values it was called with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Workload
from candlefish.advise.workload.log_calls import read_calls
from candlefish.advise.workload.log_entries import Entry, read_entries
from candlefish.advise.workload.pg_stat_statements import LEAST_HOURS, MOST_STATEMENTS
from candlefish.advise.workload.real_calls import make_workload
from candlefish.advise.workload.seen import gather
from candlefish.errors import UsageError

OWN_NAME: Final = "candlefish advise"
"""application_name of the advisor's own connections."""


@dataclass(slots=True)
class Span:
    """The time from the first entry to the last, in seconds."""

    first: float | None = None
    last: float | None = None

    @property
    def hours(self) -> float:
        """Return the span in hours, one where the log has no times."""
        if self.first is None or self.last is None:
            return 1.0
        return max((self.last - self.first) / 3600, LEAST_HOURS)

    def take(self, at: float | None) -> None:
        """Stretch it to a time."""
        if at is not None:
            self.first = at if self.first is None else min(self.first, at)
            self.last = at if self.last is None else max(self.last, at)


def load_log(connection: Connection, catalog: Catalog, path: Path, *, limit: int = MOST_STATEMENTS) -> Workload:
    """Return the statements of this database in a log, by total time; raise UsageError where it holds none.

    Statements are told by log_min_duration_statement, log_statement and auto_explain; the format is found out. What
    the log's thresholds kept out is not known, so calls_per_hour is that of the calls that were logged.
    """
    span = Span()
    seen = gather(read_calls(_of_database(read_entries(path), catalog.database, span)))
    if not seen:
        raise UsageError(
            f"the log {path} holds no statement of the database {catalog.database}",
            detail="no entry says `duration: ... statement:`, `execute ...:` or `plan:`, or lc_messages is not English",
            hint="set log_min_duration_statement = 0 for a while, or auto_explain.log_min_duration",
        )
    return make_workload(connection, catalog, seen.values(), source=str(path), hours=span.hours, limit=limit)


def _of_database(entries: Iterable[Entry], database: str, span: Span) -> Iterator[Entry]:
    """Give the entries of one database, and those that do not tell theirs."""
    for entry in entries:
        span.take(entry.at)
        if entry.database in ("", database) and entry.application != OWN_NAME:
            yield entry
