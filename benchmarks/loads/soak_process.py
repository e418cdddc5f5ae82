"""The process that a soak looks at: it does nothing but use the client, and tells how far it is.

python -m loads.soak_process JOB
"""

import asyncio
import sys
from dataclasses import dataclass
from itertools import cycle, islice
from random import Random

import msgspec

from candlefish import Cache, CacheError, Database, DatabaseError
from harness.loops import run_on
from loads.everything import TTL_S, Done, Everything

WORKERS = 64

TELL_S = 1.0
"""Seconds between two lines of progress."""


@dataclass(frozen=True, slots=True)
class Job:
    """Where to go and how far."""

    main_url: str
    read_urls: tuple[str, ...]
    sentinel_url: str
    cache_operations: int
    statements: int
    loop: str
    seed: int


@dataclass(frozen=True, slots=True)
class Progress:
    """One line: what was done, the tasks that live, and whether the client is closed again."""

    cache_operations: int
    statements: int
    wrong: int
    gave_up: int
    errors: dict[str, int]
    examples: dict[str, str]
    tasks: int
    closed: bool = False


async def soak(job: Job) -> None:
    """Do everything until there was enough of it; tell once more when the client is closed."""
    done = Done()
    async with (
        Database(job.main_url, read_urls=job.read_urls) as db,
        Cache(sentinel_url=job.sentinel_url, ttl_s=TTL_S) as cache,
    ):
        everything = Everything(db, cache, done, Random(job.seed))
        teller = asyncio.create_task(_tell_again_and_again(done))
        async with asyncio.TaskGroup() as group:
            for worker in range(WORKERS):
                group.create_task(_work(everything, done, job, worker))
        teller.cancel()
    await asyncio.gather(teller, return_exceptions=True)
    _tell(done, closed=True)


async def _work(everything: Everything, done: Done, job: Job, worker: int) -> None:
    """Take turns: some cache operations, then one statement, so that both end together."""
    share = len(everything.cache_mix) * worker // WORKERS
    cache_mix = islice(cycle(everything.cache_mix), share, None)
    statement_mix = islice(cycle(everything.statement_mix), len(everything.statement_mix) * worker // WORKERS, None)
    while done.cache_operations < job.cache_operations or done.statements < job.statements:
        behind = done.cache_operations * job.statements <= done.statements * job.cache_operations
        operation = next(cache_mix) if behind else next(statement_mix)
        try:
            await operation()
        except (DatabaseError, CacheError) as error:
            done.errors.add(error, operation.__name__.lstrip("_"))


async def _tell_again_and_again(done: Done) -> None:
    while True:
        _tell(done)
        await asyncio.sleep(TELL_S)


def _tell(done: Done, *, closed: bool = False) -> None:
    progress = Progress(
        done.cache_operations, done.statements, done.wrong, done.gave_up, dict(done.errors.kinds), done.errors.examples,
        len(asyncio.all_tasks()), closed,
    )  # fmt: skip
    print(msgspec.json.encode(progress).decode(), flush=True)


if __name__ == "__main__":
    job = msgspec.json.decode(sys.argv[1], type=Job)
    run_on(job.loop, soak(job))
