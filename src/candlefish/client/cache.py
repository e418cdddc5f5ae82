"""`Cache`: cache-aside with Redis that lets the application go on when Redis is away."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

from candlefish.client.aside.codec import DecodeError, decoder, encode
from candlefish.client.redis.address import SentinelAddress, parse_redis_url, parse_sentinel_url
from candlefish.client.redis.connection import Argument, RedisRefused, require_authorities
from candlefish.client.redis.link import RedisLink
from candlefish.client.stats import CacheStats
from candlefish.endpoints import require_env
from candlefish.errors import CacheError, CacheUnavailable, UsageError

T = TypeVar("T")
OnLookup = Callable[[str, bool, float], None]
"""Called with the key, whether it was a hit, and the seconds that the lookup took."""

_MISSING: Final = object()


class Cache:
    """Keep values in Redis for `ttl_s`; use it with `async with`.

    When Redis does not answer within `timeout_s`, nothing is raised: a lookup is a miss, the loader is used, and
    `stats().errors` counts it. With `sentinel_url` the primary is found, and found again after a failover.
    """

    def __init__(
        self,
        redis_url: str = "",
        *,
        sentinel_url: str = "",
        ttl_s: float = 300.0,
        timeout_s: float = 1.0,
        on_lookup: OnLookup | None = None,
    ) -> None:
        if not redis_url and not sentinel_url:
            raise UsageError("a Cache needs redis_url or sentinel_url")
        address = parse_sentinel_url(sentinel_url) if sentinel_url else parse_redis_url(redis_url)
        require_authorities(address.sentinels[0] if isinstance(address, SentinelAddress) else address)
        self._link = RedisLink(address, timeout_s=timeout_s)
        self._ttl_s = ttl_s
        self._on_lookup = on_lookup
        self._loading: dict[str, asyncio.Task[Any]] = {}
        self._hits = self._misses = self._loads = self._joined = self._errors = 0

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ, **options: Any) -> Self:
        """Take the endpoints from the environment that `candlefish env` writes; `options` are the constructor's."""
        sentinel_url = env.get("CANDLEFISH_SENTINEL_URL", "")
        redis_url = "" if sentinel_url else require_env(env, "CANDLEFISH_REDIS_URL")
        return cls(redis_url, sentinel_url=sentinel_url, **options)

    async def __aenter__(self) -> Self:
        """Connect; when Redis is away, go on without it."""
        try:
            await self._link.connected()
        except CacheError:
            self._errors += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop the loads under way and close the connection."""
        loads = list(self._loading.values())
        for load in loads:
            load.cancel()
        await asyncio.gather(*loads, return_exceptions=True)
        await self._link.close()

    async def ping(self) -> None:
        """Return when Redis answers; raise CacheUnavailable when it does not."""
        await (await self._link.connected()).call("PING")

    async def get(self, key: str, *, shape: Any = Any) -> Any:
        """Return the value of a key, as the type `shape`, or None."""
        value = await self._lookup(key, shape)
        return None if value is _MISSING else value

    async def set(self, key: str, value: object, *, ttl_s: float | None = None) -> bool:
        """Keep a value; return whether Redis took it."""
        return await self._try(*self._set_command(key, value, ttl_s)) is not None

    async def delete(self, *keys: str) -> bool:
        """Delete keys, and do not keep what is being loaded for them; return whether Redis took it."""
        for key in keys:
            self._loading.pop(key, None)
        return not keys or await self._try("DEL", *keys, repeat=True) is not None

    async def get_or_load(
        self, key: str, loader: Callable[[], Awaitable[T]], *, ttl_s: float | None = None, shape: Any = Any
    ) -> T:
        """Return the value of a key; on a miss run the loader once for all callers here and keep the value.

        `shape` is the type as which a kept value is read. The loader's exceptions reach every caller that waits.
        """
        value = await self._lookup(key, shape)
        if value is not _MISSING:
            return cast(T, value)
        task = self._loading.get(key)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._load(key, loader, ttl_s))
            self._loading[key] = task
            task.add_done_callback(lambda done: self._loaded(key, done))
        else:
            self._joined += 1
        return cast(T, await asyncio.shield(task))  # a caller that gives up does not take the load from the others

    def stats(self) -> CacheStats:
        """Return the counts so far."""
        return CacheStats(
            hits=self._hits,
            misses=self._misses,
            loads=self._loads,
            joined=self._joined,
            errors=self._errors,
            reconnects=max(self._link.connects - 1, 0),
        )

    async def _lookup(self, key: str, shape: Any) -> Any:
        if self._on_lookup is None:
            return await self._lookup_counted(key, shape)
        asked = perf_counter()
        value = await self._lookup_counted(key, shape)
        self._on_lookup(key, value is not _MISSING, perf_counter() - asked)
        return value

    async def _lookup_counted(self, key: str, shape: Any) -> Any:
        raw = await self._try("GET", key, repeat=True)
        if raw is not None:
            try:
                value = decoder(shape)(raw)
            except DecodeError:  # another shape was kept under this key: load it anew
                pass
            else:
                self._hits += 1
                return value
        self._misses += 1
        return _MISSING

    async def _load(self, key: str, loader: Callable[[], Awaitable[T]], ttl_s: float | None) -> T:
        self._loads += 1
        value = await loader()
        command = self._set_command(key, value, ttl_s)
        if self._loading.get(key) is asyncio.current_task():  # else the key was deleted meanwhile
            self._send(*command)
        return value

    def _loaded(self, key: str, task: "asyncio.Task[Any]") -> None:
        if self._loading.get(key) is task:
            del self._loading[key]
        if not task.cancelled():
            task.exception()  # seen, even when every caller has gone

    def _set_command(self, key: str, value: object, ttl_s: float | None) -> tuple[Argument, ...]:
        ttl_ms = max(1, round((self._ttl_s if ttl_s is None else ttl_s) * 1000))
        return "SET", key, encode(value), "PX", ttl_ms

    def _send(self, *command: Argument) -> None:
        """Send without waiting: on one connection a later GET comes after it."""
        connection = self._link.connection
        if connection is None or connection.closed:
            self._errors += 1
        else:
            connection.call(*command).add_done_callback(self._sent)

    def _sent(self, reply: "asyncio.Future[Any]") -> None:
        if reply.cancelled() or reply.exception() is None:
            return
        self._failed(reply.exception())

    async def _try(self, *command: Argument, repeat: bool = False) -> Any:
        """Return the reply, or None without one; a command that may be repeated is, once, on a new connection."""
        try:
            connection = self._link.connection
            if connection is None or connection.closed:
                connection = await self._link.connected()
                repeat = False
            return await connection.call(*command)
        except CacheUnavailable as error:
            self._failed(error)
            refused = isinstance(error, RedisRefused) and error.code != "READONLY"
        return None if refused or not repeat else await self._try(*command)

    def _failed(self, error: BaseException | None) -> None:
        self._errors += 1
        if isinstance(error, RedisRefused) and error.code == "READONLY":
            self._link.drop()
