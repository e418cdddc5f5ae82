"""Writers and readers while the PostgreSQL primary is killed."""

import asyncio
from random import Random
from time import perf_counter
from typing import Any, Final

from candlefish import Database
from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from harness.faults import kill_postgres
from harness.samples import percentile
from loads.errors import count_unpromised
from loads.facts import Calls, Facts
from loads.ids import Fates, find_truth, write_ids
from loads.timeline import longest_gap_s

WRITERS, READERS = 12, 12

BEFORE_S, AFTER_S = 4.0, 6.0
"""Seconds of load before the fault, and after writes are acknowledged again."""

RETURN_S: Final = 60.0
"""Seconds in which writes have to be taken again: a failover takes 2 to 21, measured."""

LOOK_S: Final = 0.05


async def kill_primary(stack: Stack, endpoints: Endpoints, expected: dict[int, str]) -> dict[str, Any]:
    """Kill the primary and its Patroni; a replica is promoted."""
    node = await asyncio.to_thread(stack.require_primary)
    fates, calls, random = Fates(), Calls(), Random(1)
    async with (
        Database(endpoints.main_url, read_urls=endpoints.read_urls) as db,
        asyncio.TaskGroup() as group,
    ):
        for writer in range(WRITERS):
            group.create_task(write_ids(db, writer, fates))
        facts = Facts(db, expected)
        for _ in range(READERS):
            group.create_task(facts.read_database(calls, random))
        await asyncio.sleep(BEFORE_S)
        killed_at = perf_counter()
        await asyncio.to_thread(kill_postgres, stack, node)
        back = await _written_after(fates, killed_at + 1.0)  # until then what was under way may be acknowledged
        await asyncio.sleep(AFTER_S)
        fates.finished = calls.finished = True
    return await _row(endpoints, fates, calls, back)


async def _written_after(fates: Fates, moment: float) -> bool:
    while not (fates.times and fates.times[-1] > moment):
        if perf_counter() > moment + RETURN_S:
            return False
        await asyncio.sleep(LOOK_S)
    return True


async def _row(endpoints: Endpoints, fates: Fates, calls: Calls, back: bool) -> dict[str, Any]:
    truth = await asyncio.to_thread(find_truth, endpoints.main_url, fates)
    took = sorted(call.took_s for call in calls.answers)
    return {
        "scenario": "PostgreSQL primary killed",
        "library": "candlefish",
        "tasks": WRITERS + READERS,
        "acknowledged": len(fates.acknowledged),
        "acknowledged_and_lost": truth.lost,
        "doubled": truth.doubled,
        "unknown": len(fates.unknown),
        "unknown_and_written": truth.unknown_written,
        "refused": len(fates.refused),
        "refused_but_written": truth.refused_written,
        "error_kinds": dict(fates.errors.kinds),
        "writes_came_back": back,
        "longest_gap_of_writes_s": longest_gap_s(fates.times),
        "longest_write_s": fates.longest_s,
        "reads": len(calls.answers),
        "errors": calls.errors.total + count_unpromised(fates.errors.kinds),
        "read_error_kinds": dict(calls.errors.kinds),
        "wrong": calls.wrong,
        "error_examples": fates.errors.examples | calls.errors.examples,
        "longest_gap_of_reads_s": longest_gap_s(call.at for call in calls.answers),
        "longest_read_s": took[-1],
        "p50_ms": percentile(took, 0.50) * 1e3,
        "p99_ms": percentile(took, 0.99) * 1e3,
    }
