"""What applications import: `Database` and `Cache`, each usable alone."""

from candlefish.client.cache import Cache
from candlefish.client.database import Database
from candlefish.client.postgres.transaction import Transaction
from candlefish.client.stats import CacheStats, PoolStats

__all__ = ["Cache", "CacheStats", "Database", "PoolStats", "Transaction"]
