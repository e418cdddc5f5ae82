"""The reference application's workload: its reads and writes as operations for the load generator."""

from collections.abc import Mapping
from random import Random

from candlefish.bench.workload import Operation, Session
from candlefish.demo.keyspace import Keyspace, Pick, keyspace
from candlefish.demo.reads import READS, Read
from candlefish.demo.writes import WRITES, Write

WEIGHTS = {read.name: read.weight for read in READS} | {write.__name__: weight for write, weight in WRITES}
"""The share of the arrivals that each operation has, in percent."""


def operations(settings: Mapping[str, object] | None = None) -> tuple[Operation, ...]:
    """Return the workload for a scale: `settings["scale"]`, 1 by default."""
    scale = float(str((settings or {}).get("scale", 1.0)))
    space = keyspace(scale)
    reads = tuple(_read_operation(read, space) for read in READS)
    return reads + tuple(_write_operation(write, weight, space) for write, weight in WRITES)


def cacheable_keys(scale: float) -> int:
    """Return how many different cache keys the workload can ask for at a scale."""
    return keyspace(scale).cacheable_keys


def expected_ceiling(scale: float, *, warm_up: int, measured: int) -> float:
    """Return the hit ratio (0 to 1) a perfect cache is expected to reach in `measured` requests after `warm_up`."""
    return keyspace(scale).expected_ceiling(WEIGHTS, warm_up=warm_up, measured=measured)


def _read_operation(read: Read, space: Keyspace) -> Operation:
    async def run(session: Session, random: Random) -> None:
        arguments = read.arguments(Pick(space, random))
        for query in read.queries:
            taken = tuple(arguments[place] for place in query.uses)
            sql = query.sql(optimised=session.optimised)
            if query.cache:
                await session.cached_read(f"{query.cache}:{taken[0]}", sql, *taken)
            else:
                await session.fetch(sql, *taken)

    return Operation(read.name, "read", read.weight, run, read.description)


def _write_operation(write: Write, weight: float, space: Keyspace) -> Operation:
    async def run(session: Session, random: Random) -> None:
        await write(session, Pick(space, random))

    return Operation(write.__name__, "write", weight, run, (write.__doc__ or "").strip())
