"""The trial: what the search chose, and what only a real build can tell, built in the lab and judged there."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Final

import psycopg

from candlefish.advise.advice import WritePrice
from candlefish.advise.catalog.model import Catalog, ForeignKey, TableFacts
from candlefish.advise.index.definition import Index
from candlefish.advise.index.extension import create_extension, needed_extension
from candlefish.advise.index.naming import index_name
from candlefish.advise.lab.model import Lab
from candlefish.advise.plans.explain import Connection
from candlefish.advise.proof.bench import LabBench
from candlefish.advise.proof.judge import Judge, Judgement
from candlefish.advise.proof.price import measure_price
from candlefish.advise.proof.references import statements_touching
from candlefish.advise.proof.slim import slim
from candlefish.advise.quoting import quote
from candlefish.advise.statements import Statement, Table, Workload, Writes

BUILD_S: Final = 300
"""Seconds that one build may take in the lab."""

BUILD_MEMORY: Final = "256MB"
"""maintenance_work_mem of the lab's builds."""


@dataclass(frozen=True, slots=True)
class Built:
    """An index that stands in the lab: its name, its real size there in bytes, how long it took."""

    name: str
    size_bytes: int
    build_s: float


@dataclass(slots=True)
class Trial:
    """Indexes that stand in the lab, those that could not be built, and the judge's word."""

    built: dict[Index, Built] = field(default_factory=dict)
    refused: dict[Index, str] = field(default_factory=dict)
    judgement: Judgement = field(default_factory=Judgement)
    prices: dict[Index, WritePrice | None] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    """Statements of which no sample could be run, and what PostgreSQL says of the first."""


def hold_trial(
    lab: Lab,
    candidates: Iterable[Index],
    concerned: Callable[[Index], tuple[Statement, ...]],
    catalog: Catalog,
    workload: Workload,
    references: Mapping[Index, ForeignKey],
    instead: Mapping[Index, tuple[Index, ...]],
    on_step: Callable[[str], None] = lambda _: None,
) -> Trial:
    """Return what became of the candidates when they were built and their statements run.

    `references` are candidates for foreign keys, which the triggers of deletes and updates read; `instead` has smaller
    ones that may take a candidate's place.
    """
    trial = Trial()
    with lab.connect() as connection:
        _prepare(connection)
        touching = {
            index: statements_touching(connection, foreign_key, workload, catalog)
            for index, foreign_key in references.items()
        }

        def all_concerned(index: Index) -> tuple[Statement, ...]:
            return tuple({one.id: one for one in (*concerned(index), *touching.get(index, ()))}.values())

        names: dict[Index, tuple[str, frozenset[str]]] = {}

        def build(index: Index) -> bool:
            return index in trial.built or _build(connection, trial, names, index)

        def price_of(index: Index) -> WritePrice | None:
            built = [place for place, _ in names.values()]
            trial.prices[index] = _price(connection, index, catalog, workload.writes, built)
            return trial.prices[index]

        chosen = tuple(dict.fromkeys((*candidates, *(index for index in touching if touching[index]))))
        for number, index in enumerate(chosen):
            on_step(f"building {number + 1} of {len(chosen)}: {index_name(index)}")
            build(index)
        _settle(connection, trial)
        bench = LabBench(connection, names, {one: frozenset(by.id for by in touching[one]) for one in touching})
        judge = Judge(bench, all_concerned, price_of, on_step)
        trial.judgement = judge.decide(trial.built)
        on_step("trying smaller ones in their place")
        changed = slim(
            bench, trial.judgement, all_concerned, build, instead, lambda index: trial.built[index].size_bytes
        )
        if changed:
            sent_back = trial.judgement.sent_back
            kept = [changed.get(index, index) for index in trial.judgement.kept]
            trial.judgement = judge.decide(kept, trial.judgement)
            trial.judgement.sent_back |= sent_back
        trial.failed = _never_run(workload.statements, bench.failed)
    return trial


def _never_run(statements: Iterable[Statement], failed: Mapping[str, str]) -> dict[str, str]:
    return {one.text: failed[one.samples[0]] for one in statements if one.samples and failed.keys() >= set(one.samples)}


def _prepare(connection: Connection) -> None:
    connection.execute("SELECT set_config('maintenance_work_mem', %s, false)", (BUILD_MEMORY,))
    connection.execute("SELECT set_config('statement_timeout', %s, false)", (f"{BUILD_S}s",))


def _build(connection: Connection, trial: Trial, names: dict[Index, tuple[str, frozenset[str]]], index: Index) -> bool:
    """Build an index; tell whether PostgreSQL did."""
    name, begun = index_name(index), perf_counter()
    needed = needed_extension(index)
    try:
        if needed:
            connection.execute(create_extension(needed).encode())
        connection.execute(index.render(name).encode())
    except psycopg.errors.DatabaseError as error:
        trial.refused[index] = (error.diag.message_primary or str(error)).strip()
        return False
    size, parts = _measure(connection, index.table.schema, name)
    trial.built[index] = Built(name, size, perf_counter() - begun)
    names[index] = (f"{quote(index.table.schema)}.{quote(name)}", parts)
    return True


def _settle(connection: Connection, trial: Trial) -> None:
    """Have the statistics of expressions gathered, and what was built written out."""
    for table in {index.table for index in trial.built}:
        connection.execute(f"ANALYZE {quote(table.schema)}.{quote(table.name)}".encode())
    with suppress(psycopg.errors.InsufficientPrivilege):  # in a given copy; WAL may hold full-page images then
        connection.execute("CHECKPOINT")


def _measure(connection: Connection, schema: str, name: str) -> tuple[int, frozenset[str]]:
    """Return the size of an index, and the names by which plans know it: of a partitioned one, those of its parts."""
    place = f"{quote(schema)}.{quote(name)}"
    rows = connection.execute(
        "SELECT c.relname, pg_relation_size(c.oid) FROM pg_class c WHERE c.oid = %s::regclass"
        " UNION SELECT c.relname, pg_relation_size(c.oid) FROM pg_partition_tree(%s::regclass) t"
        " JOIN pg_class c ON c.oid = t.relid",
        (place, place),
    ).fetchall()
    return sum(int(size or 0) for _, size in rows), frozenset(str(part) for part, _ in rows)


def _price(
    connection: Connection,
    index: Index,
    catalog: Catalog,
    writes: Mapping[Table, Writes],
    built: Iterable[str],
) -> WritePrice | None:
    facts = largest_leaf(catalog, index.table)
    if facts is None:
        return None
    try:
        return measure_price(connection, replace(index, table=facts.table), facts, writes.get(index.table), built)
    except psycopg.errors.DatabaseError:
        return None


def largest_leaf(catalog: Catalog, table: Table) -> TableFacts | None:
    """Return a table, or the largest partition of a partitioned one."""
    facts = catalog.tables.get(table)
    while facts is not None and facts.kind == "partitioned table":
        parts = [one for one in catalog.tables.values() if one.parent == facts.table]
        facts = max(parts, key=lambda one: one.rows, default=None)
    return facts
