"""What a `Policy` asks for, one by one."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.live.client.aside.loader import Loader, soon

from candlefish import Cache
from candlefish.client.aside.policy import Policy
from candlefish.errors import LoadTimeout, UsageError

if TYPE_CHECKING:
    from tests.live.client.aside.conftest import OpenCache
    from tests.live.client.conftest import Eventually
    from tests.live.client.redis.conftest import Server

pytestmark = pytest.mark.live

REVALIDATE = Policy(ttl_s=0.001, stale_while_revalidate_s=600)
ON_ERROR = Policy(ttl_s=0.001, stale_on_error_s=600)
"""Values whose time is over as soon as they are kept, and which are kept on for longer than any test takes."""


async def keep(cache: Cache, key: str, value: object, policy: Policy, eventually: "Eventually") -> None:
    """Keep a value and let its time end."""
    await cache.get_or_load(key, Loader(value), policy=policy)

    async def is_over() -> bool:
        return await cache.get(key) is None

    await eventually(is_over)


async def test_a_stale_value_is_served_at_once_while_it_is_loaded_anew(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    await keep(cache, key, "old", REVALIDATE, eventually)
    loader = Loader("new", held=True)
    for _ in range(3):
        assert await soon(cache.get_or_load(key, loader, policy=REVALIDATE)) == "old"
    await loader.begun.wait()
    loader.let_go()

    async def is_new() -> bool:
        return bool(await cache.get_or_load(key, loader, policy=Policy(stale_while_revalidate_s=600)) == "new")

    await eventually(is_new)
    assert cache.stats().stale >= 3


async def test_a_stale_value_is_loaded_anew_by_one_process_alone(
    cache: Cache, other: Cache, key: str, eventually: "Eventually"
) -> None:
    await keep(cache, key, "old", REVALIDATE, eventually)
    policy = Policy(ttl_s=600, stale_while_revalidate_s=600)
    loader = Loader("new", held=True)
    for one in (cache, other) * 5:
        assert await soon(one.get_or_load(key, loader, policy=policy)) == "old"
    await eventually(lambda: cache.stats().waits + other.stats().waits)
    loader.let_go()

    async def both_new() -> bool:
        return [await cache.get(key), await other.get(key)] == ["new", "new"]

    await eventually(both_new)
    assert loader.runs == 1


async def test_a_refresh_that_fails_in_the_background_leaves_the_stale_value(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    await keep(cache, key, "old", REVALIDATE, eventually)
    failing = Loader(KeyError("down"))
    assert await cache.get_or_load(key, failing, policy=REVALIDATE) == "old"
    await eventually(lambda: cache.stats().load_errors)
    assert await cache.get_or_load(key, failing, policy=REVALIDATE) == "old"


async def test_without_a_window_a_stale_value_is_loaded_before_it_is_answered(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    await keep(cache, key, "old", REVALIDATE, eventually)
    assert await cache.get_or_load(key, Loader("new")) == "new"


async def test_when_the_loader_fails_a_stale_value_is_served(cache: Cache, key: str, eventually: "Eventually") -> None:
    await keep(cache, key, "old", ON_ERROR, eventually)
    assert await cache.get_or_load(key, Loader(OSError("database down")), policy=ON_ERROR) == "old"
    assert (cache.stats().stale, cache.stats().load_errors) == (1, 1)
    with pytest.raises(OSError, match="database down"):
        await cache.get_or_load(key, Loader(OSError("database down")))
    assert await cache.get_or_load(key, Loader("new"), policy=ON_ERROR) == "new"


async def test_beyond_its_window_a_stale_value_is_no_longer_served(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    policy = Policy(ttl_s=0.001, stale_on_error_s=0.5)
    await cache.get_or_load(key, Loader("old"), policy=policy)

    async def fails() -> bool:
        try:
            assert await cache.get_or_load(key, Loader(OSError("down")), policy=policy) == "old"
        except OSError:
            return True
        return False

    await eventually(fails)


async def test_a_load_that_outlives_the_window_fails_too(
    cache: Cache, key: str, server: "Server", eventually: "Eventually"
) -> None:
    policy = Policy(ttl_s=0.001, stale_on_error_s=0.5)
    await keep(cache, key, "old", policy, eventually)
    loader = Loader(OSError("down"), held=True)
    loading = asyncio.ensure_future(cache.get_or_load(key, loader, policy=policy))
    await loader.begun.wait()
    server.until_it_says(f"EXISTS {key}", "0")
    loader.let_go()
    with pytest.raises(OSError, match="down"):
        await soon(loading)


async def test_after_the_soft_timeout_the_stale_value_is_served_and_the_load_goes_on(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    await keep(cache, key, "old", ON_ERROR, eventually)
    policy = Policy(ttl_s=600, stale_on_error_s=600, soft_timeout_s=0.01)
    loader = Loader("new", held=True)
    for _ in range(3):  # the load under way is joined, not begun again
        assert await soon(cache.get_or_load(key, loader, policy=policy)) == "old"
    loader.let_go()

    async def is_new() -> bool:
        return bool(await cache.get(key) == "new")

    await eventually(is_new)
    assert loader.runs == 1


async def test_a_load_within_the_soft_timeout_is_waited_for(cache: Cache, key: str, eventually: "Eventually") -> None:
    await keep(cache, key, "old", ON_ERROR, eventually)
    policy = Policy(stale_on_error_s=600, soft_timeout_s=600)
    assert await cache.get_or_load(key, Loader("new"), policy=policy) == "new"


async def test_a_loader_is_ended_after_the_hard_timeout_and_its_lease_is_free(
    open_cache: "OpenCache", key: str
) -> None:
    cache, other = await open_cache(lease_s=600.0), await open_cache(lease_s=600.0)
    loader = Loader("never", held=True)
    with pytest.raises(LoadTimeout, match=key):
        await soon(cache.get_or_load(key, loader, policy=Policy(hard_timeout_s=0.01)))
    assert loader.cancelled == 1
    assert await soon(other.get_or_load(key, Loader("loaded"))) == "loaded"


async def test_after_the_hard_timeout_a_stale_value_is_served_where_there_is_one(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    await keep(cache, key, "old", ON_ERROR, eventually)
    policy = Policy(stale_on_error_s=600, hard_timeout_s=0.01)
    assert await soon(cache.get_or_load(key, Loader("never", held=True), policy=policy)) == "old"


async def test_a_loader_that_will_not_end_keeps_nobody_waiting(cache: Cache, key: str) -> None:
    let_go = asyncio.Event()

    async def stubborn() -> str:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        return "late"

    with pytest.raises(LoadTimeout):
        await soon(cache.get_or_load(key, stubborn, policy=Policy(hard_timeout_s=0.01)))
    let_go.set()


async def test_a_value_is_loaded_anew_before_its_time_ends(cache: Cache, key: str, eventually: "Eventually") -> None:
    always = Policy(early_refresh=1e12)  # so much that chance has no say

    async def load_slowly() -> str:
        await asyncio.sleep(0.01)
        return "old"

    assert await cache.get_or_load(key, load_slowly, policy=always) == "old"
    loader = Loader("new", held=True)
    assert await soon(cache.get_or_load(key, loader, policy=always)) == "old"
    assert await soon(cache.get_or_load(key, loader)) == "old"
    loader.let_go()

    async def is_new() -> bool:
        return bool(await cache.get(key) == "new")

    await eventually(is_new)
    assert (cache.stats().early, loader.runs) == (1, 1)


async def test_none_is_kept_for_a_time_of_its_own(cache: Cache, key: str, server: "Server") -> None:
    policy = Policy(ttl_s=600, none_ttl_s=20, jitter_ratio=0)
    loader = Loader(None)
    assert [await cache.get_or_load(key, loader, policy=policy, shape=int) for _ in range(3)] == [None] * 3
    assert loader.runs == 1
    assert 10_000 < int(server.cli("PTTL", key)) <= 20_000


async def test_none_is_not_kept_where_the_policy_says_so(cache: Cache, key: str, server: "Server") -> None:
    loader = Loader(None)
    policy = Policy(none_ttl_s=0)
    assert [await cache.get_or_load(key, loader, policy=policy) for _ in range(3)] == [None] * 3
    assert loader.runs == 3
    assert server.cli("KEYS", f"*{key}*") == ""


async def test_ttls_are_spread_and_never_lengthened(cache: Cache, key: str, server: "Server") -> None:
    policy = Policy(ttl_s=600, jitter_ratio=0.5)
    for number in range(20):
        await cache.get_or_load(f"{key}:{number}", Loader(1), policy=policy)
    ttls = [int(server.cli("PTTL", f"{key}:{number}")) for number in range(20)]
    assert 290_000 < min(ttls) < max(ttls) <= 600_000
    assert max(ttls) - min(ttls) > 30_000


async def test_a_ttl_of_the_call_goes_before_the_policys(cache: Cache, key: str, server: "Server") -> None:
    await cache.get_or_load(key, Loader(1), ttl_s=50)
    await cache.set(f"{key}:set", 1, ttl_s=50)
    assert all(40_000 < int(server.cli("PTTL", one)) <= 50_000 for one in (key, f"{key}:set"))


async def test_a_cache_has_a_policy_for_all_its_calls(open_cache: "OpenCache", key: str, server: "Server") -> None:
    cache = await open_cache(policy=Policy(ttl_s=1000, jitter_ratio=0), ttl_s=50)
    await cache.get_or_load(key, Loader(1))
    assert 40_000 < int(server.cli("PTTL", key)) <= 50_000


@pytest.mark.parametrize("ttl_s", [0, -1.0])
async def test_a_ttl_that_is_none_is_refused(cache: Cache, key: str, ttl_s: float) -> None:
    with pytest.raises(UsageError, match="ttl_s"):
        await cache.get_or_load(key, Loader(1), ttl_s=ttl_s)
    with pytest.raises(UsageError, match="ttl_s"):
        await cache.set(key, 1, ttl_s=ttl_s)
