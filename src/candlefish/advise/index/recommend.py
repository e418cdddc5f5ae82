"""From an index that was found worth it to a recommendation that can be read, run and undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from candlefish.advise.advice import Confidence, Effect, Recommendation, WritePrice
from candlefish.advise.catalog.model import Catalog
from candlefish.advise.index.definition import Index
from candlefish.advise.index.naming import index_name
from candlefish.advise.index.steps import steps_of
from candlefish.advise.quoting import quote

UNIQUE_RATIO: Final = 0.999
"""Different values over rows from which on a column looks unique: ANALYZE says -1 of it, as far as its sample goes."""

FEWEST_UNIQUE_ROWS: Final = 1000
"""In fewer rows different values are a coincidence."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of an index: real size where it was built, statements with and without it, price for writes."""

    size_bytes: int
    confidence: Confidence
    measured: bool
    effects: tuple[Effect, ...] = ()
    price: WritePrice | None = None
    build_s: float | None = None


def recommend(index: Index, proof: Proof, catalog: Catalog) -> Recommendation:
    """Return the recommendation to create an index."""
    name = index_name(index)
    steps = steps_of(index, catalog)
    concurrently = " CONCURRENTLY" if len(steps) == 1 else ""  # a partitioned index can't be dropped concurrently
    return Recommendation(
        id=name.rsplit("_", 1)[-1],
        kind="create index",
        table=index.table,
        name=name,
        statement=";\n".join(step.statement for step in steps),
        undo=f"DROP INDEX{concurrently} IF EXISTS {quote(index.table.schema)}.{quote(name)}",
        reason=_reason(index, proof.effects) + _unique(index, catalog),
        size_bytes=proof.size_bytes,
        before_ms=_hourly(proof.effects, before=True),
        after_ms=_hourly(proof.effects, before=False),
        measured=proof.measured,
        confidence=proof.confidence,
        write_price=proof.price,
        build_s=proof.build_s,
        effects=proof.effects,
        steps=steps,
    )


def _unique(index: Index, catalog: Catalog) -> str:
    """Say that a column's values look unique: whether they must stay so, only the application's authors know."""
    facts = catalog.tables[index.table]
    name = index.keys[0].column
    if index.method != "btree" or len(index.keys) > 1 or index.where or not name:
        return ""
    distinct = facts.columns[name].distinct
    if facts.rows < FEWEST_UNIQUE_ROWS or distinct < UNIQUE_RATIO * facts.rows:
        return ""
    return f"; every {name} looks unique: CREATE UNIQUE INDEX, where that must stay so"


def _hourly(effects: Sequence[Effect], *, before: bool) -> float | None:
    times = [(one.calls_per_hour, one.before_ms if before else one.after_ms) for one in effects]
    known = [calls * ms for calls, ms in times if ms is not None]
    return sum(known) if known else None


def _reason(index: Index, effects: Sequence[Effect]) -> str:
    """Return one sentence: what it is good for."""
    kinds = {
        "brin": "a block range index: the table lies in the order of its column",
        "hash": "a hash index: long values that are asked for by equality alone",
        "gin": "an inverted index: statements look for parts inside its values",
        "gist": "a GiST index: statements ask what overlaps or lies within",
        "spgist": "an SP-GiST index",
        "btree": "a b-tree",
    }
    words = [kinds[index.method]]
    if any(key.expression for key in index.keys):
        words.append("on the expression that statements compare")
    if index.where:
        words.append(f"of the rows alone where {index.where}")
    if index.include:
        words.append(f"with {', '.join(index.include)} included, so that the table need not be visited")
    number = len(effects)
    return f"{' '.join(words)}; {number} statement{'s' if number != 1 else ''} would use it"
