"""Every combination of memory, policy and TTL, simulated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import inf
from typing import Final

from candlefish.advise.cache.accesses import Accesses
from candlefish.advise.cache.ceiling import measure_ceiling
from candlefish.advise.cache.memory import CLIENT_BYTES, COMMANDS_BYTES, EMPTY_SERVER_BYTES, make_footprint
from candlefish.advise.cache.policies import PolicyName
from candlefish.advise.cache.result import Ceiling, Point
from candlefish.advise.cache.server import Setting
from candlefish.advise.cache.simulate import simulate
from candlefish.errors import UsageError

SHARES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Of all keys that were asked for: the memory that so many of them take is tried when nobody says which."""

DIGITS: Final = 3
"""Significant digits of a memory that is tried: nobody configures 1,234,567 bytes."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is tried: memories in bytes (none: by `SHARES`), policies, TTLs (None: no TTL).

    `connections` are those to this Redis; `beside_bytes` is what it keeps besides the cache, such as a backlog.
    """

    memories: tuple[int, ...] = ()
    policies: tuple[PolicyName, ...] = ("allkeys-lru", "allkeys-lfu", "allkeys-random")
    ttls: tuple[float | None, ...] = (None,)
    jitter_ratio: float = 0.1
    connections: int = 1
    beside_bytes: int = 0

    @property
    def overhead_bytes(self) -> int:
        """Return what of `maxmemory` the keys do not get."""
        return EMPTY_SERVER_BYTES + COMMANDS_BYTES + self.connections * CLIENT_BYTES + self.beside_bytes


def choose_memories(accesses: Accesses, order: Order) -> tuple[int, ...]:
    """Return the memories to try, in bytes; raise UsageError for one that Redis needs for itself."""
    for memory in order.memories:
        if memory <= order.overhead_bytes:
            raise UsageError(
                f"a maxmemory of {memory} bytes holds no key",
                detail=f"Redis takes {order.overhead_bytes} bytes for itself, its connections and what lies beside",
                hint="give --memory more",
            )
    if order.memories:
        return tuple(sorted(set(order.memories)))
    expires = any(ttl_s is not None for ttl_s in order.ttls)
    footprint = make_footprint(accesses.key_bytes, accesses.value_bytes, expires=expires)
    keys = accesses.objects / accesses.sample_ratio
    sizes = (order.overhead_bytes + footprint.of_keys(max(1.0, keys * share)) for share in SHARES)
    return tuple(sorted({round_up(size) for size in sizes}))


def round_up(size_bytes: int) -> int:
    """Return the next number of bytes with few digits."""
    step: int = 10 ** max(0, len(str(size_bytes)) - DIGITS)
    return -(-size_bytes // step) * step


def make_setting(
    accesses: Accesses, order: Order, maxmemory_bytes: int, policy: PolicyName, ttl_s: float | None
) -> Setting:
    """Return a combination as it is simulated: what is left for keys, as far as they were recorded."""
    data_bytes = round((maxmemory_bytes - order.overhead_bytes) * accesses.sample_ratio)
    return Setting(data_bytes, policy, ttl_s, order.jitter_ratio)


def simulate_grid(
    accesses: Accesses, order: Order, on_step: Callable[[int, int], None] = lambda _done, _all: None
) -> tuple[Point, ...]:
    """Return every combination, by TTL, then memory, then policy; `volatile-ttl` only where there is a TTL.

    Raises UsageError when that leaves none.
    """
    wanted = [
        (ttl_s, memory, policy)
        for ttl_s, memory, policy in product(
            sorted(order.ttls, key=lambda ttl_s: inf if ttl_s is None else ttl_s),
            choose_memories(accesses, order),
            order.policies,
        )
        if policy != "volatile-ttl" or ttl_s is not None
    ]
    if not wanted:
        raise UsageError("volatile-ttl evicts nothing that has no TTL", hint="add a TTL, or another policy")
    points = []
    for done, (ttl_s, memory, policy) in enumerate(wanted):
        on_step(done, len(wanted))
        found = simulate(accesses, make_setting(accesses, order, memory, policy, ttl_s))
        keys_held = round(found.keys_held / accesses.sample_ratio)
        points.append(Point(memory, policy, ttl_s, found.hit_ratio, keys_held))
    return tuple(points)


def measure_ceilings(accesses: Accesses, ttls: Sequence[float | None], jitter_ratio: float) -> tuple[Ceiling, ...]:
    """Return the ceiling of each TTL, the shortest first."""
    ordered = sorted(set(ttls), key=lambda ttl_s: inf if ttl_s is None else ttl_s)
    return tuple(Ceiling(ttl_s, measure_ceiling(accesses, ttl_s, jitter_ratio)) for ttl_s in ordered)
