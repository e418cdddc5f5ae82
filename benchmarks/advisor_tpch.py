"""TPC-H at scale 0.1: the planner's cost and the real time with the indexes that are advised, by storage budget.

    python3 -m venv /tmp/tpchgen && /tmp/tpchgen/bin/pip install tpchgen-cli==4.0.0
    .venv/bin/python benchmarks/advisor_tpch.py --tpchgen /tmp/tpchgen/bin/tpchgen-cli --json

As in published comparisons: no keys to begin with, no parallel plans, 19 statements (all but Q2, Q17 and Q20, which
would outweigh the rest), budgets in HypoPG's own megabytes. `--all` takes the 22. `--peers` adds other advisors, as
peers/index_advisors.py says. Costs are of HypoPG's hypothetical
indexes; times of real ones, each statement three times, the sets in turns, ended after CAP_S.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import psycopg

from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.index.search import SearchOptions, search
from candlefish.advise.index.whatif import WhatIf
from candlefish.advise.lab.server import scratch_server
from candlefish.advise.plans.explain import Connection
from candlefish.advise.statements import Table, Workload
from candlefish.advise.workload.sql_file import load_file
from peers.index_advisors import PEERS

HERE: Final = Path(__file__).parent / "tpch"
TABLES: Final = ("region", "nation", "part", "supplier", "partsupp", "customer", "orders", "lineitem")
LEFT_OUT: Final = ("min(ps_supplycost)", "0.2 * avg(l_quantity)", "0.5 * sum(l_quantity)")
"""By which Q2, Q17 and Q20 are known."""

BUDGETS_MB: Final = (25, 50, 100)
CAP_S: Final = 20
ROUNDS: Final = 3

_CREATED: Final = re.compile(r" ON (?:public\.)?(\w+) (?:USING btree )?\(([\w, ]+)\)")
"""Of a statement without quotes."""

_KEYS: Final = {
    "region": ["r_regionkey"],
    "nation": ["n_nationkey", "n_regionkey"],
    "part": ["p_partkey"],
    "supplier": ["s_suppkey", "s_nationkey"],
    "partsupp": ["ps_partkey ps_suppkey", "ps_suppkey"],
    "customer": ["c_custkey", "c_nationkey"],
    "orders": ["o_orderkey", "o_custkey"],
    "lineitem": ["l_orderkey l_linenumber", "l_partkey l_suppkey", "l_suppkey"],
}
"""What most schemas have: an index for each primary and foreign key."""


@dataclass(frozen=True, slots=True)
class Set:
    """Indexes, and how long somebody thought about them."""

    name: str
    indexes: tuple[Index, ...]
    seconds: float = 0.0
    failed: str = ""
    """Why another advisor gave none."""


def load(dsn: str, tpchgen: str, folder: Path) -> None:
    """Make the tables and fill them."""
    subprocess.run([tpchgen, "csv", "-s", "0.1", f"--output-dir={folder}"], check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute((HERE / "schema.sql").read_bytes())
        for table in TABLES:
            with (
                (folder / f"{table}.csv").open("rb") as file,
                connection.cursor().copy(f"COPY {table} FROM STDIN WITH (FORMAT csv, HEADER)".encode()) as into,
            ):
                while block := file.read(1 << 20):
                    into.write(block)
        connection.execute("CREATE EXTENSION hypopg")
        connection.execute("VACUUM ANALYZE")


def advised(connection: Connection, workload: Workload, budget_mb: int | None) -> Set:
    """Return what candlefish's search chooses within a budget of HypoPG's megabytes."""
    begun = perf_counter()
    budget = budget_mb * 1_000_000 if budget_mb is not None else 1 << 40
    options = SearchOptions(budget, hypopg_sizes=True, with_instead=False)
    found = search(connection, workload, load_catalog(connection), options)
    name = f"candlefish {budget_mb} MB" if budget_mb is not None else "candlefish, no limit"
    return Set(name, tuple(found.chosen), perf_counter() - begun)


def by_peer(dsn: str, name: str, file: Path) -> Set:
    """Return what another advisor says of the statements."""
    begun = perf_counter()
    try:
        statements = PEERS[name](dsn, file)
    except RuntimeError as error:
        return Set(name, (), perf_counter() - begun, str(error))
    seconds = perf_counter() - begun
    found = [_CREATED.search(statement.replace('"', "")) for statement in statements]
    indexes = [
        Index(Table("public", one[1]), tuple(Key(column.strip()) for column in one[2].split(",")))
        for one in found
        if one is not None
    ]
    return Set(name, tuple(indexes), seconds)


def keys() -> Set:
    """Return an index for each key."""
    indexes = [
        Index(Table("public", table), tuple(Key(column) for column in columns.split()))
        for table, several in _KEYS.items()
        for columns in several
    ]
    return Set("primary and foreign keys", tuple(indexes))


def by_command(dsn: str, file: Path) -> tuple[list[str], float]:
    """Return the statements that the command advises by default, measured in its lab, and its seconds."""
    begun = perf_counter()
    command = [str(Path(sys.executable).parent / "candlefish"), "advise", dsn, "--workload", str(file), "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return [one["statement"] for one in json.loads(done.stdout)["recommendations"]], perf_counter() - begun


def cost(connection: Connection, workload: Workload, indexes: Sequence[Index]) -> tuple[float, int]:
    """Return what the planner says of all statements with hypothetical indexes, and HypoPG's size of them."""
    whatif = WhatIf(connection)
    chosen = frozenset(whatif.usable(indexes))
    total = sum(whatif.plan(one.samples[0], chosen).cost for one in workload.statements)
    size = sum(map(whatif.size_bytes, chosen))
    whatif.close()
    return total, size


