"""The data tier of a PostgreSQL application that has to grow: pooled, replicated, cached, measured."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from candlefish.client.aside.policy import Policy
    from candlefish.client.cache import Cache
    from candlefish.client.database import Database
    from candlefish.client.postgres.transaction import Transaction
    from candlefish.client.stats import CacheStats, PoolStats, ReplicaStats
    from candlefish.errors import (
        AcquireTimeout,
        CacheError,
        CacheUnavailable,
        CandlefishError,
        DatabaseError,
        LoadTimeout,
        RowMismatch,
        StatementFailed,
        StatementTimeout,
        TooManyWaiting,
        Unavailable,
        UsageError,
        WriteUnknown,
    )

__all__ = [
    "AcquireTimeout",
    "Cache",
    "CacheError",
    "CacheStats",
    "CacheUnavailable",
    "CandlefishError",
    "Database",
    "DatabaseError",
    "LoadTimeout",
    "Policy",
    "PoolStats",
    "ReplicaStats",
    "RowMismatch",
    "StatementFailed",
    "StatementTimeout",
    "TooManyWaiting",
    "Transaction",
    "Unavailable",
    "UsageError",
    "WriteUnknown",
    "__version__",
]

__version__ = "0.1.0"

_CLIENT = frozenset({"Cache", "CacheStats", "Database", "Policy", "PoolStats", "ReplicaStats", "Transaction"})


def __getattr__(name: str) -> Any:
    """Import what is public when it is first used: a command such as `candlefish status` needs no driver."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("candlefish.client" if name in _CLIENT else "candlefish.errors"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
