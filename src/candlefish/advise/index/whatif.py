"""What a statement would cost with other indexes: HypoPG's hypothetical ones, asked about and remembered.

Nothing is built and nobody else sees them: they live in this connection.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import psycopg

from candlefish.advise.index.definition import Index
from candlefish.advise.plans.acting import acting
from candlefish.advise.plans.explain import Connection, Node, explain
from candlefish.advise.statements import Table

METHODS: Final = frozenset({"btree", "brin", "hash"})
"""Of what HypoPG 1.3 knows, what is proposed; it has neither GIN nor GiST (HypoPG #97)."""


_CREATE: Final = """
SELECT indexrelid::bigint, indexname, hypopg_relation_size(indexrelid) FROM hypopg_create_index(%s)
"""


@dataclass(frozen=True, slots=True)
class Planned:
    """The planner's cost of a statement, and the hypothetical indexes that its plan reads."""

    cost: float
    used: frozenset[Index]


@dataclass(slots=True)
class _Known:
    offered: frozenset[Index]
    planned: Planned


@dataclass(slots=True)
class WhatIf:
    """Ask the planner; an answer is found again for every set of indexes between those used and those offered.

    `leaves` names the partitions of each partitioned table, on which HypoPG wants its indexes. `refused` collects the
    indexes that PostgreSQL would not build, with its words.
    """

    connection: Connection
    leaves: Mapping[Table, tuple[Table, ...]] = field(default_factory=dict)
    refused: dict[Index, str] = field(default_factory=dict)
    asked: int = 0
    roles: dict[str, str] = field(default_factory=dict)
    """By a statement's text, whose row-level security it is planned with."""
    _present: dict[Index, tuple[int, ...]] = field(default_factory=dict)
    _by_name: dict[str, Index] = field(default_factory=dict)
    _known: dict[str, list[_Known]] = field(default_factory=dict)
    _sizes: dict[Index, int] = field(default_factory=dict)

    def plan(self, text: str, indexes: frozenset[Index]) -> Planned:
        """Return what a statement costs with these indexes beside those that exist."""
        known = self._known.setdefault(text, [])
        for one in known:
            if one.planned.used <= indexes <= one.offered:
                return one.planned
        self._offer(indexes)
        node = self.explain(text)
        used = frozenset(self._by_name[name] for name in node.index_names() if name in self._by_name)
        planned = Planned(node.cost, used)
        known.append(_Known(indexes, planned))
        return planned

    def explain(self, text: str, *, verbose: bool = False) -> Node:
        """Return the plan with the indexes that are offered at the moment, as its role would get it."""
        self.asked += 1
        with acting(self.connection, self.roles.get(text, "")):
            return explain(self.connection, text, verbose=verbose)

    def plan_with(self, text: str, indexes: frozenset[Index]) -> Node:
        """Return the whole plan with these indexes."""
        self._offer(indexes)
        return self.explain(text)

    def size_bytes(self, index: Index) -> int:
        """Return HypoPG's size of an index: without deduplication, with some air (HypoPG #64)."""
        if index not in self._sizes:
            self._create(index)
        return self._sizes.get(index, 0)

    def usable(self, indexes: Iterable[Index]) -> tuple[Index, ...]:
        """Return the indexes that PostgreSQL would build; the others are in `refused` then."""
        found = tuple(index for index in indexes if index.method in METHODS and self.size_bytes(index))
        self._offer(frozenset())
        return found

    def close(self) -> None:
        """Forget every hypothetical index."""
        self._offer(frozenset())

    def _offer(self, indexes: frozenset[Index]) -> None:
        for index in set(self._present) - indexes:
            self._drop(index)
        for index in indexes - set(self._present):
            self._create(index)

    def _create(self, index: Index) -> None:
        if index in self.refused or index in self._present:
            return
        oids, size = [], 0
        try:
            for table in self.leaves.get(index.table, (index.table,)):
                text = _on(index, table).render()
                row = self.connection.execute(_CREATE, (text,)).fetchone()
                assert row is not None
                oids.append(int(row[0]))
                self._by_name[str(row[1])] = index
                size += int(row[2])
        except psycopg.Error as error:
            self.refused[index] = (error.diag.message_primary or str(error)).strip()
            self._drop_oids(oids)
            return
        self._present[index] = tuple(oids)
        self._sizes.setdefault(index, size)

    def _drop(self, index: Index) -> None:
        self._drop_oids(self._present.pop(index))

    def _drop_oids(self, oids: Iterable[int]) -> None:
        for oid in oids:
            self.connection.execute("SELECT hypopg_drop_index(%s::bigint::oid)", (oid,))


def _on(index: Index, table: Table) -> Index:
    return Index(table, index.keys, index.method, index.include, index.where, index.unique, index.options)
