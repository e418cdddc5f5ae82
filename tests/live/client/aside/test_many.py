"""`get_many_or_load`: the loader is given the misses, all at once."""

import asyncio
from typing import TYPE_CHECKING

import pytest
from tests.live.client.aside.loader import Batches, Loader, soon

from candlefish import Cache
from candlefish.client.aside.policy import Policy
from candlefish.errors import UsageError

if TYPE_CHECKING:
    from tests.live.client.aside.conftest import OpenCache
    from tests.live.client.conftest import Eventually
    from tests.live.client.redis.conftest import Server

pytestmark = pytest.mark.live


def value_of(*ids: int) -> dict[int, str]:
    return {number: f"value {number}" for number in ids}


async def test_the_loader_is_given_the_misses_alone_and_all_at_once(cache: Cache, key: str) -> None:
    template, load = f"{key}:{{}}", Batches()
    assert await cache.get_many_or_load(template, [1, 2, 3], load) == value_of(1, 2, 3)
    assert await cache.get_many_or_load(template, [4, 3, 2, 5, 4], load) == value_of(4, 3, 2, 5)
    assert load.runs == [[1, 2, 3], [4, 5]]
    assert await cache.get(f"{key}:4") == "value 4"
    assert (cache.stats().hits, cache.stats().misses, cache.stats().loads) == (3, 5, 2)


async def test_without_misses_the_loader_is_not_called(cache: Cache, key: str) -> None:
    load = Batches()
    assert await cache.get_many_or_load(f"{key}:{{}}", [], load) == {}
    assert load.runs == []


async def test_what_the_loader_leaves_out_is_none_and_kept_as_that(cache: Cache, key: str) -> None:
    load = Batches(unknown=frozenset({2}))
    for _ in range(2):
        assert await cache.get_many_or_load(f"{key}:{{}}", [1, 2], load, shape=str) == {1: "value 1", 2: None}
    assert load.runs == [[1, 2]]


async def test_ids_that_look_alike_have_keys_of_their_own(cache: Cache, key: str) -> None:
    async def load(ids: list[object]) -> dict[object, str]:
        return {one: repr(one) for one in ids}

    ids = [1, "1", "a:b", "a%3Ab", None, (1, 2)]
    assert await cache.get_many_or_load(f"{key}:{{}}", ids, load) == {one: repr(one) for one in ids}
    assert await cache.get_many_or_load(f"{key}:{{}}", ids, load) == {one: repr(one) for one in ids}


async def test_a_template_without_one_field_is_refused(cache: Cache) -> None:
    with pytest.raises(UsageError, match="one field"):
        await cache.get_many_or_load("user", [1], Batches())


async def test_callers_whose_ids_overlap_load_each_id_once_in_the_whole_fleet(
    cache: Cache, other: Cache, key: str, eventually: "Eventually"
) -> None:
    template, load = f"{key}:{{}}", Batches(held=True)
    first = asyncio.ensure_future(cache.get_many_or_load(template, range(10), load))
    await load.begun.wait()
    here = asyncio.ensure_future(cache.get_many_or_load(template, range(5, 15), load))
    await eventually(lambda: len(load.runs) == 2)
    there = asyncio.ensure_future(other.get_many_or_load(template, range(8, 20), load))
    single = asyncio.ensure_future(other.get_or_load(f"{key}:0", Loader("never")))
    await eventually(lambda: len(load.runs) == 3 and other.stats().waits == 8)
    load.let_go()
    assert await soon(first) == value_of(*range(10))
    assert await soon(here) == value_of(*range(5, 15))
    assert await soon(there) == value_of(*range(8, 20))
    assert await soon(single) == "value 0"
    assert load.runs == [list(range(10)), list(range(10, 15)), list(range(15, 20))]
    assert cache.stats().joined == 5


async def test_when_another_process_fails_its_keys_are_loaded_here_in_one_more_run(
    open_cache: "OpenCache", key: str, eventually: "Eventually"
) -> None:
    cache, other = await open_cache(lease_s=600.0), await open_cache(lease_s=600.0)
    gate = asyncio.Event()
    begun = asyncio.Event()

    async def fail(ids: list[int]) -> dict[int, str]:
        begun.set()
        await gate.wait()
        raise OSError("down")

    failing = asyncio.ensure_future(cache.get_many_or_load(f"{key}:{{}}", range(30), fail))
    await begun.wait()
    load = Batches()
    waiting = asyncio.ensure_future(other.get_many_or_load(f"{key}:{{}}", range(40), load))
    await eventually(lambda: other.stats().waits == 30 and load.runs)
    gate.set()
    with pytest.raises(OSError, match="down"):
        await soon(failing)
    assert await soon(waiting) == value_of(*range(40))
    assert load.runs[0] == list(range(30, 40))
    assert sorted(number for run in load.runs[1:] for number in run) == list(range(30))


async def test_a_value_that_cannot_be_kept_fails_its_own_key_alone(cache: Cache, key: str) -> None:
    async def load(ids: list[int]) -> dict[int, object]:
        return {number: object() if number == 1 else number for number in ids}

    with pytest.raises(UsageError, match="object"):
        await cache.get_many_or_load(f"{key}:{{}}", range(3), load)
    assert await cache.get_many([f"{key}:{number}" for number in range(3)]) == {f"{key}:0": 0, f"{key}:2": 2}


async def test_stale_values_are_served_and_loaded_anew_with_the_misses(
    cache: Cache, key: str, eventually: "Eventually"
) -> None:
    template, policy = f"{key}:{{}}", Policy(ttl_s=0.001, stale_while_revalidate_s=600)
    await cache.get_many_or_load(template, [1, 2], Batches(), policy=policy)

    async def is_over() -> bool:
        return await cache.get_many([f"{key}:1", f"{key}:2"]) == {}

    await eventually(is_over)
    later = Policy(stale_while_revalidate_s=600)

    async def load(ids: list[int]) -> dict[int, str]:
        runs.append(ids)
        return {number: f"new {number}" for number in ids}

    runs: list[list[int]] = []
    assert await cache.get_many_or_load(template, [1, 3, 2], load, policy=later) == {**value_of(1, 2), 3: "new 3"}
    assert runs == [[1, 3, 2]]
    assert await cache.get_many([f"{key}:1", f"{key}:2"]) == {f"{key}:1": "new 1", f"{key}:2": "new 2"}


async def test_many_values_of_another_shape_are_loaded_anew(cache: Cache, other: Cache, key: str) -> None:
    async def load(ids: list[int]) -> dict[int, int]:
        return {number: number for number in ids}

    template = f"{key}:{{}}"
    for _ in range(2):
        assert await cache.get_many_or_load(template, range(5), Batches(), shape=str) == value_of(*range(5))
        assert await other.get_many_or_load(template, range(5), load, shape=int) == {n: n for n in range(5)}
    assert cache.stats().loads == other.stats().loads == 1


async def test_in_a_cluster_the_keys_may_live_on_any_node(
    cluster: "list[Server]", open_cache: "OpenCache", key: str
) -> None:
    cache = await open_cache("", cluster_url=f"redis+cluster://127.0.0.1:{cluster[0].port}")
    load = Batches()
    for _ in range(2):
        assert await cache.get_many_or_load(f"{key}:{{}}", range(50), load) == value_of(*range(50))
    assert load.runs == [list(range(50))]
    assert await cache.delete(*[f"{key}:{number}" for number in range(50)])
    assert await cache.get_many([f"{key}:{number}" for number in range(50)]) == {}
