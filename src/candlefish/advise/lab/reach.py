"""What of a database a role can copy: its tables as a whole, a part of their rows, or not at all."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from candlefish.advise.abilities import Abilities
from candlefish.advise.catalog.model import Catalog
from candlefish.advise.quoting import quote_table
from candlefish.advise.statements import Table


@dataclass(frozen=True, slots=True)
class Reach:
    """Tables that are not copied, sequences that begin at their start in the copy, tables with rows that are hidden."""

    role: str = ""
    without: frozenset[Table] = frozenset()
    sequences: tuple[Table, ...] = ()
    filtered: frozenset[Table] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Tell whether a copy has every row of every table."""
        return not self.without and not self.filtered

    def of(self, catalog: Catalog) -> Catalog:
        """Return the part of a catalog that is copied."""
        tables = {table: facts for table, facts in catalog.tables.items() if table not in self.without}
        return replace(catalog, tables=tables)

    def dump_options(self) -> Iterator[str]:
        """Give pg_dump's options; a name in double quotes is no pattern."""
        for table in sorted(self.without):
            yield f"--exclude-table={quote_table(table)}"
        for sequence in self.sequences:
            yield f"--exclude-table-data={quote_table(sequence)}"
        if self.filtered:
            yield "--enable-row-security"


def reach_of(abilities: Abilities, catalog: Catalog) -> Reach:
    """Return what a role can copy; of a partitioned table with a part that it may not read, nothing."""
    refused = set(abilities.unreadable)
    roots = {_root(table, catalog) for table in refused}
    without = {table for table in catalog.tables if table in refused or _root(table, catalog) in roots}
    filtered = {table for table in abilities.filtered if table not in without}
    return Reach(abilities.role, frozenset(without), abilities.unreadable_sequences, frozenset(filtered))


def _root(table: Table, catalog: Catalog) -> Table:
    facts = catalog.tables.get(table)
    return table if facts is None or facts.parent is None else _root(facts.parent, catalog)
