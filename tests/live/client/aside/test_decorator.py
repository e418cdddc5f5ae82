"""`cache.cached`: an async function whose results are kept, typed by its annotation."""

from dataclasses import dataclass
from inspect import iscoroutinefunction, signature
from typing import TYPE_CHECKING, Any

import pytest

from candlefish import Cache
from candlefish.errors import UsageError

if TYPE_CHECKING:
    from tests.live.client.aside.conftest import OpenCache
    from tests.live.client.redis.conftest import Server

pytestmark = pytest.mark.live


@dataclass
class Overview:
    organization: str
    page: int


async def test_a_cached_function_runs_once_for_its_arguments(cache: Cache, key: str) -> None:
    runs: list[tuple[str, int]] = []

    @cache.cached(f"{key}:{{organization}}:{{page}}")
    async def overview(organization: str, page: int = 1) -> Overview:
        """Read an overview."""
        runs.append((organization, page))
        return Overview(organization, page)

    assert await overview("acme") == await overview(organization="acme", page=1) == Overview("acme", 1)
    assert await overview("acme", 2) == Overview("acme", 2)
    assert runs == [("acme", 1), ("acme", 2)]
    assert overview.key("acme", 2) == f"{key}:acme:2"
    assert await cache.get(overview.key("acme"), shape=Overview) == Overview("acme", 1)
    assert (overview.__name__, overview.__doc__) == ("overview", "Read an overview.")


async def test_one_result_is_forgotten_or_made_anew(cache: Cache, key: str) -> None:
    values = iter(range(10))

    @cache.cached(f"{key}:{{name}}")
    async def count(name: str) -> int:
        return next(values)

    assert [await count("a"), await count("b"), await count("a")] == [0, 1, 0]
    assert await count.forget("a")
    assert [await count("a"), await count("b")] == [2, 1]
    assert await count.refresh("b") == 3
    assert [await count("a"), await count("b")] == [2, 3]


async def test_frameworks_see_that_it_is_to_be_awaited_and_what_it_takes(cache: Cache, key: str) -> None:
    @cache.cached(f"{key}:{{name}}")
    async def count(name: str) -> int:
        return len(name)

    assert iscoroutinefunction(count.__call__)  # what FastAPI and Starlette ask of an object
    assert str(signature(count)) == "(name: str) -> int"


async def test_a_wrong_call_is_refused_on_a_hit_too(cache: Cache, key: str) -> None:
    @cache.cached(f"{key}:{{name}}")
    async def count(name: str) -> int:
        return len(name)

    assert await count("a") == 1
    with pytest.raises(TypeError, match="too many positional"):
        await count("a", 2)  # type: ignore[call-arg]


async def test_arguments_that_do_not_matter_are_left_out_by_name(cache: Cache, key: str) -> None:
    @cache.cached(f"{key}:{{user_id}}", ignoring=("db",))
    async def load_name(db: object, user_id: int) -> str:
        assert db is not None
        return f"user {user_id}"

    assert await load_name(object(), 7) == "user 7"
    assert load_name.key(None, 7) == f"{key}:7"
    assert await load_name.forget(None, 7)


async def test_a_method_is_cached_for_what_its_object_stands_for(cache: Cache, key: str) -> None:
    class Shop:
        def __init__(self, id: int) -> None:
            self.id = id

        @cache.cached(f"{key}:{{self.id}}:{{item}}")
        async def price(self, item: str) -> str:
            return f"{item} at {self.id}"

    one, other = Shop(1), Shop(2)
    assert [await one.price("tea"), await other.price("tea")] == ["tea at 1", "tea at 2"]
    assert [await Shop(1).price(item="tea"), one.price.key("tea")] == ["tea at 1", f"{key}:1:tea"]
    assert await one.price.forget("tea")
    assert await other.price.refresh("tea") == "tea at 2"


async def test_a_cached_function_has_a_ttl_and_a_shape_of_its_own(cache: Cache, key: str, server: "Server") -> None:
    @cache.cached(f"{key}", shape=dict[str, int], ttl_s=50)
    async def counts() -> Any:
        return {"a": 1}

    assert [await counts(), await counts()] == [{"a": 1}] * 2
    assert await cache.get(key, shape=dict[str, int]) == {"a": 1}
    assert 40_000 < int(server.cli("PTTL", key)) <= 50_000


async def test_a_function_can_be_decorated_before_the_cache_is_open(
    open_cache: "OpenCache", key: str, url: str
) -> None:
    cache = Cache(url)

    @cache.cached(f"{key}:{{number}}")
    async def double(number: int) -> int:
        return 2 * number

    async with cache:
        assert [await double(2), await double(2)] == [4, 4]
        assert cache.stats().loads == 1


async def test_a_template_that_leaves_an_argument_out_is_refused_when_decorating(cache: Cache) -> None:
    with pytest.raises(UsageError, match="leaves out page"):

        @cache.cached("overview:{organization}")
        async def overview(organization: str, page: int) -> str:
            return ""


async def test_a_result_that_cannot_be_read_back_is_refused_when_decorating(cache: Cache) -> None:
    with pytest.raises(UsageError, match="cannot be read"):

        @cache.cached("thing")
        async def thing() -> complex:
            return 1j


async def test_an_annotation_that_cannot_be_found_is_refused_when_decorating(cache: Cache) -> None:
    async def thing():  # type: ignore[no-untyped-def]  # its annotation is set below, as a forgotten import leaves it
        return 1

    thing.__annotations__["return"] = "NeverImported"
    with pytest.raises(UsageError, match="NeverImported"):
        cache.cached("thing")(thing)


async def test_a_function_that_is_not_async_is_refused(cache: Cache) -> None:
    def thing() -> int:
        return 1

    with pytest.raises(UsageError, match="no async function"):
        cache.cached("thing")(thing)  # type: ignore[arg-type]  # what is tested
