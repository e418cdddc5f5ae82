"""Every figure that candlefish promises: the one place where alerts, checks and reports take them from."""

import operator
from dataclasses import dataclass
from typing import Literal

from candlefish.results import Verdict
from candlefish.units import render_ratio

Kind = Literal["improvement", "maximum", "minimum"]
Comparison = Literal["<", "<=", ">", ">="]

CEILING_TOLERANCE = 0.02
"""A hit ratio this close to what a perfect cache could reach on the same requests counts as met."""

_UNIT_TEXTS = {"count": "", "1/s": "/s", "1/min": "/min"}

_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Alert:
    """When somebody must be told: the value compares so with the threshold for this many seconds."""

    comparison: Comparison
    threshold: float
    for_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Objective:
    """One promised figure; `target` is None where only an alert is set.

    `kind` says what is compared with the target: the improvement (a ratio from 0 to 1), or the value after.
    """

    name: str
    unit: str
    promise: str
    kind: Kind = "maximum"
    comparison: Comparison = "<"
    target: float | None = None
    alert: Alert | None = None


def _less(name: str, ratio: float, promise: str) -> Objective:
    return Objective(name, "ms", promise, "improvement", ">=", ratio)


def _below(name: str, unit: str, limit: float, promise: str, alert: Alert | None = None) -> Objective:
    return Objective(name, unit, promise, "maximum", "<", limit, alert)


def _at_most(name: str, unit: str, limit: float, promise: str, alert: Alert | None = None) -> Objective:
    return Objective(name, unit, promise, "maximum", "<=", limit, alert)


def _at_least(name: str, unit: str, limit: float, promise: str, alert: Alert | None = None) -> Objective:
    return Objective(name, unit, promise, "minimum", ">=", limit, alert)


OBJECTIVES: tuple[Objective, ...] = (
    _less("query_avg", 0.78, "the average query takes 78 % less time"),
    _below("query_p95", "ms", 30, "95 % of queries take less than 30 ms", Alert(">", 30)),
    _less("read_avg", 0.93, "the average read takes 93 % less time"),
    _less("write_avg", 0.77, "the average write takes 77 % less time"),
    _less("connection_wait", 0.99, "a usable connection comes after 99 % less time"),
    _at_most("waiting_clients", "count", 0, "no client waits for a server connection", Alert(">", 0)),
    _at_most("server_connections", "count", 100, "a database has at most 100 server connections"),
    _below("connections_on_a_server", "count", 400, "a server has fewer than 400 connections", Alert(">", 400)),
    _at_least("cache_hit_ratio", "ratio", 0.90, "90 % of cached reads hit", Alert("<", 0.85, 300)),
    _below("invalidation_p99", "ms", 50, "99 % of committed changes are gone from the cache within 50 ms"),
    _below("cached_response_p95", "ms", 5, "95 % of cached responses take less than 5 ms"),
    _at_least("cache_ops_per_second", "1/s", 50_000, "the cache does 50,000 operations a second"),
    _below("cache_memory_ratio", "ratio", 0.85, "the cache uses less than 85 % of its memory", Alert(">=", 0.85)),
    _below("evictions_per_minute", "1/min", 100, "the cache evicts fewer than 100 keys a minute", Alert(">", 100)),
    _below("database_cpu", "ratio", 0.60, "the database uses less than 60 % of its CPU", Alert(">", 0.80, 300)),
    _below("replica_lag", "ms", 1000, "replicas are less than 1 s behind", Alert(">", 1000)),
    Objective("free_storage", "bytes", "there is room on the disk", alert=Alert("<", 10 * 1024**3)),
    _below("application_response", "ms", 200, "the application answers within 200 ms", Alert(">", 200)),
    _below("application_error_rate", "ratio", 0.001, "fewer than 0.1 % of requests fail", Alert(">", 0.001)),
    _below("query_p95_at_10x", "ms", 30, "at ten times the load 95 % of queries take less than 30 ms"),
    _at_most("errors_at_10x", "count", 0, "at ten times the load no operation fails"),
    _at_most("failover_lost_writes", "count", 0, "a failover loses no acknowledged write"),
    _at_most("migration_failed_queries", "count", 0, "a migration fails no query"),
    _at_most("migration_lost_rows", "count", 0, "a migration loses no row"),
)

_BY_NAME = {objective.name: objective for objective in OBJECTIVES}

REPLICA_LAG_LIMIT_S = (_BY_NAME["replica_lag"].target or 0) / 1000
"""Seconds; a replica further behind serves no reads."""


def find_objective(name: str) -> Objective:
    """Return an objective by its name; raise KeyError when there is none."""
    return _BY_NAME[name]


def improvement(objective: Objective, before: float | None, after: float | None) -> float | None:
    """Return how much less (or, for a minimum, more) there is after than before, as a part of the greater one.

    From 0 to 1; below 0 when it got worse. None where either is missing or the base is 0.
    """
    if before is None or after is None:
        return None
    base, change = (after, after - before) if objective.kind == "minimum" else (before, before - after)
    return change / base if base else None


def verdict(
    objective: Objective, before: float | None, after: float | None, *, ceiling: float | None = None, note: str = ""
) -> Verdict:
    """Hold an objective against what was measured; what was not measured is not met.

    `ceiling` is the best value that was possible in the run: within 2 points of it a minimum counts as met.
    """
    gain = improvement(objective, before, after)
    measured = gain if objective.kind == "improvement" else after
    target = target_text(objective)
    if measured is None or objective.target is None:
        return Verdict(objective.name, objective.unit, before, after, gain, target, False, note or "not measured")
    met = _HOLDS[objective.comparison](measured, objective.target)
    if not met and objective.kind == "minimum" and ceiling is not None and measured >= ceiling - CEILING_TOLERANCE:
        met, note = True, note or f"within 2 points of the ceiling of {render_ratio(ceiling)}"
    return Verdict(objective.name, objective.unit, before, after, gain, target, met, note)


def target_text(objective: Objective) -> str:
    """Return a target as a report prints it, such as "< 30 ms" or "78 % less"."""
    if objective.target is None:
        return ""
    if objective.kind == "improvement":
        return f"{render_ratio(objective.target)} less"
    if objective.unit == "ratio":
        return f"{objective.comparison} {render_ratio(objective.target)}"
    unit = _UNIT_TEXTS.get(objective.unit, f" {objective.unit}")
    return f"{objective.comparison} {objective.target:,.0f}{unit}"
