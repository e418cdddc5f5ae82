"""What applications import: `Database` and `Cache`, each usable alone."""

from candlefish.client.cache import Cache
from candlefish.client.database import Database
from candlefish.client.stats import CacheStats, PoolStats
from candlefish.client.transaction import Transaction

__all__ = ["Cache", "CacheStats", "Database", "PoolStats", "Transaction"]
