"""The pooler's figures as CloudWatch takes them from a log: one line of JSON in the embedded metric format.

CloudWatch Logs makes metrics of such a line by itself, without an agent and without a header (CloudWatch User Guide,
"Specification: Embedded metric format" and "Using the PutLogEvents API to send ... embedded metric format logs").
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from candlefish.pooler.console import CONSOLE, ask_console
from candlefish.pooler.userlist import Access

NAMESPACE = "candlefish/pgbouncer"

_UNITS = {
    "WaitingClients": "Count",
    "ClientConnections": "Count",
    "ServerConnections": "Count",
    "QueryTime": "Milliseconds",
    "WaitTime": "Milliseconds",
}

_CLIENTS = ("cl_active", "cl_waiting")
_SERVERS = ("sv_active", "sv_active_cancel", "sv_being_canceled", "sv_idle", "sv_used", "sv_tested", "sv_login")

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Sample:
    """What the console said at one moment; the last four count from the pooler's start, times in microseconds."""

    waiting: int
    clients: int
    servers: int
    queries: int
    query_us: int
    assignments: int
    wait_us: int


def fetch_sample(access: Access) -> Sample:
    """Ask the console; raise EngineError."""
    return make_sample(ask_console(access, "show pools"), ask_console(access, "show stats_totals"))


def make_sample(pools: Rows, totals: Rows) -> Sample:
    """Return the figures of every database but the console itself; servers are those of the fullest database."""
    pools = [row for row in pools if row["database"] != CONSOLE]
    totals = [row for row in totals if row["database"] != CONSOLE]
    servers: dict[str, int] = {}
    for row in pools:
        servers[row["database"]] = servers.get(row["database"], 0) + _sum([row], _SERVERS)
    return Sample(
        waiting=_sum(pools, ("cl_waiting",)),
        clients=_sum(pools, _CLIENTS),
        servers=max(servers.values(), default=0),
        queries=_sum(totals, ("query_count",)),
        query_us=_sum(totals, ("query_time",)),
        assignments=_sum(totals, ("server_assignment_count",)),
        wait_us=_sum(totals, ("wait_time",)),
    )


def render_metrics(now: Sample, before: Sample | None, *, tier: str, time_ms: int) -> str:
    """Return the line; an average of nothing is left out, because no query is not a query of 0 ms."""
    values: dict[str, float] = {
        "WaitingClients": now.waiting,
        "ClientConnections": now.clients,
        "ServerConnections": now.servers,
    }
    if before is not None and now.queries > before.queries:
        values["QueryTime"] = (now.query_us - before.query_us) / (now.queries - before.queries) / 1000
    if before is not None and now.assignments > before.assignments:
        values["WaitTime"] = (now.wait_us - before.wait_us) / (now.assignments - before.assignments) / 1000
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [["Tier"]],
        "Metrics": [{"Name": name, "Unit": _UNITS[name]} for name in values],
    }
    return json.dumps({"_aws": {"Timestamp": time_ms, "CloudWatchMetrics": [directive]}, "Tier": tier, **values})


def _sum(rows: Rows, columns: Sequence[str]) -> int:
    return sum(int(row.get(column, 0)) for row in rows for column in columns)
