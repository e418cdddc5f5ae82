"""What an index is expected to cost those who write, for the search; what is advised is measured later."""

from typing import Final

from candlefish.advise.catalog.model import TableFacts
from candlefish.advise.index.definition import Index
from candlefish.advise.plans.tokens import tokenize, unquote
from candlefish.advise.statements import Writes

ENTRY_MS: Final = {"btree": 0.01, "hash": 0.01, "brin": 0.0005, "gin": 0.1, "gist": 0.05, "spgist": 0.05}
"""CPU and WAL of one entry, by access method: 30,000 inserts with one more b-tree took 0.2 to 0.4 s longer (research,
3d); GIN writes an entry for each element."""

HOT_LOST_FACTOR: Final = 2.0
"""An update that was HOT writes, besides the new entry of each index, page changes of the table (10,000 updates: 0.8
to 5.1 MB of WAL; research, 3d)."""


def estimate_ms_per_hour(index: Index, facts: TableFacts, writes: Writes | None, share: float = 1.0) -> float:
    """Return the milliseconds an hour that an index adds to inserts and updates."""
    if writes is None:
        return 0.0
    entry_ms = ENTRY_MS[index.method] * share
    updated = (
        sum(writes.updated.get(name, 0.0) for name in named_columns(index, facts)) if index.method != "brin" else 0
    )
    others = len(facts.indexes) + 1
    cost_of_update = entry_ms * HOT_LOST_FACTOR * (others if (writes.hot_ratio or 0.0) > 0 else 1)
    return writes.inserts_per_hour * entry_ms + min(updated, writes.updates_per_hour or updated) * cost_of_update


def named_columns(index: Index, facts: TableFacts) -> frozenset[str]:
    """Return the columns whose change writes an index anew: keys, included ones, those of expressions and predicate."""
    texts = [key.expression for key in index.keys] + [index.where]
    words = {unquote(token.text) for text in texts for token in tokenize(text) if token.kind in ("word", "quoted")}
    return frozenset({*index.columns, *index.include, *(words & set(facts.columns))})
