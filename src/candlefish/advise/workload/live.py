"""What the sessions run right now, looked at again and again for a while."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, LiteralString

from candlefish.advise.catalog.model import Catalog
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Skipped, Workload
from candlefish.advise.workload.log_calls import Call
from candlefish.advise.workload.pg_stat_statements import HIDDEN, MOST_STATEMENTS, UNSEEN
from candlefish.advise.workload.real_calls import make_workload
from candlefish.advise.workload.seen import gather
from candlefish.errors import UsageError

WATCH_S: Final = 30.0
"""How long sessions are watched: half a minute of a busy server shows what it does all the time."""

EVERY_S: Final = 0.1
"""Between two looks; one costs a millisecond of the server's time."""

_SESSIONS: Final[LiteralString] = """
SELECT pid, extract(epoch FROM query_start)::float8, query,
       extract(epoch FROM CASE WHEN state = 'active' THEN clock_timestamp() ELSE state_change END - query_start)::float8
       * 1000,
       octet_length(query) >= pg_size_bytes(current_setting('track_activity_query_size')) - 4, coalesce(usename, '')
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
  AND query <> '' AND query_start IS NOT NULL AND application_name <> 'candlefish advise'
  AND (state = 'active' OR query_start >= %s::timestamptz)
"""
"""Cut texts are known by their length: the server cuts between characters, of which one has up to four bytes."""

_HIDDEN: Final[LiteralString] = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND query = '<insufficient privilege>'
"""


def watch_sessions(
    connection: Connection,
    catalog: Catalog,
    *,
    watch_s: float = WATCH_S,
    every_s: float = EVERY_S,
    limit: int = MOST_STATEMENTS,
    on_progress: Callable[[float], None] = lambda _: None,
) -> Workload:
    """Return the statements that sessions of this database ran in `watch_s` seconds.

    `on_progress` is told the share of the time that has passed, 0 to 1. A call is seen when it runs while somebody
    looks, or is its session's last: of short ones in quick succession some are missed, so calls_per_hour is a lower
    bound. Raises UsageError where nothing ran.
    """
    calls, cut = _watch(connection, watch_s, every_s, on_progress)
    skipped = [Skipped(text, "track_activity_query_size cuts it off: raise it, or read a log") for text in sorted(cut)]
    hidden = connection.execute(_HIDDEN).fetchone()
    if hidden is not None and hidden[0]:
        skipped.append(UNSEEN)
    seen = gather(calls)
    if not seen and not skipped:
        raise UsageError(
            f"no session ran a statement in {watch_s:g} seconds",
            hint="watch while the application works, or name a file of SQL or a log",
        )
    workload = make_workload(
        connection, catalog, seen.values(), source="live sessions", hours=watch_s / 3600, limit=limit
    )
    return replace(workload, skipped=(*workload.skipped, *skipped))


def _watch(
    connection: Connection, watch_s: float, every_s: float, on_progress: Callable[[float], None]
) -> tuple[Iterable[Call], set[str]]:
    """Return the calls that were seen, each once, and the texts that were cut off."""
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    found: dict[tuple[int, float], Call] = {}
    cut: set[str] = set()
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < watch_s:
        on_progress(passed / watch_s)
        for key, call, is_cut in _look(connection, row[0]):
            if is_cut:
                cut.add(call.text)
            else:
                found[key] = call
        time.sleep(min(every_s, max(watch_s - (time.monotonic() - begun), 0.0)))
    on_progress(1.0)
    return found.values(), cut


def _look(connection: Connection, since: Any) -> Iterator[tuple[tuple[int, float], Call, bool]]:
    for pid, begun, text, ms, is_cut, role in connection.execute(_SESSIONS, (since,)).fetchall():
        if text != HIDDEN:
            yield (pid, begun), Call(text, (), max(ms, 0.0), role=role), is_cut
