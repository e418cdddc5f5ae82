"""Read what the client counted, before and after a run."""

from candlefish.bench.result import ClientUse
from candlefish.client.cache import Cache
from candlefish.client.database import Database


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
