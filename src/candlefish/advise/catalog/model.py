"""Tables, columns, indexes and foreign keys with their statistics."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from candlefish.advise.index.definition import ExistingIndex
from candlefish.advise.statements import Table


@dataclass(frozen=True, slots=True)
class Column:
    """A column and what ANALYZE found out about it.

    `type` is format_type's text ("character varying(20)", "integer[]"), `base_type` the name in pg_type of what it is
    made of, domains followed ("varchar", "_int4", "jsonb"). `distinct` is a count of values (never negative, 0 where
    nothing is known), `correlation` from -1 to 1. `common` are the most common values as text with their frequency,
    `histogram` bounds as text; both are empty where the role may not see them.
    """

    name: str
    number: int
    type: str
    base_type: str
    not_null: bool
    collation: str = ""
    distinct: float = 0.0
    null_ratio: float = 0.0
    width_bytes: int = 0
    correlation: float = 0.0
    common: tuple[tuple[str, float], ...] = ()
    histogram: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key: `columns` of `table` refer to `referenced_columns` of `referenced`."""

    name: str
    table: Table
    columns: tuple[str, ...]
    referenced: Table
    referenced_columns: tuple[str, ...]
    on_delete: str = "no action"
    on_update: str = "no action"


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A table (also a partitioned one, a partition, a materialized view) with everything that hangs on it.

    `rows` is the planner's count, a partitioned table's that of its leaves. `parent` is the partitioned table it is a
    part of, `partition_key` the columns of a partitioned one.
    """

    table: Table
    oid: int
    kind: str  # "table", "partitioned table", "materialized view", "foreign table"
    rows: float
    size_bytes: int
    columns: Mapping[str, Column]
    indexes: tuple[ExistingIndex, ...] = ()
    primary_key: tuple[str, ...] = ()
    parent: Table | None = None
    partition_key: tuple[str, ...] = ()
    row_security: bool = False
    fillfactor: int = 100
    live_rows: int = 0
    dead_rows: int = 0
    last_analyzed: bool = False


@dataclass(frozen=True, slots=True)
class Catalog:
    """One database. `collation_is_c` tells whether its default collation sorts by bytes."""

    database: str
    server_version: int  # server_version_num
    size_bytes: int
    collation_is_c: bool
    tables: Mapping[Table, TableFacts]
    foreign_keys: tuple[ForeignKey, ...] = ()
    extensions: frozenset[str] = frozenset()
    available_extensions: frozenset[str] = frozenset()
    search_path: tuple[str, ...] = ("public",)
    by_oid: Mapping[int, Table] = field(default_factory=dict)
