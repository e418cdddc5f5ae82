"""A plan as text, a line a node, as EXPLAIN writes it."""

from collections.abc import Iterator
from typing import Final

from candlefish.advise.plans.explain import Node

_SHOWN: Final = (
    "Index Cond",
    "Recheck Cond",
    "Filter",
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "Sort Key",
    "Group Key",
)


def show_plan(node: Node) -> str:
    """Return the plan with estimated and (where it ran) real rows."""
    return "\n".join(_lines(node, 0))


def _lines(node: Node, depth: int) -> Iterator[str]:
    facts = node.facts
    words = [node.type]
    if "Index Name" in facts:
        words.append(f"using {facts['Index Name']}")
    if "Relation Name" in facts:
        words.append(f"on {facts['Relation Name']}")
        if facts.get("Alias", facts["Relation Name"]) != facts["Relation Name"]:
            words.append(str(facts["Alias"]))
    numbers = f"cost={facts['Total Cost']:.0f} rows={facts.get('Plan Rows', 0):.0f}"
    if "Actual Rows" in facts:
        numbers += f"; actual rows={facts['Actual Rows']:.0f} loops={facts.get('Actual Loops', 1):.0f}"
    pad = "  " * depth
    yield f"{pad}{'-> ' if depth else ''}{' '.join(words)}  ({numbers})"
    for key in _SHOWN:
        if key in facts:
            yield f"{pad}     {key}: {', '.join(node.texts(key))}"
    if facts.get("Rows Removed by Filter"):
        yield f"{pad}     Rows Removed by Filter: {facts['Rows Removed by Filter']:.0f}"
    for child in node.children:
        yield from _lines(child, depth + 1)
