"""Roles and databases of the tier: made when they are missing, left alone when they are there."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import LiteralString

import psycopg
from psycopg import sql

from candlefish.engines.patroni import SUPERUSER
from candlefish.engines.secrets import Secrets
from candlefish.engines.state import State
from candlefish.errors import EngineError
from candlefish.plan.model import PostgresNode

ADMIN, APP, MONITOR, POOLER = "candlefish_admin", "candlefish_app", "candlefish_monitor", "candlefish_pooler"

CONNECT_S = 3
"""Seconds that opening a connection on this machine may take."""


@contextmanager
def connect(
    node: PostgresNode, secrets: Secrets, database: str = "postgres"
) -> Iterator["psycopg.Connection[tuple[object, ...]]"]:
    """Open a superuser connection straight to one node; each statement is its own transaction, without a time limit."""
    try:
        with psycopg.connect(
            host=node.host, port=node.port, user=SUPERUSER, password=secrets.superuser, dbname=database,
            autocommit=True, connect_timeout=CONNECT_S, application_name="candlefish",
            options="-c statement_timeout=0",
        ) as connection:  # fmt: skip
            yield connection
    except psycopg.OperationalError as error:
        raise EngineError(f"PostgreSQL on {node.host}:{node.port} did not answer", detail=str(error).strip()) from error
    except psycopg.Error as error:
        raise EngineError(f"PostgreSQL on {node.host}:{node.port} refused", detail=str(error).strip()) from error


def fetch_streaming(node: PostgresNode, secrets: Secrets) -> tuple[bool, ...]:
    """Return, for each replica that streams from a node, whether commits wait for it; none if it is silent."""
    question = "select sync_state in ('sync', 'quorum') from pg_stat_replication where state = 'streaming'"
    try:
        with connect(node, secrets) as connection:
            return tuple(bool(row[0]) for row in connection.execute(question).fetchall())
    except EngineError:
        return ()


def is_writable(node: PostgresNode, secrets: Secrets) -> bool:
    """Tell whether a node takes writes: one that has just become leader may still be a moment from its promotion."""
    try:
        with connect(node, secrets) as connection:
            return connection.execute("select not pg_is_in_recovery()").fetchone() == (True,)
    except EngineError:
        return False


def has_slots(node: PostgresNode, secrets: Secrets, slots: Sequence[str]) -> bool:
    """Tell whether a node answers and has these replication slots."""
    try:
        with connect(node, secrets) as connection:
            found = connection.execute("select slot_name from pg_replication_slots").fetchall()
    except EngineError:
        return False
    return {*slots} <= {row[0] for row in found}


def ensure_roles(node: PostgresNode, secrets: Secrets) -> None:
    """Make the administrator, the application's role and the two service roles, with their present passwords."""
    passwords = {ADMIN: secrets.admin, APP: secrets.app, MONITOR: secrets.monitor, POOLER: secrets.pooler}
    with connect(node, secrets) as connection:
        for role, password in passwords.items():
            found = connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
            verb = sql.SQL("alter role" if found else "create role")
            verifier = sql.Literal(secrets.verifier(password))
            connection.execute(sql.SQL("{} {} login password {}").format(verb, sql.Identifier(role), verifier))
        # The administrator stands in for a managed service's master user, which may create extensions.
        connection.execute(f"alter role {ADMIN} superuser")
        connection.execute(f"grant pg_monitor to {MONITOR}, {APP}")
        connection.execute(f"grant pg_read_all_data, pg_write_all_data to {APP}")
        connection.execute(f"alter role {MONITOR} set statement_timeout = '5s'")


def ensure_database(node: PostgresNode, secrets: Secrets, name: str) -> None:
    """Make one database of the administrator's, in which the application may read, write and create."""
    with connect(node, secrets) as connection:
        if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
            connection.execute(
                sql.SQL("create database {} owner {}").format(sql.Identifier(name), sql.Identifier(ADMIN))
            )
    grant_database(node, secrets, name)


def grant_database(node: PostgresNode, secrets: Secrets, name: str) -> None:
    """Give the application its rights in a database, and everybody pg_stat_statements."""
    statements: tuple[LiteralString, ...] = (
        "grant create, connect, temporary on database {database} to {app}",
        "grant usage, create on schema public to {app}",
        "alter default privileges for role {admin} grant all on tables to {app}",
        "alter default privileges for role {admin} grant all on sequences to {app}",
        "alter default privileges for role {admin} grant execute on functions to {app}",
        "create extension if not exists pg_stat_statements with schema public",
    )
    names = {"database": sql.Identifier(name), "app": sql.Identifier(APP), "admin": sql.Identifier(ADMIN)}
    with connect(node, secrets, name) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement).format(**names))


def has_database(node: PostgresNode, secrets: Secrets, name: str) -> bool:
    """Tell whether a node answers and has this database: a replica has it a moment after the primary."""
    try:
        with connect(node, secrets) as connection:
            return connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone() is not None
    except EngineError:
        return False


def drop_database(node: PostgresNode, secrets: Secrets, name: str) -> None:
    """Drop a database and end its connections; nothing happens when it is not there."""
    with connect(node, secrets) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def list_databases(state: State, first: str) -> tuple[str, ...]:
    """Return the databases that the pooler serves: the tier's own first, then those that were loaded."""
    return (first, *(name for name in state.read_json(state.databases) or [] if name != first))


def save_databases(state: State, names: Sequence[str]) -> None:
    """Keep which databases the pooler serves."""
    state.write(state.databases, json.dumps(list(dict.fromkeys(names))) + "\n")
