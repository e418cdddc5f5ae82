"""Stampedes: 2 processes with 500 callers each ask for one key that nobody has, whose loader takes 200 ms.

python benchmarks/stampede.py
python benchmarks/stampede.py --kill        the process that loads is killed half-way; the others are looked at
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from harness.cell_options import add_common, several
from harness.ending import told
from harness.peers_environment import peers_python
from harness.progress import show_progress
from harness.redis_server import RedisServer, redis_server
from harness.table import render_json
from peers.comparison import chosen
from peers.crowd import Call, CrowdJob
from peers.crowd_process import Crowd
from peers.entries import Entry, databases
from peers.outcomes import Outcome, outcome_of, render_outcomes, row_of

PROCESSES: Final = 2
CALLERS: Final = 500
"""In each process."""

LOAD_S: Final = 0.2

NOTICE_S: Final = 0.1
"""Between telling the processes and the common start: each has read its line by then."""

REPETITIONS: Final = 5
OUR_REPETITIONS: Final = 50
"""One hole in fifty shows; a peer that lets more than one loader run does so in five."""

ENTRIES: Final = (
    Entry("redis-py", "default pool", "redis_py"),
    Entry("redis-py", "pool of 50", "redis_py", {"connections": 50}),
    Entry("cashews", "default", "cashews", {"connections": 50}),
    Entry("cashews", "lock=True", "cashews", {"connections": 50, "lock": True}),
    Entry("aiocache", "cached", "aiocache", {"connections": 50}),
    Entry("aiocache", "cached_stampede, lease 2 s", "aiocache", {"connections": 50, "lease_s": 2.0}),
    Entry("dogpile.cache", "own lock, threads", "dogpile", {"connections": 50}, threads=True),
    Entry(
        "dogpile.cache", "distributed lock, threads", "dogpile", {"connections": 50, "distributed_lock": True},
        threads=True,
    ),
    Entry("candlefish", "default", "candlefish"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stampede:
    """The processes of one entry, and the repetitions."""

    job: CrowdJob
    python: Path
    kill: bool
    numbers: Iterator[int]

    async def repeat(self, repetitions: int, step: Callable[[str], None]) -> list[Outcome]:
        """Run so many stampedes, each on a key of its own; the first after a start of a process counts for nothing."""
        crowds: list[Crowd] = []
        outcomes = []
        try:
            for repetition in range(repetitions):
                step(f"{self.job.entry.label}, repetition {repetition + 1}")
                if await self._replenish(crowds):
                    await self._run(crowds, kill=False)
                outcomes.append(await self._run(crowds, kill=self.kill))
        finally:
            for crowd in crowds:
                await crowd.end()
        return outcomes

    async def _replenish(self, crowds: list[Crowd]) -> bool:
        crowds[:] = [crowd for crowd in crowds if crowd.runs]
        complete = len(crowds) == PROCESSES
        while len(crowds) < PROCESSES:
            crowds.append(await Crowd.start(self.python, self.job))
        return not complete

    async def _run(self, crowds: list[Crowd], *, kill: bool) -> Outcome:
        call = Call(next(self.numbers), time.monotonic() + NOTICE_S)
        for crowd in crowds:
            crowd.ask(call)
        victim = await self._kill_loading(crowds) if kill else None
        return outcome_of([await crowd.answer() for crowd in crowds if crowd is not victim])

    async def _kill_loading(self, crowds: list[Crowd]) -> Crowd:
        loading = {asyncio.create_task(crowd.loading.wait()): crowd for crowd in crowds}
        first, later = await asyncio.wait(loading, return_when=asyncio.FIRST_COMPLETED)
        await asyncio.sleep(LOAD_S / 2)
        for waiting in later:
            waiting.cancel()
        victim = loading[first.pop()]
        await victim.kill()
        return victim


async def measure(server: RedisServer, given: argparse.Namespace) -> list[dict[str, object]]:
    """Run the stampedes of every entry, one entry after the other."""
    entries = chosen(ENTRIES, frozenset(given.libraries))
    python, database = peers_python(), databases(ENTRIES)
    repetitions = {entry.label: given.repetitions or _default_repetitions(entry) for entry in entries}
    facts = {"processes": PROCESSES, "callers": PROCESSES * CALLERS, "loader_seconds": LOAD_S, "killed": given.kill}
    rows = []
    with show_progress(sum(repetitions.values())) as step:
        for entry in entries:
            job = CrowdJob(entry, server.plain.into(database[entry.label]), CALLERS, LOAD_S)
            stampede = Stampede(job, python, given.kill, count())
            rows.append(row_of(entry, await stampede.repeat(repetitions[entry.label], step), facts))
    return rows


def _default_repetitions(entry: Entry) -> int:
    return OUR_REPETITIONS if entry.library == "candlefish" else REPETITIONS


def main() -> None:
    """Measure, and print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kill", action="store_true", help="kill the process that loads, half-way through the load")
    parser.add_argument("--repetitions", type=int, help=f"default: {OUR_REPETITIONS}, of others {REPETITIONS}")
    parser.add_argument("--libraries", type=several(str), default=[], help="those alone, such as cashews,candlefish")
    add_common(parser)
    given = parser.parse_args()
    with told(), redis_server(given.port) as server:
        rows = asyncio.run(measure(server, given))
    print(render_json(rows) if given.json else render_outcomes(rows))


if __name__ == "__main__":
    main()
