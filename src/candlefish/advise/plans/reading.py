"""From a plan to the accesses of its tables."""

from collections.abc import Iterator, Mapping, Sequence

from candlefish.advise.plans.access import Access, Predicate, SortKey, make_predicate, make_sort_key
from candlefish.advise.plans.conditions import (
    Comparison,
    Condition,
    Either,
    Other,
    conjuncts,
    parse_condition,
    references,
    with_alias,
)
from candlefish.advise.plans.explain import CONDITIONS, Node
from candlefish.advise.plans.tokens import tokenize, unquote
from candlefish.advise.statements import Table

_EXTREMES = ("min", "max")


def read_accesses(plan: Node, roots: Mapping[Table, Table]) -> tuple[Access, ...]:
    """Return how a plan reads each table; `roots` gives a partition's partitioned table, which is named instead."""
    scanned = _scanned(plan)
    if len(scanned) == 1:
        (alias,) = scanned
        plan = plan.rename(lambda text: with_alias(text, alias))
    conditions = [part for text in _conditions(plan) for part in conjuncts(parse_condition(text))]
    needed, whole = _needed(plan)
    limited = any(node.type == "Limit" for node in plan.walk())
    targets = {_table(node) for node in plan.walk() if node.type == "ModifyTable"}
    locks = any(node.type == "LockRows" for node in plan.walk())
    accesses = [
        Access(
            table=roots.get(table, table),
            alias=alias,
            predicates=_predicates(conditions, alias),
            branches=_branches(conditions, alias),
            orders=_orders(plan, alias, "Sort Key") + _extremes(plan, alias),
            groups=_orders(plan, alias, "Group Key"),
            needed=None if alias in whole or table in targets or locks else needed.get(alias, frozenset()),
            limited=limited,
            is_target=table in targets,
        )
        for alias, table in scanned.items()
    ]
    return tuple(dict.fromkeys(accesses))


def _scanned(plan: Node) -> dict[str, Table]:
    return {
        str(node.facts["Alias"]): _table(node)
        for node in plan.walk()
        if "Relation Name" in node.facts and node.type != "ModifyTable"
    }


def _table(node: Node) -> Table:
    return Table(str(node.facts.get("Schema", "")), str(node.facts.get("Relation Name", "")))


def _conditions(plan: Node) -> Iterator[str]:
    for node in plan.walk():
        yield from node.texts(*CONDITIONS)


def _predicates(conditions: Sequence[Condition], alias: str) -> tuple[Predicate, ...]:
    found = (_as_predicate(condition, alias) for condition in conditions)
    return tuple(dict.fromkeys(predicate for predicate in found if predicate is not None))


def _as_predicate(condition: Condition, alias: str) -> Predicate | None:
    if isinstance(condition, Comparison):
        return make_predicate(condition, alias)
    if isinstance(condition, Other) and {name for name, _ in references(condition.text)} == {alias}:
        key = make_sort_key(condition.text, alias)  # a boolean column, or a call that is true
        if key is not None and key.column:
            return Predicate(key.expression, key.column, "=", "false" if condition.negated else "true", constant=True)
    return None


def _branches(conditions: Sequence[Condition], alias: str) -> tuple[tuple[tuple[Predicate, ...], ...], ...]:
    found = []
    for condition in conditions:
        if isinstance(condition, Either):
            branches = tuple(_predicates(list(conjuncts(part)), alias) for part in condition.parts)
            if any(branches):
                found.append(branches)
    return tuple(dict.fromkeys(found))


def _orders(plan: Node, alias: str, kind: str) -> tuple[tuple[SortKey, ...], ...]:
    found = []
    for node in plan.walk():
        keys = [make_sort_key(text, alias) for text in node.texts(kind)]
        if keys and all(key is not None for key in keys):
            found.append(tuple(key for key in keys if key is not None))
    return tuple(dict.fromkeys(found))


def _extremes(plan: Node, alias: str) -> tuple[tuple[SortKey, ...], ...]:
    """Return the order that min(x) or max(x) asks for."""
    found = []
    for node in plan.walk():
        if node.type != "Aggregate":
            continue
        for text in node.texts("Output"):
            tokens = tokenize(text)
            if len(tokens) > 3 and tokens[0].text in _EXTREMES and tokens[1].text == "(" and tokens[-1].text == ")":
                key = make_sort_key(text[len(tokens[0].text) + 1 : -1], alias)
                if key is not None:
                    found.append((SortKey(key.expression, key.column),))
    return tuple(dict.fromkeys(found))


def _needed(plan: Node) -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Return the columns that each alias is asked for, and the aliases whose rows are taken whole.

    A scan below another node may print all its columns although nobody asks for them (a "physical" target list), so
    its output counts only where nothing above it prints one.
    """
    columns: dict[str, set[str]] = {}
    whole: set[str] = set()
    for node, has_output_above in _with_ancestry(plan, False):
        hides = has_output_above and "Relation Name" in node.facts
        for text in node.expressions(output=not hides):
            for alias, column in references(text):
                columns.setdefault(alias, set()).add(column)
            tokens = tokenize(text)
            whole |= {
                unquote(tokens[at].text)
                for at in range(len(tokens) - 2)
                if tokens[at + 1].kind == "dot" and tokens[at + 2].text == "*"
            }
    return {alias: frozenset(names) for alias, names in columns.items()}, frozenset(whole)


def _with_ancestry(node: Node, has_output_above: bool) -> Iterator[tuple[Node, bool]]:
    yield node, has_output_above
    below = has_output_above or bool(node.facts.get("Output"))
    for child in node.children:
        yield from _with_ancestry(child, below)
