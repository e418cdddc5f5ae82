"""`Aside`: what all loads of one cache share."""

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from candlefish.client.aside.away import Away
from candlefish.client.aside.counts import Counts
from candlefish.client.aside.fences import Fences
from candlefish.client.aside.flight import Flights
from candlefish.client.local.tier import LocalTier
from candlefish.client.redis.client import Redis

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Aside:
    """The way to Redis, what is on its way, what waits for Redis, and the counts."""

    redis: Redis
    flights: Flights
    away: Away
    counts: Counts
    fences: Fences
    local: LocalTier | None
    lease_s: float


async def each(calls: Sequence[Awaitable[T]]) -> list[T]:
    """Await all of them at once; a single one without a task of its own."""
    return [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
