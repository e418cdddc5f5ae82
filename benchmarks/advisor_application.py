"""The reference application: its hand-written indexes beside those that the advisor finds from its workload alone.

    .venv/bin/python benchmarks/advisor_application.py --scale 1 --json

The application runs on its database as it started, while the server writes its log. The advisor gets the address and
the log (`--source statistics`: what pg_stat_statements counted, which keeps no literals). Then the same requests run in
turns on three copies: as it started, with what was advised, with the index part of the hand-written optimisation. A
line for each says milliseconds a request (median of the rounds), bytes of the indexes beside the primary keys, and WAL
bytes a write. The last line is what is advised to the optimised database.
"""

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import psycopg

from candlefish.advise.lab.server import ScratchServer, scratch_server
from candlefish.bench.workload import Operation
from candlefish.demo.dataset import load
from candlefish.demo.operations import operations
from candlefish.demo.optimise import optimise

SETTINGS: Final = {
    "shared_preload_libraries": "pg_stat_statements",
    "max_connections": "40",
    "work_mem": "16MB",
    "random_page_cost": "1.1",  # as the tier's: all of it is in memory, or on flash
    "autovacuum": "on",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}

KINDS: Final = ("read", "write")
FIGURES: Final = ("ms", "read_ms", "write_ms", "wal_bytes_per_write")

_INDEX_BYTES: Final = """
    SELECT coalesce(sum(pg_relation_size(i.indexrelid)), 0)::bigint FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND NOT i.indisprimary"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one copy did: milliseconds of a request, of all and of each operation, and WAL bytes of a write."""

    ms: float
    read_ms: float
    write_ms: float
    wal_bytes_per_write: float
    operations: dict[str, float]


