"""Score an index advisor on small cases, each beside the best of every sensible answer, found by building them.

    .venv/bin/python benchmarks/advisor_cases.py --advisor candlefish --json

For each case a database is made, every answer is built and measured, and the advisor is asked; then nothing, the best
answer and the advice run in turns. Time is good within 3 times of the best answer's (or 0.1 ms), size within twice (or
64 kB). Where no index must be advised, any is wrong. Peers need what peers/index_advisors.py says.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

from candlefish.advise.advisor import AdviseOptions, advise
from candlefish.advise.lab.server import ScratchServer, scratch_server
from candlefish.advise.plans.explain import Connection
from candlefish.advise.workload.sql_file import parse_sql
from candlefish.errors import CandlefishError
from cases import btree, contents, joins, none
from cases.case import Case
from peers.index_advisors import PEERS, PeerAdvisor

CASES: Final = (*btree.CASES, *contents.CASES, *joins.CASES, *none.CASES)

TIMES, SLACK_MS = 3.0, 0.1
SIZES, SLACK_BYTES = 2.0, 64 << 10
NEAR: Final = 1.1
"""The known-good is the smallest answer within a tenth of the quickest."""

ROUNDS: Final = 5

Advisor = Callable[[Case, str, Path], Sequence[str]]
"""(case, address, file with the workload) -> statements that it would run."""


@dataclass(frozen=True, slots=True)
class Score:
    """One case: what was advised, and how it does beside nothing and beside the best answer."""

    case: str
    advised: tuple[str, ...]
    best: tuple[str, ...]
    none_ms: float
    best_ms: float
    advised_ms: float
    best_bytes: int
    advised_bytes: int
    time_good: bool
    size_good: bool
    note: str = ""


def by_candlefish(case: Case, address: str, workload: Path) -> Sequence[str]:
    """Return what candlefish advises."""
    found = advise(address, AdviseOptions(workload=workload))
    return [one.statement for one in found.recommendations]


def by_nobody(case: Case, address: str, workload: Path) -> Sequence[str]:
    """Return nothing: shows what the judge says of doing nothing."""
    return []


def by_the_book(case: Case, address: str, workload: Path) -> Sequence[str]:
    """Return the first answer written down: shows that the judge finds good answers good."""
    return [*(case.answers[0] if case.answers else ()), *(f"drop index {name}" for name in case.drops)]


def by_peer(peer: PeerAdvisor) -> Advisor:
    """Return another advisor in the form in which it is asked here."""
    return lambda case, address, workload: peer(address, workload)


ADVISORS: Final[dict[str, Advisor]] = {
    "candlefish": by_candlefish,
    "nobody": by_nobody,
    "book": by_the_book,
    **{name: by_peer(peer) for name, peer in PEERS.items()},
}


def judge(server: ScratchServer, case: Case, advisor: Advisor, folder: Path) -> Score:
    """Return the score of an advisor on a case."""
    with psycopg.connect(server.conninfo(), autocommit=True) as admin:
        admin.execute("DROP DATABASE IF EXISTS advised WITH (FORCE)")
        admin.execute("CREATE DATABASE advised")
    address = server.conninfo("advised")
    workload = folder / "workload.sql"
    workload.write_text(case.workload)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(case.setup.encode())
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    try:
        advised, note = tuple(advisor(case, address, workload)), ""
    except (CandlefishError, psycopg.Error, RuntimeError, subprocess.SubprocessError) as error:
        advised, note = (), f"failed: {error}"
    with psycopg.connect(address, autocommit=True) as connection:
        return _score(connection, case, advised, note)


def _score(connection: Connection, case: Case, advised: tuple[str, ...], note: str) -> Score:
    statements = [(one.samples[0], one.calls_per_hour) for one in parse_sql(case.workload, "case").statements]
    reads = [(text, calls) for text, calls in statements if case.answers or not text.startswith(("update", "insert"))]
    measured = {answer: _measure(connection, reads, [answer])[0] for answer in case.answers}
    best = _best(measured) if measured else ()
    (none_ms, _), (best_ms, best_bytes), (ms, size) = _measure(connection, reads, [(), best, advised])
    if not case.answers:
        made = [one for one in advised if one.lower().startswith("create")]
        return Score(case.name, advised, best, none_ms, best_ms, ms, best_bytes, size, not made, not made, note)
    return Score(
        case.name,
        advised,
        best,
        none_ms,
        best_ms,
        ms,
        best_bytes,
        size,
        time_good=ms <= max(TIMES * best_ms, best_ms + SLACK_MS),
        size_good=size <= max(SIZES * best_bytes, best_bytes + SLACK_BYTES),
        note=note,
    )


def _best(measured: dict[tuple[str, ...], tuple[float, int]]) -> tuple[str, ...]:
    quickest = min(ms for ms, _ in measured.values())
    near = [answer for answer, (ms, _) in measured.items() if ms <= max(NEAR * quickest, quickest + 0.02)]
    return min(near, key=lambda answer: measured[answer][1])


def _measure(
    connection: Connection, statements: list[tuple[str, float]], sets: Sequence[tuple[str, ...]]
) -> list[tuple[float, int]]:
    """Return (milliseconds of all statements, bytes of the indexes) for sets of indexes, measured in turns."""
    times: list[list[list[float]]] = [[[] for _ in statements] for _ in sets]
    sizes = [0] * len(sets)
    for _ in range(ROUNDS):
        for number, made in enumerate(sets):
            before = _index_bytes(connection)
            with connection.transaction(force_rollback=True):
                for statement in made:
                    connection.execute(statement.replace("CONCURRENTLY", "").encode())
                if any("((" in statement or "lower(" in statement for statement in made):
                    connection.execute("ANALYZE")  # an index on an expression has statistics of its own
                sizes[number] = _index_bytes(connection) - before
                for at, (text, _) in enumerate(statements):
                    _once(connection, text)
                    times[number][at].append(min(_once(connection, text), _once(connection, text)))
    return [
        (sum(statistics.median(found) * calls for found, (_, calls) in zip(one, statements, strict=True)), size)
        for one, size in zip(times, sizes, strict=True)
    ]


def _once(connection: Connection, text: str) -> float:
    with connection.transaction(force_rollback=True):
        row = connection.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {text}".encode()).fetchone()
    assert row is not None
    plan: dict[str, Any] = row[0][0]
    return float(plan["Planning Time"]) + float(plan["Execution Time"])


def _index_bytes(connection: Connection) -> int:
    row = connection.execute(
        "SELECT coalesce(sum(pg_relation_size(c.oid)), 0)::bigint FROM pg_class c JOIN pg_namespace n"
        " ON n.oid = relnamespace WHERE relkind = 'i' AND nspname !~ '^pg_'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def main() -> None:
    """Judge the cases that were asked for, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--advisor", default="candlefish", choices=ADVISORS)
    parser.add_argument("--only", help="cases whose name contains this")
    parser.add_argument("--json", action="store_true", help="one object a line")
    arguments = parser.parse_args()
    chosen = [case for case in CASES if not arguments.only or arguments.only in case.name]
    scores = []
    with scratch_server({}, collate="en_US.UTF-8") as server, tempfile.TemporaryDirectory() as folder:
        for case in chosen:
            score = judge(server, case, ADVISORS[arguments.advisor], Path(folder))
            scores.append(score)
            print(
                json.dumps({"advisor": arguments.advisor, **asdict(score)}) if arguments.json else line(score),
                flush=True,
            )
    times, both = sum(one.time_good for one in scores), sum(one.time_good and one.size_good for one in scores)
    print(f"{arguments.advisor}: {times} of {len(scores)} good in time, {both} in size too", file=sys.stderr)


def line(score: Score) -> str:
    """Return a score for people."""
    marks = ("time " if score.time_good else "TIME ") + ("size" if score.size_good else "SIZE")
    figures = f"{score.none_ms:9.2f} {score.best_ms:9.3f} {score.advised_ms:9.3f} ms"
    sizes = f"{score.best_bytes / 1e6:7.2f} {score.advised_bytes / 1e6:7.2f} MB"
    return f"{score.case:34} {marks}  {figures} {sizes}  {score.note or '; '.join(score.advised)}"


if __name__ == "__main__":
    main()
