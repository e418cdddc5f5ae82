"""Row-level security: whose statements it filters, and the settings that policies ask for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, LiteralString

import psycopg

from candlefish.advise.catalog.model import Catalog, Column
from candlefish.advise.plans.acting import acting
from candlefish.advise.plans.explain import Connection
from candlefish.advise.plans.tokens import unquote
from candlefish.advise.statements import Table, Workload
from candlefish.errors import UsageError

_POLICIES: Final[LiteralString] = """
SELECT schemaname, tablename, roles::text[], concat_ws(' ', qual, with_check) FROM pg_policies
"""

_SECURED: Final[LiteralString] = """
SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relrowsecurity AND n.nspname !~ '^pg_'
"""

_ROLES: Final[LiteralString] = """
SELECT r.rolname, r.rolbypassrls OR r.rolsuper,
       ARRAY(SELECT o.rolname FROM pg_roles o WHERE o.rolname = ANY (%(names)s) AND o.oid <> r.oid AND NOT r.rolsuper
             AND pg_has_role(r.oid, o.oid, 'USAGE'))::text[],
       NOT (r.rolbypassrls OR r.rolsuper) AND EXISTS (
           SELECT FROM pg_class c WHERE c.relrowsecurity
           AND (c.relforcerowsecurity OR NOT pg_has_role(r.oid, c.relowner, 'USAGE')))
FROM pg_roles r WHERE r.rolname = ANY (%(names)s)
"""

_SETTING: Final = re.compile(
    r"""(?:(?P<column>[^\W\d]\w*|"(?:[^"]|"")+")\)?(?:::[\w ]+)?\ =\ [\w(]*)?
        current_setting\('(?P<name>(?:[^']|'')+)'::text[^)]*\)(?P<rest>[^=]*)""",
    re.VERBOSE,
)
"""A setting in a policy as PostgreSQL prints it, with the column that is compared with it."""

_BY_CAST: Final = (("uuid", "00000000-0000-0000-0000-000000000000"), ("int", "1"), ("numeric", "1"), ("bool", "true"))
"""Values for settings that are compared with no column: what their cast takes."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role that matters to policies; `member_of` are others of them whose rights it has."""

    name: str
    bypasses: bool
    member_of: tuple[str, ...]
    is_filtered: bool
    """Whether the policies of any table hold for it."""


@dataclass(frozen=True, slots=True)
class RowSecurity:
    """Roles by name, owners of the tables that have row-level security, and values of the settings in policies."""

    roles: Mapping[str, Role] = field(default_factory=dict)
    owners: Mapping[Table, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


def load_settings(connection: Connection, catalog: Catalog) -> dict[str, str]:
    """Return a value for each setting that policies ask for, and set it on the connection.

    One that the role, the database or the address sets is kept; else a typical value of the column that it is compared
    with.
    """
    found: dict[str, str] = {}
    for schema, name, _, text in connection.execute(_POLICIES).fetchall():
        for match in _SETTING.finditer(text):
            setting = match["name"].replace("''", "'")
            row = connection.execute("SELECT current_setting(%s, true)", (setting,)).fetchone()
            known = str(row[0]) if row is not None and row[0] else ""
            found[setting] = known or found.get(setting) or _value(match, Table(schema, name), catalog)
    for setting, value in found.items():
        connection.execute("SELECT set_config(%s, %s, false)", (setting, value))
    return found


def load_row_security(
    connection: Connection, workload: Workload, settings: Mapping[str, str], user: str
) -> RowSecurity:
    """Return what matters for running the statements as their roles; nothing where no table has row-level security."""
    owners = {Table(schema, name): owner for schema, name, owner in connection.execute(_SECURED).fetchall()}
    if not owners:
        return RowSecurity()
    names = {*owners.values(), user, *(one.role for one in workload.statements if one.role)}
    names |= {one.statement.role for one in workload.refused if one.statement.role}
    names |= {role for _, _, roles, _ in connection.execute(_POLICIES).fetchall() for role in roles} - {"public"}
    rows: list[tuple[Any, ...]] = connection.execute(_ROLES, {"names": sorted(names)}).fetchall()
    roles = {name: Role(name, bypasses, tuple(of), filtered) for name, bypasses, of, filtered in rows}
    return RowSecurity(roles, owners, settings)


def with_filtered_roles(workload: Workload, security: RowSecurity, user: str) -> Workload:
    """Return the statements with a role where policies filter it alone; those of nobody known are this user's.

    Raises UsageError for a role that the server does not have.
    """

    def role_of(name: str) -> str:
        role = security.roles.get(name or user)
        if role is None and name and security.owners:
            raise UsageError(f"the workload names the role {name}, which the server does not have")
        return role.name if role is not None and role.is_filtered else ""

    return replace(
        workload,
        statements=tuple(replace(one, role=role_of(one.role)) for one in workload.statements),
        refused=tuple(
            replace(one, statement=replace(one.statement, role=role_of(one.statement.role))) for one in workload.refused
        ),
    )


def with_possible_roles(connection: Connection, workload: Workload) -> tuple[Workload, tuple[str, ...]]:
    """Return the workload without the roles that can't be taken on here, and what is to be said of roles."""
    possible, said = set(), []
    for name in sorted({one.role for one in workload.statements if one.role}):
        try:
            with acting(connection, name):
                possible.add(name)
        except psycopg.errors.DatabaseError as error:
            if connection.closed:
                raise
            reason = (error.diag.message_primary or str(error)).strip()
            said.append(f"statements of {name} are looked at without its row-level security: {reason}")
    statements = (replace(one, role=one.role if one.role in possible else "") for one in workload.statements)
    return replace(workload, statements=tuple(statements)), tuple(said)


def describe_security(workload: Workload, security: RowSecurity) -> Iterator[str]:
    """Give what row-level security made of the statements."""
    roles = sorted({one.role for one in workload.statements if one.role})
    if roles:
        values = ", ".join(f"{name} = {value}" for name, value in sorted(security.settings.items()))
        yield (
            f"statements of {', '.join(roles)} are those that its row-level security makes of them"
            + (
                f", with {values} (another: options=-c {next(iter(sorted(security.settings)))}=... in the address)"
                if values
                else ""
            )
        )
    elif security.owners and workload.statements:
        yield (
            "row-level security is left out: no statement is known to be of a role that policies filter"
            " (a comment before it in a file says `-- role: NAME`)"
        )


def _value(match: re.Match[str], table: Table, catalog: Catalog) -> str:
    name = unquote(match["column"]) if match["column"] else ""
    tables = [catalog.tables[table]] if table in catalog.tables else []
    for facts in (*tables, *catalog.tables.values()):
        if name in facts.columns and (typical := _typical(facts.columns[name])):
            return typical
    return next(
        (value for word, value in _BY_CAST if f"::{word}" in match["rest"] or f"::big{word}" in match["rest"]), "x"
    )


def _typical(column: Column) -> str:
    values = [value for value, _ in column.common] or list(column.histogram)
    return values[len(values) // 2] if values else ""
