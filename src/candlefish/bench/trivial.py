"""Operations that do next to nothing: what is left of their latency and CPU time is the load generator's own."""

from asyncio import sleep
from random import Random

from candlefish.bench.workload import Operation, Session


async def _nothing(session: Session, random: Random) -> None:
    await sleep(0)


async def _select_one(session: Session, random: Random) -> None:
    await session.fetchval("select 1")


async def _select_one_on_primary(session: Session, random: Random) -> None:
    await session.fetchval("select 1", primary=True)


async def _cached_one(session: Session, random: Random) -> None:
    await session.cached_read(f"trivial:{random.randrange(1000)}", "select 1 as one")


NOTHING = (Operation("nothing", "read", 1.0, _nothing, "yield once to the event loop"),)

SELECT_ONE = (
    Operation("select_one", "read", 9.0, _select_one, "the smallest read"),
    Operation("select_one_on_primary", "write", 1.0, _select_one_on_primary, "the smallest statement there"),
)

CACHED_ONE = (Operation("cached_one", "read", 1.0, _cached_one, "one of 1,000 keys"),)
