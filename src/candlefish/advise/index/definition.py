"""What an index is: its table, keys, predicate; and the SQL that makes it."""

from dataclasses import dataclass, replace
from typing import Literal

from candlefish.advise.quoting import quote, quote_table
from candlefish.advise.statements import Table

Method = Literal["btree", "hash", "brin", "gin", "gist", "spgist"]


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an index: a column, or an expression as SQL without outer parentheses.

    `opclass` and `collation` are SQL as they stand in CREATE INDEX, "" where the default will do.
    """

    column: str = ""
    expression: str = ""
    opclass: str = ""
    collation: str = ""
    descending: bool = False
    nulls_first: bool | None = None

    def render(self) -> str:
        """Return the key as CREATE INDEX writes it."""
        words = [quote(self.column) if self.column else f"({self.expression})"]
        if self.collation:
            words.append(f"COLLATE {self.collation}")
        if self.opclass:
            words.append(self.opclass)
        if self.descending:
            words.append("DESC")
        if self.nulls_first is not None and self.nulls_first != self.descending:
            words.append("NULLS FIRST" if self.nulls_first else "NULLS LAST")
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Index:
    """An index that is or could be; `where` is its predicate as SQL without outer parentheses."""

    table: Table
    keys: tuple[Key, ...]
    method: Method = "btree"
    include: tuple[str, ...] = ()
    where: str = ""
    unique: bool = False
    options: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the plain columns among its keys, in order."""
        return tuple(key.column for key in self.keys if key.column)

    def render(self, name: str = "", *, concurrently: bool = False) -> str:
        """Return CREATE INDEX; the server names an index without a name."""
        words = ["CREATE UNIQUE INDEX" if self.unique else "CREATE INDEX"]
        if concurrently:
            words.append("CONCURRENTLY")
        if name:
            words.append(quote(name))
        words.append(f"ON {quote_table(self.table)}")
        words.append(f"USING {self.method} ({', '.join(key.render() for key in self.keys)})")
        if self.include:
            words.append(f"INCLUDE ({', '.join(map(quote, self.include))})")
        if self.options:
            words.append(f"WITH ({', '.join(f'{key} = {value}' for key, value in self.options)})")
        if self.where:
            words.append(f"WHERE {self.where}")
        return " ".join(words)

    def without_include(self) -> "Index":
        """Return the same index with its keys alone."""
        return replace(self, include=())


@dataclass(frozen=True, slots=True)
class ExistingIndex:
    """An index that the database has, as the catalog describes it.

    `text` is pg_get_indexdef's. `scans` are those of this server since its statistics began; `constraint` names the
    constraint that it holds up ("" for none), and `parent` the partitioned index that it is a part of.
    """

    name: str
    schema: str
    oid: int
    index: Index
    text: str
    size_bytes: int
    scans: int
    valid: bool = True
    constraint: str = ""
    parent: str = ""
    is_replica_identity: bool = False
    """REPLICA IDENTITY USING INDEX, or CLUSTER ON: it is needed although nothing reads it."""
