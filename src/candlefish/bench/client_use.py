"""What the client did during one run: which servers it read from, what it retried, how the cache was filled."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import Self

from candlefish.client.cache import Cache
from candlefish.client.database import Database


@dataclass(frozen=True, slots=True)
class ClientUse:
    """Counts of one run, over all workers; what they mean is said by PoolStats, ReplicaStats and CacheStats."""

    replica_reads: int = 0
    replicas_behind: int = 0
    retries: int = 0
    loads: int = 0
    joined: int = 0
    waits: int = 0
    stale: int = 0
    early: int = 0
    refused_fills: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    def __sub__(self, other: Self) -> Self:
        return type(self)(*(mine - theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def read_use(database: Database | None, cache: Cache | None) -> ClientUse:
    """Return the counts since a client was opened."""
    replicas = database.replicas() if database else ()
    kept = cache.stats() if cache else None
    return ClientUse(
        replica_reads=sum(replica.reads for replica in replicas),
        replicas_behind=sum(replica.behind for replica in replicas),
        retries=sum(pool.retries for pool in database.stats()) if database else 0,
        loads=kept.loads if kept else 0,
        joined=kept.joined if kept else 0,
        waits=kept.waits if kept else 0,
        stale=kept.stale if kept else 0,
        early=kept.early if kept else 0,
        refused_fills=kept.refused_fills if kept else 0,
    )


def sum_use(parts: Iterable[ClientUse]) -> ClientUse:
    """Add up what several clients did."""
    return sum(parts, start=ClientUse())