class OneConnection:
    """A session of the application on one connection, without pool, replicas and cache."""

    def __init__(self, connection: asyncpg.Connection, *, optimised: bool) -> None:
        self.optimised = optimised
        self._connection = connection

    async def fetch(self, sql: str, *args: object, primary: bool = False) -> Sequence[Any]:
        """Return the rows of a read."""
        rows: Sequence[Any] = await self._connection.fetch(sql, *args)
        return rows

    async def fetchrow(self, sql: str, *args: object, primary: bool = False) -> Any:
        """Return the first row."""
        return await self._connection.fetchrow(sql, *args)

    async def fetchval(self, sql: str, *args: object, primary: bool = False) -> Any:
        """Return the first value."""
        return await self._connection.fetchval(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        """Run a statement."""
        return str(await self._connection.execute(sql, *args))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["OneConnection"]:
        """Open a transaction."""
        async with self._connection.transaction():
            yield self

    async def cached_read(self, key: str, sql: str, *args: object) -> Sequence[Any]:
        """Read: there is no cache."""
        return await self.fetch(sql, *args)

    def forget(self, transaction: object, *keys: str) -> None:
        """Do nothing: there is no cache."""


def url(server: ScratchServer, database: str) -> str:
    """Return the address of a database, in the form that asyncpg takes too."""
    return f"postgresql:///{database}?host={quote(str(server.folder), safe='')}&user=postgres"


def requests(scale: float, number: int, seed: int) -> list[tuple[Operation, int]]:
    """Return requests by their shares of the load, each with a seed of its own."""
    random, kinds = Random(seed), operations({"scale": scale})
    drawn = random.choices(kinds, [one.weight for one in kinds], k=number)
    return [(operation, random.getrandbits(32)) for operation in drawn]


async def serve(
    address: str, asked: Sequence[tuple[Operation, int]], *, optimised: bool, settings: dict[str, str] | None = None
) -> Run:
    """Serve requests one after the other."""
    connection = await asyncpg.connect(address, server_settings=settings)
    session, spent = OneConnection(connection, optimised=optimised), defaultdict[Operation, list[float]](list)
    await connection.execute("CHECKPOINT")
    start = await connection.fetchval("SELECT pg_current_wal_insert_lsn()::text")
    for operation, seed in asked:
        begun = perf_counter()
        await operation.run(session, Random(seed))
        spent[operation].append((perf_counter() - begun) * 1000)
    wal = await connection.fetchval("SELECT pg_current_wal_insert_lsn() - $1::text::pg_lsn", start)
    await connection.close()
    reads, writes = ([ms for one, all_ms in spent.items() if one.kind == kind for ms in all_ms] for kind in KINDS)
    return Run(
        statistics.fmean([*reads, *writes]),
        statistics.fmean(reads),
        statistics.fmean(writes),
        float(wal) / len(writes),
        {one.name: statistics.fmean(all_ms) for one, all_ms in spent.items()},
    )


def median(runs: Sequence[Run]) -> Run:
    """Return the median of each figure."""
    names = sorted({name for run in runs for name in run.operations})
    ms, read_ms, write_ms, wal = (statistics.median(getattr(run, name) for run in runs) for name in FIGURES)
    by_operation = {
        name: round(statistics.median(run.operations[name] for run in runs if name in run.operations), 3)
        for name in names
    }
    return Run(ms, read_ms, write_ms, wal, by_operation)


def advise(address: str, log: Path | None) -> tuple[dict[str, Any], float]:
    """Return the command's advice, and its seconds."""
    begun = perf_counter()
    command = [str(Path(sys.executable).parent / "candlefish"), "advise", address, "--json"]
    command += ["--log", str(log)] if log is not None else []
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return json.loads(done.stdout), perf_counter() - begun


def copy(server: ScratchServer, source: str, name: str) -> str:
    """Copy a database within its server and return the copy's address."""
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {source}".encode())
    return url(server, name)


def build(address: str, advice: dict[str, Any]) -> None:
    """Do what was advised."""
    with psycopg.connect(address, autocommit=True) as connection:
        for one in advice["recommendations"]:
            connection.execute(one["statement"].encode())


def settle(address: str) -> int:
    """Vacuum and analyse; return the bytes of the indexes that are no primary keys."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        row = connection.execute(_INDEX_BYTES.encode()).fetchone()
    assert row is not None
    return int(row[0])


def watch(server: ScratchServer, address: str, scale: float, number: int, *, optimised: bool) -> None:
    """Let the application run while pg_stat_statements counts and the server logs each statement."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        connection.execute("SELECT pg_stat_statements_reset()")
    asked, settings = requests(scale, number, seed=1), {"log_min_duration_statement": "0"}
    asyncio.run(serve(address, asked, optimised=optimised, settings=settings))


def compare(addresses: dict[str, str], scale: float, number: int, rounds: int) -> dict[str, Run]:
    """Serve the same requests on each copy, in turns, and return the medians."""
    found: dict[str, list[Run]] = {name: [] for name in addresses}
    for turn in range(rounds + 1):
        asked = requests(scale, number, seed=100 + turn)
        for name, address in addresses.items():
            run = asyncio.run(serve(address, asked, optimised=False))
            if turn:  # the first warms up
                found[name].append(run)
            print(f"round {turn}, {name}: {run.ms:.3f} ms a request", file=sys.stderr)
    return {name: median(runs) for name, runs in found.items()}


def main() -> None:
    """Run all of it and print a line for each set of indexes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.2, help="of the data, 1 is three million rows")
    parser.add_argument("--watched", type=int, default=1500, help="requests that the advisor learns from")
    parser.add_argument("--requests", type=int, default=1500, help="of each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--source", default="log", choices=("log", "statistics"))
    parser.add_argument("--json", action="store_true", help="one object a line")
    arguments = parser.parse_args()
    scale = arguments.scale
    with scratch_server(SETTINGS) as server:
        with psycopg.connect(server.conninfo(), autocommit=True) as admin:
            admin.execute("CREATE DATABASE started")
        started = url(server, "started")
        asyncio.run(load(started, scale=scale))
        pristine = "pristine"
        copy(server, "started", pristine)
        watch(server, started, scale, arguments.watched, optimised=False)
        log = server.folder / "log" if arguments.source == "log" else None
        advice, seconds = advise(started, log)
        hand = copy(server, pristine, "by_hand")
        optimise(hand, parts=["indexes"])
        advised = copy(server, pristine, "advised")
        build(advised, advice)
        addresses = {"as it started": url(server, pristine), "advised": advised, "by hand": hand}
        sizes = {name: settle(address) for name, address in addresses.items()}
        runs = compare(addresses, scale, arguments.requests, arguments.rounds)
        for name, run in runs.items():
            extra = {"seconds": round(seconds, 1), "indexes": [o["statement"] for o in advice["recommendations"]]}
            row = {"set": name, "scale": scale, "source": arguments.source, "index_bytes": sizes[name], **asdict(run)}
            say(row | (extra if name == "advised" else {}), as_json=arguments.json)
        optimise(hand)
        watch(server, hand, scale, arguments.watched, optimised=True)
        more, seconds = advise(hand, log)
        statements = [(one["statement"], one["measured"]) for one in more["recommendations"]]
        row = {
            "set": "optimised",
            "scale": scale,
            "source": arguments.source,
            "seconds": round(seconds, 1),
            "advised_more": statements,
        }
        say(row, as_json=arguments.json)


def say(row: dict[str, Any], *, as_json: bool) -> None:
    """Print a line."""
    print(json.dumps(row) if as_json else "  ".join(f"{key} {value}" for key, value in row.items()), flush=True)


if __name__ == "__main__":
    main()
