"""What this role may see and do on this server, and what has to be left out because of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, LiteralString

from candlefish.advise.plans.explain import Connection
from candlefish.advise.quoting import quote
from candlefish.advise.statements import Table

MANAGERS: Final = ("rds_superuser", "cloudsqlsuperuser", "azure_pg_admin", "alloydbsuperuser")
"""What managed servers give in the place of a superuser: members may create the extensions that the service allows."""

READ_ALL_SINCE: Final = 140000
"""server_version_num from which on there is a role pg_read_all_data."""

_SHOWN: Final = 5
"""Tables named in a sentence; the others are counted."""

_SERVER: Final[LiteralString] = """
SELECT current_setting('server_version_num')::int, current_user, u.rolsuper, u.rolbypassrls OR u.rolsuper,
       u.rolcreatedb OR u.rolsuper, pg_is_in_recovery(), current_setting('track_io_timing')::bool,
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),
       has_database_privilege(current_database(), 'CREATE'),
       current_setting('pg_stat_statements.max', true) IS NOT NULL,
       EXISTS (SELECT FROM pg_roles m WHERE m.rolname = ANY (%s) AND pg_has_role(current_user, m.oid, 'USAGE'))
FROM pg_roles u WHERE u.rolname = current_user
"""

_EXTENSIONS: Final[LiteralString] = """
SELECT a.name, n.nspname, e.extversion,
       coalesce((SELECT bool_and(v.superuser AND NOT v.trusted) FROM pg_available_extension_versions v
                 WHERE v.name = a.name AND v.version = a.default_version), true)
