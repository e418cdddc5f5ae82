"""The keys of the reference application's rows, as its generator computes them, and how many there are."""

import hashlib
from uuid import UUID

ROWS_AT_SCALE_1 = {
    "organizations": 200,
    "users": 50_000,
    "dashboards": 60_000,
    "widgets": 300_000,
    "dashboard_shares": 80_000,
    "data_sources": 5_000,
    "services": 5_000,
    "health_metrics": 600_000,
    "metrics": 1_000_000,
    "activity_logs": 700_000,
    "agents": 2_000,
    "agent_decisions": 200_000,
    "maintenance_log": 10_000,
}
"""Rows asked for; of dashboard_shares some 2 % fewer are kept, as a dashboard is shared once with each user."""

SMALLEST_TABLE = 40
"""Rows that every table has at least, so that a tiny scale still has somebody to share with."""


def rows(table: str, scale: float) -> int:
    """Return how many rows the generator makes for a table at a scale."""
    return max(SMALLEST_TABLE, round(ROWS_AT_SCALE_1[table] * scale))


def key(table: str, number: int) -> UUID:
    """Return the primary key of row `number` (from 1) of a table."""
    return UUID(bytes=hashlib.md5(f"{table}:{number}".encode(), usedforsecurity=False).digest())


def email(number: int) -> str:
    """Return the address that user `number` logs in with."""
    return f"user{number}@candlefish.example"
