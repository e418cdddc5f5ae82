"""Measure entries against each other, cell by cell: fill a server, then round after round one fresh process a row."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from candlefish.errors import EngineError, UsageError
from harness.cell_options import Options
from harness.cells import Cell, by_size
from harness.fresh import FreshFailed, run_fresh
from harness.peers_environment import peers_python
from harness.progress import show_progress
from harness.redis_server import RedisServer, redis_server
from harness.rounds import take_turns
from harness.samples import Sample, summarize
from harness.zipf_keys import key_count
from peers.entries import Entry, databases, fillers
from peers.measure import Job
from peers.rows import Row, rows_of


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared: the entries, the functions of `peers.measure`, and how many keys there are at most."""

    entries: tuple[Entry, ...]
    fill: str
    measure: str
    most_keys: int


def compare(comparison: Comparison, options: Options) -> dict[Cell, list[Row]]:
    """Measure every cell; the cells of one size share a filled server."""
    entries = chosen(comparison.entries, options.libraries)
    python = peers_python()
    turns = {cell: [entry for entry in entries if takes_part(entry, cell)] for cell in options.cells}
    rows: dict[Cell, list[Row]] = {}
    with show_progress(sum(map(len, turns.values())) * options.rounds) as step:
        for size, cells in by_size(options.cells):
            with redis_server(options.port) as server:
                bench = _Bench(comparison, server, python, options, step)
                bench.fill(entries, size)
                for cell in cells:
                    rows[cell] = bench.measure(cell, turns[cell])
    return {cell: rows[cell] for cell in options.cells}


def chosen(entries: tuple[Entry, ...], libraries: frozenset[str]) -> list[Entry]:
    """Return the entries of some libraries, or all."""
    unknown = libraries - {entry.library for entry in entries}
    if unknown:
        raise UsageError(
            f"no such library here: {', '.join(sorted(unknown))}",
            hint="there are " + ", ".join(dict.fromkeys(entry.library for entry in entries)),
        )
    return [entry for entry in entries if not libraries or entry.library in libraries]


def takes_part(entry: Entry, cell: Cell) -> bool:
    """Tell whether a cell says anything of an entry: threads know no event loop."""
    return not entry.threads or cell.loop == "uvloop"


@dataclass(frozen=True, slots=True)
class _Bench:
    comparison: Comparison
    server: RedisServer
    python: Path
    options: Options
    step: Callable[[str], None]

    def fill(self, entries: list[Entry], value_bytes: int) -> None:
        for entry in fillers(self.comparison.entries, entries):
            job = self._job(entry, Cell(value_bytes=value_bytes), seed=0)
            run_fresh(self.python, f"peers.measure:{self.comparison.fill}", job, int)

    def measure(self, cell: Cell, entries: list[Entry]) -> list[Row]:
        samples: dict[str, list[Sample]] = {entry.label: [] for entry in entries}
        for number, entry in take_turns(entries, self.options.rounds):
            self.step(f"{cell.tasks} tasks, {cell.value_bytes} bytes, round {number}: {entry.label}")
            samples[entry.label].append(self._measure_once(self._job(entry, cell, seed=number)))
        return rows_of(cell, [(entry, summarize(samples[entry.label])) for entry in entries])

    def _measure_once(self, job: Job) -> Sample:
        try:
            return run_fresh(self.python, f"peers.measure:{self.comparison.measure}", job, Sample)
        except (FreshFailed, EngineError) as error:
            return Sample(0.0, 0.0, 0.0, 0.0, errors=1, note=str(error))

    def _job(self, entry: Entry, cell: Cell, seed: int) -> Job:
        door = self.server.door(tls=cell.tls).into(self._database(entry))
        keys = key_count(cell.value_bytes, self.comparison.most_keys)
        return Job(entry, door, cell, keys, self.options.seconds, seed)

    def _database(self, entry: Entry) -> int:
        return databases(self.comparison.entries)[entry.label]
