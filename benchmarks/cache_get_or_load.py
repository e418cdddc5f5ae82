"""get_or_load of a typed value that hits: key, lookup and decoding, as an application pays for them.

python benchmarks/cache_get_or_load.py
python benchmarks/cache_get_or_load.py --sizes 1000,20000 --libraries redis-py,candlefish --json
"""

from typing import Final

from peers.comparison import Comparison
from peers.entries import Entry
from peers.program import run_comparison

MOST_KEYS: Final = 20_000

ENTRIES: Final = (
    Entry("redis-py", "json, default pool", "redis_py", {"codec": "json"}, baseline=True, form="json"),
    Entry("redis-py", "json, pool of 8", "redis_py", {"codec": "json", "connections": 8}, baseline=True, form="json"),
    Entry("redis-py", "json, pool of 50", "redis_py", {"codec": "json", "connections": 50}, baseline=True, form="json"),
    Entry("redis-py", "orjson, pool of 50", "redis_py", {"codec": "orjson", "connections": 50}, form="json"),
    Entry("redis-py", "msgspec, pool of 50", "redis_py", {"codec": "msgspec", "connections": 50}, form="json"),
    Entry("cashews", "json, pool of 16", "cashews", {"codec": "json", "connections": 16}, form="json of cashews"),
    Entry("cashews", "json, pool of 50", "cashews", {"codec": "json", "connections": 50}, form="json of cashews"),
    Entry("cashews", "pickle, pool of 50", "cashews", {"codec": "pickle", "connections": 50}),
    Entry("aiocache", "json, pool of 16", "aiocache", {"codec": "json", "connections": 16}, form="json"),
    Entry("aiocache", "json, pool of 50", "aiocache", {"codec": "json", "connections": 50}, form="json"),
    Entry("dogpile.cache", "pickle, pool of 50", "dogpile", {"codec": "pickle", "connections": 50}, threads=True),
    Entry("dogpile.cache", "orjson, pool of 50", "dogpile", {"codec": "orjson", "connections": 50}, threads=True),
    Entry("candlefish", "msgpack", "candlefish", form="candlefish"),
    Entry("candlefish", "msgpack, decorator", "candlefish", {"decorated": True}, form="candlefish"),
)

if __name__ == "__main__":
    run_comparison(Comparison(ENTRIES, "fill_get_or_load", "measure_get_or_load", MOST_KEYS), __doc__)
