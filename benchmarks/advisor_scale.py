"""How long `candlefish advise` takes for many statements on many tables, and how much memory.

    .venv/bin/python benchmarks/advisor_scale.py --tables 500 --statements 1000 --json

A database is made for it in a server of its own; the command runs as a process of its own, whose peak is measured.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Final

import psycopg

from candlefish.advise.lab.server import scratch_server

ROWS: Final = 3000
"""Of each table: 60 pages, so that an index is worth a thought."""

_SHAPES: Final = (
    "select * from {t} where customer = {n}",
    "select id, at from {t} where status = 'open' and at > '2026-01-02' order by at desc limit 10",
    "select count(*) from {t} where lower(name) = 'name {n}'",
    "select a.id, b.total from {t} a join {u} b on b.customer = a.id where a.customer = {n}",
    "update {t} set total = {n} where name = 'Name {n}'",
)


def make_database(dsn: str, tables: int) -> None:
    """Make the tables."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION hypopg")
        for number in range(tables):
            connection.execute(
                f"CREATE TABLE t{number} (id int PRIMARY KEY, customer int, status text, at timestamptz, name text,"
                f" total int, note text); INSERT INTO t{number} SELECT i, i % 500, CASE WHEN i % 50 = 0 THEN 'open'"
                f" ELSE 'done' END, '2026-01-01'::timestamptz + i * interval '1 minute', 'Name ' || i, i,"
                f" repeat('x', 90) FROM generate_series(1, {ROWS}) AS i".encode()
            )
        connection.execute("VACUUM ANALYZE")


def workload(statements: int, tables: int) -> str:
    """Return the statements, spread over the tables."""
    return ";\n".join(
        _SHAPES[(at + 2 * (at // tables)) % len(_SHAPES)].format(
            t=f"t{at % tables}", u=f"t{(at + 1) % tables}", n=at % 500
        )
        for at in range(statements)
    )


def main() -> None:
    """Run it once and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=500)
    parser.add_argument("--statements", type=int, default=1000)
    parser.add_argument("--lab", default="none", help="as the command's: none, or scratch to build and measure too")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with scratch_server({}) as server, tempfile.TemporaryDirectory() as folder:
        make_database(server.conninfo(), arguments.tables)
        file = Path(folder) / "workload.sql"
        file.write_text(workload(arguments.statements, arguments.tables))
        command = ["advise", server.conninfo(), "--workload", str(file), "--lab", arguments.lab, "--json"]
        begun = perf_counter()
        done = subprocess.run(
            [Path(sys.executable).parent / "candlefish", *command], stdout=subprocess.PIPE, check=True
        )
        seconds = perf_counter() - begun
    found = json.loads(done.stdout)
    row = {
        "tables": arguments.tables,
        "statements": found["statements"],
        "lab": arguments.lab,
        "seconds": round(seconds, 1),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024),
        "recommendations": len(found["recommendations"]),
        "candidates": found["counts"]["candidates"],
        "plans": found["counts"]["plans"],
    }
    print(json.dumps(row) if arguments.json else "\n".join(f"{name:<16}{value}" for name, value in row.items()))


if __name__ == "__main__":
    main()
