"""Whether rules fit the database: tables and columns that are there, and old rows that hold what keys are made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from candlefish.changes.source import Connection
from candlefish.client.rules import Rule
from candlefish.errors import CheckFailed, closest
from candlefish.results import Finding

_LOOK = """
with wanted as (select to_regclass(%s)::oid as oid),
     parts as (select oid from wanted union select relid from wanted, pg_partition_tree(oid) where isleaf)
select c.oid::regclass::text, c.relkind::text, c.relreplident::text, c.relpersistence::text,
       array(select attname::text from pg_attribute
             where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = ''),
       array(select a.attname::text from pg_index i join pg_attribute a on a.attrelid = i.indrelid
             and a.attnum = any(i.indkey) where i.indrelid = c.oid
             and case c.relreplident when 'd' then i.indisprimary when 'i' then i.indisreplident end)
from parts join pg_class c using (oid) order by c.relkind = 'p' desc
"""
"""The table and its partitions: kind, REPLICA IDENTITY, persistence, columns that are sent, columns of old rows."""


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    kind: str
    identity: str
    persistence: str
    columns: list[str]
    in_identity: list[str]


def check_rules(connection: Connection, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """Return what keeps rules from being followed in this database; each finding is critical."""
    return tuple(finding for rule in rules for finding in _check(rule, _fetch(connection, rule.table)))


def require_fit(connection: Connection, rules: Sequence[Rule]) -> None:
    """Raise CheckFailed with every reason why the rules can't be followed."""
    findings = check_rules(connection, rules)
    if findings:
        hints = dict.fromkeys(finding.hint for finding in findings if finding.hint)
        raise CheckFailed(
            "the rules do not fit the database",
            detail="\n        ".join(dict.fromkeys(f"{finding.subject}: {finding.message}" for finding in findings)),
            hint="; ".join(hints),
        )


def quote_table(table: str) -> str:
    """Return schema.table with both names quoted for SQL."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in table.split("."))


def _fetch(connection: Connection, table: str) -> list[_Table]:
    rows = connection.execute(_LOOK, [quote_table(table)]).fetchall()
    return [_Table(*row) for row in rows]  # type: ignore[arg-type]  # the query says what they are


def _check(rule: Rule, tables: list[_Table]) -> Iterator[Finding]:
    if not tables:
        yield Finding(rule.table, "critical", "there is no such table")
    for table in tables:
        yield from _check_table(rule, table)


def _check_table(rule: Rule, table: _Table) -> Iterator[Finding]:
    if table.kind not in "rp":
        yield Finding(rule.table, "critical", f"{table.name} is no table, so it has no changes")
        return
    if table.persistence != "p":
        yield Finding(rule.table, "critical", f"{table.name} is not logged: its changes are not in the WAL")
    for name in sorted(rule.needed - {*table.columns}):
        message = f"{table.name} sends no column {name}{closest(name, table.columns)}"
        yield Finding(rule.table, "critical", message, "a generated column is not sent: use what it is made of")
    if table.identity != "f":
        yield from _check_identity(rule, table)


def _check_identity(rule: Rule, table: _Table) -> Iterator[Finding]:
    hint = f"alter table {table.name} replica identity full"
    if not table.in_identity and table.kind != "p":
        message = f"{table.name} has no replica identity: once published, its updates and deletes would be refused"
        yield Finding(rule.table, "critical", message, hint)
        return
    lacking = sorted(rule.needed & {*table.columns} - {*table.in_identity})
    if lacking:
        message = f"the old rows of {table.name} lack {', '.join(lacking)}"
        yield Finding(rule.table, "critical", message, hint)
