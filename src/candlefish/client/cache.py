"""`Cache`: cache-aside with Redis that lets the application go on when Redis is away."""

import os
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any, Final, ParamSpec, Self, TypeVar, cast

from candlefish.client.aside.aside import Aside
from candlefish.client.aside.away import Away
from candlefish.client.aside.codec import find_codec
from candlefish.client.aside.counts import Counts
from candlefish.client.aside.decorator import BY_ANNOTATION, Cached
from candlefish.client.aside.entry import make_stamp
from candlefish.client.aside.fences import Fences
from candlefish.client.aside.flight import Flights
from candlefish.client.aside.form import MISSING, Form
from candlefish.client.aside.freshness import IN_TIME, MS, SERVED, Freshness, now_ms, time_entry
from candlefish.client.aside.invalidation import KeysOfTransaction
from candlefish.client.aside.loading import Load, Terms, load_many, load_one
from candlefish.client.aside.loads import Loads, Wanted
from candlefish.client.aside.lookup import AWAY, Found, ask, examine, find_many
from candlefish.client.aside.observer import Observer, OnLookup
from candlefish.client.aside.policy import Policy, require_ttl
from candlefish.client.aside.shape import BY_VALUE, find_shape, without_none
from candlefish.client.aside.tags import Tags
from candlefish.client.aside.template import make_writer
from candlefish.client.aside.writes import Writes
from candlefish.client.local.tier import LocalTier
from candlefish.client.postgres.transaction import Transaction
from candlefish.client.redis.address import ClusterAddress, choose_address
from candlefish.client.redis.client import Redis
from candlefish.client.rules import RowLike, Rules, load_rules
from candlefish.client.stats import CacheStats
from candlefish.endpoints import require_env
from candlefish.errors import CacheUnavailable, UsageError

K = TypeVar("K", bound=Hashable)
P = ParamSpec("P")
T = TypeVar("T")
DEFAULT_POLICY: Final = Policy()