FROM pg_available_extensions a
LEFT JOIN pg_extension e ON e.extname = a.name LEFT JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE a.name IN ('hypopg', 'pg_stat_statements')
"""

_TABLES: Final[LiteralString] = """
SELECT n.nspname, c.relname,
       pg_has_role(current_user, c.relowner, 'USAGE') AND has_schema_privilege(n.oid, 'CREATE'),
       has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'),
       row_security_active(c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
ORDER BY 1, 2
"""

_SEQUENCES: Final[LiteralString] = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'S' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT'))
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the role may do. `statements_schema` is "" where pg_stat_statements was not created in this database."""

    server_version: int  # server_version_num
    role: str
    superuser: bool
    reads_statistics: bool
    """Whether it sees other roles' statements (pg_read_all_stats, pg_monitor)."""
    may_create_database: bool
    in_recovery: bool
    track_io_timing: bool
    statements_schema: str = ""
    statements_version: tuple[int, ...] = ()
    statements_loaded: bool = False
    """Whether the server counts statements: the module is in shared_preload_libraries."""
    hypopg_installed: bool = False
    hypopg_available: bool = False
    may_create_hypopg: bool = False
    owned: frozenset[Table] = frozenset()
    """Tables that it may build indexes on: it has their owner's rights, and may create in their schema."""
    not_owned: tuple[Table, ...] = ()
    unreadable: tuple[Table, ...] = ()
    unreadable_sequences: tuple[Table, ...] = ()
    filtered: tuple[Table, ...] = ()
    """Tables of which row-level security hides rows from it: a copy of them is not whole."""

    @property
    def counts_statements(self) -> bool:
        """Tell whether there is a pg_stat_statements to read here."""
        return bool(self.statements_schema) and self.statements_loaded

    @property
    def owned_ratio(self) -> float:
        """Return the share of tables that it may build indexes on, 1.0 where there are none."""
        total = len(self.owned) + len(self.not_owned)
        return len(self.owned) / total if total else 1.0

    def may_build(self, table: Table) -> bool:
        """Tell whether it may build an index on a table here and now."""
        return table in self.owned and not self.in_recovery

    def grant_to_read(self) -> str:
        """Return the statements that let this role read the tables that it may not read now."""
        role = quote(self.role)
        if self.server_version >= READ_ALL_SINCE:
            return f"GRANT pg_read_all_data TO {role}"
        schemas = ", ".join(quote(name) for name in sorted({table.schema for table in self.unreadable}))
        return f"GRANT USAGE ON SCHEMA {schemas} TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA {schemas} TO {role}"

    def left_out(self) -> tuple[str, ...]:
        """Return one sentence for each thing that can't be done, with what would allow it."""
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if self.in_recovery:
            yield "this server is a replica: indexes are built on its primary, and what is written is counted there"
        yield from self._about_statements()
        yield from self._about_planning()
        yield from self.about_tables()

    def about_tables(self) -> Iterator[str]:
        """Give one sentence for each way in which tables are out of this role's reach."""
        if self.unreadable:
            yield f"{self.role} may not read {named(self.unreadable)}: {self.grant_to_read()}"
        if self.filtered:
            yield f"row-level security hides rows of {named(self.filtered)}: a role with BYPASSRLS sees them"
        if self.unreadable_sequences:
            yield f"{self.role} may not read {named(self.unreadable_sequences)}: in the copy they begin at their start"
        if self.not_owned:
            yield f"{self.role} may not build indexes on {named(self.not_owned)}: apply as the owner"

    def _about_statements(self) -> Iterator[str]:
        if not self.statements_loaded:
            yield "the server counts no statements: add pg_stat_statements to shared_preload_libraries and restart it"
        elif not self.statements_schema:
            yield "pg_stat_statements is loaded, but not in this database: CREATE EXTENSION pg_stat_statements"
        if not self.reads_statistics:
            yield f"statements of other roles are hidden: GRANT pg_read_all_stats TO {quote(self.role)}"

    def _about_planning(self) -> Iterator[str]:
        if not self.hypopg_installed:
            if not self.hypopg_available:
                way = "the server has no HypoPG"
            else:
                way = f"CREATE EXTENSION hypopg{'' if self.may_create_hypopg else ', as a superuser'}"
            yield f"the planner is not asked what-if questions in the database itself: {way}"
        if not self.track_io_timing:
            yield "time spent on reading is not counted: ALTER SYSTEM SET track_io_timing = on"


def read_abilities(connection: Connection) -> Abilities:
    """Return what the connection's role may see and do; every answer comes from the catalog, nothing is tried out."""
    row = connection.execute(_SERVER, (list(MANAGERS),)).fetchone()
    assert row is not None
    version, role, superuser, bypasses, creates, recovering, timing, reads, may_create, loaded, manages = row
    extensions = {one[0]: one[1:] for one in connection.execute(_EXTENSIONS).fetchall()}
    schema, extension_version, _ = extensions.get("pg_stat_statements", (None, None, True))
    hypopg_schema, _, needs_superuser = extensions.get("hypopg", (None, None, True))
    tables = [(Table(row[0], row[1]), *row[2:]) for row in connection.execute(_TABLES).fetchall()]
    return Abilities(
        server_version=version,
        role=role,
        superuser=superuser,
        reads_statistics=reads or superuser,
        may_create_database=creates,
        in_recovery=recovering,
        track_io_timing=timing,
        statements_schema=schema or "",
        statements_version=_version(extension_version),
        statements_loaded=loaded,
        hypopg_installed=hypopg_schema is not None,
        hypopg_available="hypopg" in extensions,
        may_create_hypopg="hypopg" in extensions and (superuser or manages or (may_create and not needs_superuser)),
        owned=frozenset(table for table, owns, *_ in tables if owns),
        not_owned=tuple(table for table, owns, *_ in tables if not owns),
        unreadable=tuple(table for table, _, reads_it, _ in tables if not reads_it),
        unreadable_sequences=tuple(Table(*row) for row in connection.execute(_SEQUENCES).fetchall()),
        filtered=tuple(table for table, _, reads_it, hides in tables if hides and reads_it and not bypasses),
    )


def _version(text: Any) -> tuple[int, ...]:
    return tuple(int(part) for part in str(text).split(".") if part.isdigit()) if text else ()


def named(tables: tuple[Table, ...]) -> str:
    """Return a few names, and how many more there are."""
    names = ", ".join(map(str, tables[:_SHOWN]))
    return names if len(tables) <= _SHOWN else f"{names} and {len(tables) - _SHOWN} more tables"
