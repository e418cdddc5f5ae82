"""A `Recorder` at a `Cache`: lookups of a running application become advice."""

from pathlib import Path

from candlefish import Cache
from candlefish.advise.cache.load import Source, load_accesses
from candlefish.client.recording import Recorder
from candlefish.endpoints import Endpoints


async def test_every_kind_of_lookup_is_recorded_under_the_name_that_redis_has(
    endpoints: Endpoints, tmp_path: Path
) -> None:
    async def load() -> str:
        return "x" * 1_000

    path, prefix = tmp_path / "accesses", f"{tmp_path.name}:"
    with Recorder(path, sample_ratio=1, prefix=prefix) as recorder:
        async with Cache.from_env(endpoints.to_env(), prefix=prefix, on_lookup=recorder) as cache:
            await cache.get_or_load("one", load)
            await cache.get_or_load("one", load)
            await cache.get("two")
            await cache.get_many(["one", "two"])
            await cache.delete("one")
    found = load_accesses([path], Source())
    assert list(found.accesses.keys) == [0, 0, 1, 0, 1]
    assert found.hit_ratio == 2 / 5
    assert list(found.accesses.key_bytes) == [len(f"{prefix}one")] * 2
    assert 1_000 < found.accesses.value_bytes[0] < 1_100
    assert found.accesses.whole == 5
