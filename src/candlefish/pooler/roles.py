"""The roles of a database on RDS, and the SQL that makes them. Pure; every statement may run again and again.

Two users log in for the application, in turn, so that a password can be changed while nobody uses it. Both act as one
owner from their first statement on (`ALTER ROLE ... SET role`), so that whatever either makes belongs to the owner and
both may use and alter it. PostgreSQL 15 goes back to that role after RESET ALL, DISCARD ALL, RESET ROLE and SET SESSION
AUTHORIZATION DEFAULT (measured); what a session makes after SET ROLE NONE is shared by default privileges, and handed
to the owner by the next `bootstrap`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

OWNER = "candlefish_owner"
"""Owns what the application makes; nobody logs in as this role."""

SECOND = "_2"

MONITOR_TIMEOUT_S = 5
"""Of a statement of the monitoring user: as on the local tier."""


@dataclass(frozen=True, slots=True)
class Names:
    """Who is who in the database, and the verifiers of the two passwords that are set."""

    database: str
    admin: str
    app: str
    monitor: str
    app_verifier: str = field(repr=False)
    monitor_verifier: str = field(repr=False)

    @property
    def pair(self) -> tuple[str, str]:
        """Both users of the application."""
        return self.app, other_user(self.app)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; one that is not `needed` may be refused."""

    sql: str
    needed: bool = True


def other_user(user: str) -> str:
    """Return the user whose turn is next: NAME and NAME_2 alternate."""
    return user.removesuffix(SECOND) if user.endswith(SECOND) else user + SECOND


def make_statements(names: Names) -> tuple[Statement, ...]:
    """Return what makes the roles of a database; the administrator runs it, who need be no superuser."""
    return (*_roles(names), *_grants(names), *_extensions(names))


def set_password(user: str, verifier: str) -> str:
    """Return the statement that lets a user log in with a password."""
    return f"alter role {ident(user)} login password {literal(verifier)}"


def ident(name: str) -> str:
    """Quote an identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote a text (with standard_conforming_strings, the default)."""
    return "'" + text.replace("'", "''") + "'"


def _roles(names: Names) -> Iterator[Statement]:
    pair = ", ".join(map(ident, names.pair))
    for role in (OWNER, *names.pair, names.monitor):
        yield Statement(
            f"do $$ begin if not exists (select from pg_roles where rolname = {literal(role)}) "
            f"then create role {ident(role)} nologin; end if; end $$"
        )
    yield Statement(f"grant {ident(OWNER)} to {pair}")
    yield Statement(f"grant {ident(OWNER)}, {pair} to {ident(names.admin)}")
    for user in names.pair:
        yield Statement(f"alter role {ident(user)} set role to {ident(OWNER)}")
    yield Statement(set_password(names.app, names.app_verifier))
    yield Statement(set_password(names.monitor, names.monitor_verifier))
    yield Statement(f"alter role {ident(names.monitor)} set statement_timeout = '{MONITOR_TIMEOUT_S}s'")


def _grants(names: Names) -> Iterator[Statement]:
    owner, database = ident(OWNER), ident(names.database)
    yield Statement(f"grant pg_monitor to {ident(names.monitor)}, {owner}")
    yield Statement(f"grant pg_read_all_data, pg_write_all_data to {owner}")
    yield Statement(f"grant create, connect, temporary on database {database} to {owner}")
    yield Statement(f"grant usage, create on schema public to {owner}")
    for maker in (names.admin, *names.pair):
        for kind, right in (("tables", "all"), ("sequences", "all"), ("functions", "execute")):
            yield Statement(f"alter default privileges for role {ident(maker)} grant {right} on {kind} to {owner}")
    yield Statement(f"reassign owned by {', '.join(map(ident, names.pair))} to {owner}")


def _extensions(names: Names) -> Iterator[Statement]:
    yield Statement("create extension if not exists pg_stat_statements with schema public")
    # pg_cron lives in one database only, which its own setting names; elsewhere PostgreSQL refuses it.
    yield Statement(
        "do $$ begin if current_setting('cron.database_name', true) = current_database() "
        "then create extension if not exists pg_cron; end if; end $$",
        needed=False,
    )
