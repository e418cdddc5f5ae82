"""EXPLAIN of one statement as a tree of nodes."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import psycopg

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]

_EXPRESSIONS: Final = (
    "Output", "Filter", "Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter", "TID Cond",
    "Order By", "Sort Key", "Group Key", "One-Time Filter", "Cache Key",
)  # fmt: skip
"""What of a node is written in columns of the tables below it."""

CONDITIONS: Final = ("Filter", "Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter")


@dataclass(frozen=True, slots=True)
class Node:
    """One node: what EXPLAIN says of it, and its children."""

    facts: Mapping[str, Any]
    children: "tuple[Node, ...]"

    @property
    def type(self) -> str:
        """Return what kind of node it is, such as "Seq Scan"."""
        return str(self.facts["Node Type"])

    @property
    def cost(self) -> float:
        """Return the planner's total cost."""
        return float(self.facts["Total Cost"])

    def rename(self, change: Callable[[str], str]) -> "Node":
        """Return the same tree with every expression changed."""
        facts = dict(self.facts)
        for key in _EXPRESSIONS:
            if key in facts:
                old = facts[key]
                facts[key] = change(old) if isinstance(old, str) else [change(text) for text in old]
        return Node(facts, tuple(child.rename(change) for child in self.children))

    def texts(self, *keys: str) -> Iterator[str]:
        """Give what stands under some keys, lists item by item."""
        for key in keys:
            found = self.facts.get(key, ())
            yield from (found,) if isinstance(found, str) else found

    def expressions(self, *, output: bool = True) -> Iterator[str]:
        """Give every expression of this node."""
        yield from self.texts(*(key for key in _EXPRESSIONS if output or key != "Output"))
        for grouping in self.facts.get("Grouping Sets", ()):
            for keys in grouping.get("Group Keys", ()):
                yield from keys

    def walk(self) -> "Iterator[Node]":
        """Give this node and all below it, from the top."""
        yield self
        for child in self.children:
            yield from child.walk()

    def index_names(self) -> frozenset[str]:
        """Return the names of the indexes that the plan reads."""
        return frozenset(str(node.facts["Index Name"]) for node in self.walk() if "Index Name" in node.facts)


def explain(connection: Connection, text: str, *, verbose: bool = False) -> Node:
    """Return the plan of a statement, which is not run; psycopg's error where there is none."""
    options = "FORMAT JSON, VERBOSE" if verbose else "FORMAT JSON"
    row = connection.execute(f"EXPLAIN ({options}) {text}".encode()).fetchone()
    assert row is not None
    plans = row[0] if isinstance(row[0], list) else json.loads(row[0])
    return make_node(plans[0]["Plan"])


def make_node(plan: Mapping[str, Any]) -> Node:
    """Return the tree of a plan in EXPLAIN's JSON."""
    return Node(plan, tuple(make_node(child) for child in plan.get("Plans", ())))
