"""B-trees whose work another one does as well: its keys begin with theirs."""

from typing import Final

from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.index.definition import ExistingIndex
from candlefish.advise.lints.changes import Why, drop_index, leaves_of, subject, why_kept
from candlefish.advise.lints.facts import LintFacts
from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.sameness import includes, is_same
from candlefish.results import Finding

MOST_TIMES_LARGER: Final = 3.0
"""How much larger the index that remains may be, as a ratio of sizes. A deduplicated entry takes 6 bytes a row and one
with a unique key of 8 bytes takes 20 (nbtree): beyond that the wider one holds values of its own, and scanning it
instead costs more than the narrow one does (PgHero #354)."""


def check_redundant(catalog: Catalog, facts: LintFacts, gone: frozenset[int] = frozenset()) -> LintResult:
    """Return what a wider index makes superfluous; indexes in `gone` (oids) are advised away already and count for
    nothing.

    A unique index is never superfluous beside a wider one: it enforces more. Where the wider index is much larger
    there is a finding and no recommendation.
    """
    findings, drops = [], []
    for table in catalog.tables.values():
        alive = [index for index in table.indexes if index.valid and not index.parent and index.oid not in gone]
        left = list(alive)
        for narrow in sorted(alive, key=_width, reverse=True):  # so that nothing goes for one that goes itself
            wide = _wider(narrow, left)
            if wide is None or narrow.index.unique or why_kept(narrow, table, facts):
                continue
            size, other = (_size(one, table, catalog) for one in (narrow, wide))
            said = f"redundant: the keys of {wide.name} begin with its own"
            if other > MOST_TIMES_LARGER * size:
                ratio = f"{other / max(size, 1):.1f} times"
                hint = f"{wide.name} is {ratio} as large, so reading it instead may be slower: measure before dropping"
                findings.append(Finding(subject(narrow), "info", said, hint))
                continue
            left.remove(narrow)
            drop = drop_index(narrow, table, Why(f"{said}{_unique(wide)}", "medium"), size)
            drops.append(drop)
            findings.append(Finding(subject(narrow), "warning", drop.reason, drop.statement))
    return LintResult(tuple(findings), tuple(drops))


def _wider(narrow: ExistingIndex, others: list[ExistingIndex]) -> ExistingIndex | None:
    """Return the smallest index that does the work of another one and is not its twin."""
    found = [
        other
        for other in others
        if other.oid != narrow.oid and includes(other.index, narrow.index) and not is_same(other, narrow)
    ]
    return min(found, key=lambda other: (other.size_bytes, other.name), default=None)


def _width(existing: ExistingIndex) -> tuple[int, int, str]:
    return len(existing.index.keys), len(existing.index.include), existing.name


def _size(existing: ExistingIndex, table: TableFacts, catalog: Catalog) -> int:
    return sum(leaf.size_bytes for leaf in leaves_of(existing, table, catalog))


def _unique(wide: ExistingIndex) -> str:
    return ", and it stays because it is unique" if wide.index.unique else ""
