"""Catalogs with indexes and foreign keys, in few words."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.unit.advise.tables import catalog, column, table

from candlefish.advise.catalog.model import Catalog, ForeignKey, TableFacts
from candlefish.advise.index.definition import ExistingIndex, Index, Key
from candlefish.advise.lints.facts import LintFacts, Use
from candlefish.advise.statements import Statement, StatementKind, Table, Workload, Writes

ORDERS, USERS = Table("public", "orders"), Table("public", "users")
MB = 1 << 20


def index(name: str, *keys: Key | str, on: Table = ORDERS, **facts: Any) -> ExistingIndex:
    """Return an index; `unique`, `where`, `include`, `method` and `options` go into its definition."""
    parts = {key: facts.pop(key) for key in ("unique", "where", "include", "method", "options") if key in facts}
    made = Index(on, tuple(key if isinstance(key, Key) else Key(key) for key in keys), **parts)
    defaults: dict[str, Any] = {"oid": sum(map(ord, name)) * 1000 + len(name), "size_bytes": MB, "scans": 0}
    defaults |= {"schema": on.schema, "text": made.render(name)}
    return ExistingIndex(name=name, index=made, **(defaults | facts))


def orders(*indexes: ExistingIndex, rows: float = 100_000, **facts: Any) -> TableFacts:
    names = ("id", "user_id", "tenant_id", "status", "note")
    return table(*(column(name) for name in names), name="orders", rows=rows, indexes=indexes, **facts)


def users(*indexes: ExistingIndex) -> TableFacts:
    return table(column("id"), column("tenant_id"), name="users", indexes=indexes, oid=2)


def database(*tables: TableFacts, keys: Iterable[ForeignKey] = (), version: int = 150000) -> Catalog:
    return replace(catalog(*tables), foreign_keys=tuple(keys), server_version=version)


def to_users(*columns: str, name: str = "orders_user_fk", **facts: str) -> ForeignKey:
    referenced = tuple({"user_id": "id"}.get(name, name) for name in columns)
    return ForeignKey(name, ORDERS, columns, USERS, referenced, **facts)


def facts(*, hours: float = 24 * 40, reads: int = 1_000_000, **more: Any) -> LintFacts:
    """Return facts of a primary whose statistics are 40 days old and whose tables are read much."""
    read = {("public", name): reads for name in ("orders", "users", "parts", "part_1", "part_2")}
    return LintFacts(primary=Use("this server", hours, False, {}, read), **more)


def replica(hours: float = 24 * 40, **scans: int) -> Use:
    return Use("replica:5432", hours, True, {("public", name): count for name, count in scans.items()})


def workload(*statements: tuple[StatementKind, str], **writes: Writes) -> Workload:
    made = tuple(Statement(str(at), text, kind, (text,), 1.0) for at, (kind, text) in enumerate(statements))
    return Workload("file", 1.0, made, writes={Table("public", name): one for name, one in writes.items()})
