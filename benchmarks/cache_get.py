"""Gets that hit: candlefish and the other caching clients of Python.

python benchmarks/cache_get.py
python benchmarks/cache_get.py --tasks 50,1000 --libraries redis-py,candlefish --json
"""

from typing import Final

from peers.comparison import Comparison
from peers.entries import Entry
from peers.program import run_comparison

MOST_KEYS: Final = 100_000

ENTRIES: Final = (
    Entry("redis-py", "default pool", "redis_py", baseline=True, form="plain"),
    Entry("redis-py", "pool of 8", "redis_py", {"connections": 8}, baseline=True, form="plain"),
    Entry("redis-py", "pool of 50", "redis_py", {"connections": 50}, baseline=True, form="plain"),
    Entry("coredis", "default pool", "coredis", form="plain"),
    Entry("valkey-glide", "", "glide", form="plain"),
    Entry("cashews", "pool of 16", "cashews", {"connections": 16}, form="cashews"),
    Entry("cashews", "pool of 50", "cashews", {"connections": 50}, form="cashews"),
    Entry("aiocache", "pool of 16", "aiocache", {"connections": 16}, form="plain"),
    Entry("aiocache", "pool of 50", "aiocache", {"connections": 50}, form="plain"),
    Entry("dogpile.cache", "pool of 50", "dogpile", {"connections": 50}, threads=True),
    Entry("candlefish", "", "candlefish"),
)

if __name__ == "__main__":
    run_comparison(Comparison(ENTRIES, "fill_get", "measure_get", MOST_KEYS), __doc__)