def run(connection: Connection, workload: Workload, sets: Sequence[tuple[str, Sequence[str]]]) -> list[dict[str, Any]]:
    """Return bytes and seconds for sets of real indexes, each built anew in each round."""
    times: list[list[list[float]]] = [[[] for _ in workload.statements] for _ in sets]
    sizes = [0] * len(sets)
    for _ in range(ROUNDS):
        for at, (_, statements) in enumerate(sets):
            for statement in statements:
                connection.execute(statement.replace("CONCURRENTLY ", "").encode())
            connection.execute("VACUUM ANALYZE")
            sizes[at] = _index_bytes(connection)
            for number, one in enumerate(workload.statements):
                times[at][number].append(_seconds(connection, one.samples[0]))
            _drop_all(connection)
    return [
        {"real_mb": round(size / 1e6, 1), "seconds": round(sum(map(statistics.median, found)), 2)}
        for size, found in zip(sizes, times, strict=True)
    ]


def _seconds(connection: Connection, text: str) -> float:
    connection.execute(f"SET statement_timeout = '{CAP_S}s'".encode())
    begun = perf_counter()
    try:
        connection.execute(text.encode()).fetchall()
    except psycopg.errors.QueryCanceled:
        return float(CAP_S)
    finally:
        connection.execute("SET statement_timeout = 0")
    return perf_counter() - begun


def _index_bytes(connection: Connection) -> int:
    row = connection.execute(
        "SELECT coalesce(sum(pg_relation_size(indexrelid)), 0)::bigint FROM pg_stat_user_indexes"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _drop_all(connection: Connection) -> None:
    for (name,) in connection.execute("SELECT indexrelname FROM pg_stat_user_indexes").fetchall():
        connection.execute(f'DROP INDEX "{name}"'.encode())


def main() -> None:
    """Search, build, measure, print a row for each set."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tpchgen", default="tpchgen-cli")
    parser.add_argument("--peers", default="", help=f"of {', '.join(PEERS)}, with commas")
    parser.add_argument("--all", action="store_true", help="with Q2, Q17 and Q20")
    parser.add_argument("--json", action="store_true", help="one object a line")
    arguments = parser.parse_args()
    settings = {"max_parallel_workers_per_gather": "0", "work_mem": "32MB"}
    with scratch_server(settings) as server, tempfile.TemporaryDirectory() as name:
        folder, dsn = Path(name), server.conninfo()
        load(dsn, arguments.tpchgen, folder)
        text = (HERE / "statements.sql").read_text()
        wanted = [one for one in text.split(";") if arguments.all or not any(mark in one for mark in LEFT_OUT)]
        file = folder / "statements.sql"
        file.write_text(";".join(wanted))
        workload = load_file(file)
        with psycopg.connect(dsn, autocommit=True) as connection:
            before, _ = cost(connection, workload, ())
            sets = [Set("none", ()), keys()]
            sets += [advised(connection, workload, budget) for budget in (*BUDGETS_MB, None)]
            sets += [by_peer(dsn, name, file) for name in arguments.peers.split(",") if name]
            rows = []
            for one in sets:
                after, size = cost(connection, workload, one.indexes)
                row = {"set": one.name, "indexes": len(one.indexes), "search_s": round(one.seconds, 1)}
                row |= {"failed": one.failed} if one.failed else {}
                rows.append(row | {"cost_percent": round(100 * after / before, 1), "hypopg_mb": round(size / 1e6, 1)})
            statements, seconds = by_command(dsn, file)
            rows.append(
                {"set": "candlefish advise, measured", "indexes": len(statements), "search_s": round(seconds, 1)}
            )
            real = [(one.name, [index.render() for index in one.indexes]) for one in sets]
            measured = run(connection, workload, [*real, ("measured", statements)])
    for row, found in zip(rows, measured, strict=True):
        full = {"statements": len(workload.statements), **row, **found}
        print(
            json.dumps(full) if arguments.json else "  ".join(f"{key} {value}" for key, value in full.items()),
            flush=True,
        )


if __name__ == "__main__":
    main()
