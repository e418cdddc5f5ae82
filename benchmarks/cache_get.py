"""Gets that hit: candlefish and the other caching clients of Python.

python benchmarks/cache_get.py
python benchmarks/cache_get.py --tasks 50,1000 --libraries redis-py,candlefish --json
"""

from typing import Any, Final

from peers.comparison import Comparison
from peers.entries import Entry
from peers.program import run_comparison

MOST_KEYS: Final = 100_000


def redis_py(setting: str, **options: Any) -> Entry:
    """Return redis-py in one of the settings of which the fastest is the baseline."""
    return Entry("redis-py", setting, "redis_py", options, baseline=True, form="plain")


ENTRIES: Final = (
    redis_py("default pool"),
    redis_py("default pool, no deadline", deadline=False),
    redis_py("pool of 8, no deadline", connections=8, deadline=False),
    redis_py("pool of 50, no deadline", connections=50, deadline=False),
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
