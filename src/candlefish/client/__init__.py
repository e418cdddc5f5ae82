"""What applications import: `Database` and `Cache`, each usable alone."""

from candlefish.client.aside.policy import Policy
from candlefish.client.cache import Cache
from candlefish.client.database import Database
from candlefish.client.postgres.transaction import Transaction
from candlefish.client.stats import CacheStats, PoolStats, ReplicaStats

__all__ = ["Cache", "CacheStats", "Database", "Policy", "PoolStats", "ReplicaStats", "Transaction"]
