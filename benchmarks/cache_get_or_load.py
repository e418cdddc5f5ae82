"""get_or_load of a typed value that hits: key, lookup and decoding, as an application pays for them.

python benchmarks/cache_get_or_load.py
python benchmarks/cache_get_or_load.py --sizes 1000,20000 --libraries redis-py,candlefish --json
"""

from typing import Any, Final

from peers.comparison import Comparison
from peers.entries import Entry
from peers.program import run_comparison

MOST_KEYS: Final = 20_000


def redis_py(setting: str, codec: str, **options: Any) -> Entry:
    """Return redis-py with a decoder; the fastest setting with `json.loads` is the baseline."""
    options = {"codec": codec, **options}
    return Entry("redis-py", f"{codec}, {setting}", "redis_py", options, baseline=codec == "json", form="json")


ENTRIES: Final = (
    redis_py("default pool", "json"),
    redis_py("default pool, no deadline", "json", deadline=False),
    redis_py("pool of 8, no deadline", "json", connections=8, deadline=False),
    redis_py("pool of 50, no deadline", "json", connections=50, deadline=False),
    redis_py("pool of 50, no deadline", "orjson", connections=50, deadline=False),
    redis_py("pool of 50, no deadline", "msgspec", connections=50, deadline=False),
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