class Cache:
    """Keep values in Redis; use it with `async with`.

    While Redis does not answer within `timeout_s`, nothing is raised: a lookup finds nothing, the loader is used, at
    most `loads_while_away` loads run at once, deletes are sent when it is back, and `stats()` tells.

    A value is read as the type by which it was kept, its `shape`. Under another type the same key is another value, so
    that two versions of a program do not read each other's; `Any` reads what there is, as plain data.

    One process of the fleet loads a key at a time: it holds a lease, which ends `lease_s` after that process has died.

    `rules` names the file that says which keys and tags the rows of a table stand for: see `invalidate_rows`.

    With `local_max_bytes` this process also keeps what it has read, so much of it: Redis tells it of every change.
    """

    def __init__(
        self,
        redis_url: str = "",
        *,
        sentinel_url: str = "",
        cluster_url: str = "",
        prefix: str = "",
        policy: Policy = DEFAULT_POLICY,
        ttl_s: float | None = None,
        codec: str = "msgpack",
        compress_from_bytes: int | None = None,
        timeout_s: float = 0.5,
        lease_s: float = 2.0,
        loads_while_away: int = 16,
        local_max_bytes: int = 0,
        rules: str | Path = "",
        on_lookup: OnLookup | None = None,
    ) -> None:
        self._is_open = False
        self._address = choose_address(redis_url, sentinel_url, cluster_url)
        self._timeout_s, self._lease_s = timeout_s, lease_s
        self._prefix = prefix
        self._policy = policy if ttl_s is None else replace(policy, ttl_s=ttl_s)
        self._codec = find_codec(codec)
        self._compress_from_bytes = compress_from_bytes
        self._forms: dict[Any, Form] = {}
        self._counts = Counts()
        self._observer = Observer(self._counts, on_lookup)
        self._local = LocalTier(local_max_bytes) if local_max_bytes else None
        self._rules = Rules(load_rules(Path(rules)) if rules else ())
        self._fences = Fences(prefix, sharded=isinstance(self._address, ClusterAddress))
        self._away = Away(loads_while_away, self._fences)
        self._prepare()

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ, **options: Any) -> Self:
        """Take the endpoint from the environment that `candlefish env` writes; `options` are the constructor's."""
        sentinel_url = env.get("CANDLEFISH_SENTINEL_URL", "")
        cluster_url = env.get("CANDLEFISH_REDIS_CLUSTER_URL", "")
        redis_url = "" if sentinel_url or cluster_url else require_env(env, "CANDLEFISH_REDIS_URL")
        return cls(redis_url, sentinel_url=sentinel_url, cluster_url=cluster_url, **options)

    async def __aenter__(self) -> Self:
        """Connect; when Redis is away, go on without it. What was closed can be opened again."""
        if self._is_open:
            raise UsageError("this Cache is open already", hint="open it once, where the program begins")
        self._prepare()
        self._is_open = True
        try:
            await self._redis.open()
        except CacheUnavailable:
            self._counts.errors += 1
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End the loads under way and close the connections."""
        self._is_open = False
        await self._flights.close()
        await self._redis.close()

    async def ping(self) -> None:
        """Return when Redis answers; raise CacheUnavailable when it does not."""
        self._require_open()
        await self._redis.ping()

    async def get(self, key: str, *, shape: Any = Any, tags: Sequence[str] = ()) -> Any:
        """Return the value of a key, or None; what was kept under tags is found under the same tags."""
        form = self._forms.get(shape) or self._add_form(shape)
        asked = perf_counter() if self._observer.tells else 0.0
        place = self._prefix + key
        if tags:
            self._require_open()
            found = (await self._tags.find_many([place], form, tags, self._policy))[place]
            return found.value if self._observer.note(key, found, asked, IN_TIME) else None
        raw = None if self._local is None else self._local.find(place)
        try:
            if raw is None:
                raw = await self._redis.get(place)
        except CacheUnavailable:
            self._require_open()
            found = AWAY
        else:
            value = form.read(raw)
            if raw is not None and value is not MISSING:
                self._observer.note_hit(key, len(raw), asked)
                return value
            found = await examine(self._redis, place, raw, form, self._policy)
        return found.value if self._observer.note(key, found, asked, IN_TIME) else None

    async def get_or_load(
        self,
        key: str,
        loader: Callable[[], Awaitable[T]],
        *,
        shape: Any = Any,
        ttl_s: float | None = None,
        policy: Policy | None = None,
        tags: Sequence[str] = (),
    ) -> T:
        """Return the value of a key; on a miss run the loader, once in the whole fleet, and keep what it gives.

        A loaded value comes back as a hit would give it, encoded and decoded, a copy for every caller. The loader's
        exceptions reach every caller that waits for it here. What is loaded while its key, or one of its tags, is
        deleted is not kept. Raises LoadTimeout when the policy bounds the loader.
        """
        form = self._forms.get(shape) or self._add_form(shape)
        asked = perf_counter() if self._observer.tells else 0.0
        place = self._prefix + key
        if tags:
            self._require_open()
            found = (await self._tags.find_many([place], form, tags, policy or self._policy))[place]
            terms = self._make_terms(load_one(loader), ttl_s, policy)
            return cast(T, await self._serve(key, found, asked, form, terms, tags))
        raw = None if self._local is None else self._local.find(place)
        try:
            if raw is None:
                raw = await self._redis.get(place)
        except CacheUnavailable:
            self._require_open()
            found = AWAY
        else:
            value = form.read(raw)
            if raw is not None and value is not MISSING:
                self._observer.note_hit(key, len(raw), asked)
                return cast(T, value)
            found = await examine(self._redis, place, raw, form, policy or self._policy)
        terms = self._make_terms(load_one(loader), ttl_s, policy)
        return cast(T, await self._serve(key, found, asked, form, terms, ()))

    async def refresh(
        self,
        key: str,
        loader: Callable[[], Awaitable[T]],
        *,
        shape: Any = Any,
        ttl_s: float | None = None,
        policy: Policy | None = None,
        tags: Sequence[str] = (),
    ) -> T:
        """Run the loader now and keep what it gives, whatever is kept or being loaded; return it as a hit would."""
        self._require_open()
        form = self._forms.get(shape) or self._add_form(shape)
        terms = self._make_terms(load_one(loader), ttl_s, policy)
        under = await self._tags.open(form, tags, terms.longest_s)
        return cast(T, await self._loads.reload(self._prefix + key, under, terms))

    async def get_many(self, keys: Iterable[str], *, shape: Any = Any, tags: Sequence[str] = ()) -> dict[str, Any]:
        """Return the values of those keys that have one."""
        keys = list(keys)
        form = self._forms.get(shape) or self._add_form(shape)
        found = await self._find_many(keys, form, self._policy, IN_TIME, tags)
        here = {key: found[self._prefix + key] for key in keys}
        return {key: one.value for key, one in here.items() if one.freshness in IN_TIME}

    async def get_many_or_load(
        self,
        template: str,
        ids: Iterable[K],
        loader: Callable[[list[K]], Awaitable[Mapping[K, T]]],
        *,
        shape: Any = Any,
        ttl_s: float | None = None,
        policy: Policy | None = None,
        tags: Sequence[str] = (),
    ) -> dict[K, T | None]:
        """Return a value for each id; its key is the template with the id in it, as "user:{}".

        The loader is given the ids that are neither kept nor being loaded elsewhere, all at once, and gives the values
        of those it knows; the others are None, and kept as that. For the rest see `get_or_load`.
        """
        write = make_writer(template)
        names = {write(name): name for name in ids}
        form = self._forms.get(shape) or self._add_form(shape)
        found = await self._find_many(names, form, policy or self._policy, SERVED, tags)
        places = {self._prefix + key: name for key, name in names.items()}
        wanted = [Wanted(place, name, found[place]) for place, name in places.items()]
        terms = self._make_terms(load_many(loader), ttl_s, policy)
        under = await self._tags.open(form, tags, terms.longest_s)
        values = await self._loads.serve(wanted, under, terms)
        return dict(zip(places.values(), values, strict=True))

    async def set(
        self, key: str, value: object, *, ttl_s: float | None = None, shape: Any = BY_VALUE, tags: Sequence[str] = ()
    ) -> bool:
        """Keep a value; return whether Redis took it. What is being loaded for the key meanwhile is not kept.

        The shape of a Struct, a dataclass or a pydantic model is its type, that of everything else `Any`.
        """
        self._require_open()
        if shape is BY_VALUE:
            shape = find_shape(value)
        form = self._forms.get(shape) or self._add_form(shape)
        times = time_entry(self._policy, self._policy.ttl_s if ttl_s is None else require_ttl(ttl_s), now_ms())
        place = self._prefix + key
        under = await self._tags.open(form, tags, times.ttl_ms / MS)
        if under.away:
            await self._writes.delete([place])
            return False
        basis = under.form.bases[0] if tags else self._redis.epoch_of(place)
        return await self._writes.store(place, form.seal(value, make_stamp(), basis, times), times.ttl_ms)

    async def delete(self, *keys: str, tags: Sequence[str] = ()) -> bool:
        """Delete keys, in every shape, and do not keep what is being loaded for them; return whether Redis took it.

        With `tags`, the same for everything that is kept under one of them.

        What Redis did not take is remembered and sent when it is back, before anything is read from it.
        """
        self._require_open()
        return await self._writes.delete(self._places(keys, tags))

    def invalidate(self, transaction: Transaction, *keys: str, tags: Sequence[str] = ()) -> None:
        """Delete keys, and what is kept under tags, with the commit of a transaction: nothing older is kept after it.

        They are deleted before the commit, so the reply to it may be lost, and this process may die: what is loaded
        before the commit is answered and not kept. When the transaction is rolled back, they are loaded anew.
        """
        self._require_open()
        transaction.invalidate(KeysOfTransaction(self._writes, self._places(keys, tags)))

    def invalidate_rows(self, transaction: Transaction, table: str, *rows: RowLike) -> None:
        """Invalidate with the commit what the rules say that rows of a table make stale; see `invalidate`.

        A row gives values by column, as asyncpg's records and dicts do. Where an update changes a column that stands in
        a key, give the old row too. Raises UsageError for a table without a rule, and for a row that lacks a column.
        """
        keys, tags = self._rules.find(table, rows)
        self.invalidate(transaction, *keys, tags=tags)

    def cached(
        self,
        template: str,
        *,
        shape: Any = BY_ANNOTATION,
        ttl_s: float | None = None,
        policy: Policy | None = None,
        ignoring: tuple[str, ...] = (),
        tags: Sequence[str] = (),
    ) -> Callable[[Callable[P, Awaitable[T]]], Cached[P, T]]:
        """Keep what an async function returns, under a key made of its arguments, as "overview:{organization}".

        Every parameter has to stand in the template or in `ignoring` (a connection, for instance); UsageError says
        which does not. The type is the one that the function is annotated to return. The `tags` are templates too, of
        some of the parameters or none.
        """

        def decorate(function: Callable[P, Awaitable[T]]) -> Cached[P, T]:
            made = Cached(
                self, function, template, shape=shape, ttl_s=ttl_s, policy=policy, ignoring=ignoring, tags=tags
            )
            if made.shape not in self._forms:
                self._add_form(made.shape)
            return made

        return decorate

    def stats(self) -> CacheStats:
        """Return the counts so far."""
        return CacheStats(
            **self._counts.read(),
            reconnects=self._redis.reconnects,
            circuit_open=self._is_open and not self._redis.up,
            away_s=self._redis.away_s,
            **(self._local.read_counts() if self._local is not None else {}),
        )

    def _prepare(self) -> None:
        """Make what may not outlive an event loop."""
        self._away.begin()
        self._flights = Flights()
        self._redis = Redis(
            self._address,
            timeout_s=self._timeout_s,
            on_return=self._away.send,
            on_epochs=self._renew_forms,
            local=self._local,
        )
        aside = Aside(self._redis, self._flights, self._away, self._counts, self._fences, self._local, self._lease_s)
        self._tags = Tags(aside, self._prefix)
        self._loads = Loads(aside)
        self._writes = Writes(aside)

    def _require_open(self) -> None:
        if not self._is_open:
            raise UsageError("this Cache is not open", hint="use it inside `async with cache:`")

    def _add_form(self, shape: Any) -> Form:
        kept_as = without_none(shape)
        epochs = self._redis.epochs
        form = self._forms.get(kept_as) or Form(kept_as, self._codec, self._compress_from_bytes, epochs)
        self._forms[shape] = self._forms[kept_as] = form
        return form

    def _renew_forms(self) -> None:
        """Serve nothing that was kept under a Redis primary which is none any more."""
        for form in self._forms.values():
            form.renew(self._redis.epochs)

    def _places(self, keys: Sequence[str], tags: Sequence[str]) -> list[str]:
        return [*[self._prefix + key for key in keys], *self._tags.places(tags)]

    async def _serve(self, key: str, found: Found, asked: float, form: Form, terms: Terms, tags: Sequence[str]) -> Any:
        """Return what was found, or else what is loaded."""
        if self._observer.note(key, found, asked, SERVED) and found.freshness is Freshness.FRESH:
            return found.value
        under = await self._tags.open(form, tags, terms.longest_s)
        (value,) = await self._loads.serve([Wanted(self._prefix + key, key, found)], under, terms)
        return value

    def _make_terms(self, load: Load, ttl_s: float | None, policy: Policy | None) -> Terms:
        policy = policy or self._policy
        return Terms(load, policy, policy.ttl_s if ttl_s is None else require_ttl(ttl_s))

    async def _find_many(
        self, keys: Iterable[str], form: Form, policy: Policy, served: frozenset[Freshness], tags: Sequence[str]
    ) -> dict[str, Found]:
        self._require_open()
        asked = perf_counter() if self._observer.tells else 0.0
        places = {self._prefix + key: key for key in keys}
        if tags:
            found = await self._tags.find_many(list(places), form, tags, policy)
        else:
            asked_for = {place: ask(self._redis, self._local, place) for place in places}
            found = await find_many(self._redis, asked_for, form, policy)
        for place, key in places.items():
            self._observer.note(key, found[place], asked, served)
        return found
