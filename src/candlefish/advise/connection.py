"""The connection to the database that is looked at: it can read, and nothing else."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from candlefish.advise.plans.explain import Connection
from candlefish.errors import CandlefishError, EngineError, UsageError

CONNECT_S: Final = 10
"""Seconds that a connection may take."""

QUESTION_S: Final = 30
"""Seconds that one question of the catalog may take: a busy server is not made busier."""

OLDEST: Final = 130000
"""server_version_num from which on the catalog is as it is read here."""

_ADDRESS: Final = "write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %40 for an @ in the password"


@contextmanager
def look_at(dsn: str) -> Iterator[Connection]:
    """Give a read-only connection in autocommit mode; raise UsageError or EngineError where there can be none."""
    try:
        parts = conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as error:
        reason = str(error).strip().replace(dsn, "the address")
        raise UsageError("the address of the database is wrong", detail=reason, hint=_ADDRESS) from error
    shown = describe(dsn)
    options = f"{parts.pop('options', '') or ''} -c default_transaction_read_only=on -c statement_timeout={QUESTION_S}s"
    settings = {"connect_timeout": CONNECT_S, "application_name": "candlefish advise", **parts, "options": options}
    try:
        connection: Connection = psycopg.connect(make_conninfo("", **settings), autocommit=True)
    except psycopg.OperationalError as error:
        raise _refused(str(error).strip().replace("\n", "; "), shown) from error
    with connection:
        if connection.info.server_version < OLDEST:
            raise UsageError(
                f"{shown} runs PostgreSQL {connection.info.server_version // 10000}",
                hint="the advisor reads PostgreSQL 13 and newer",
            )
        _count_nothing(connection)
        yield connection


def _count_nothing(connection: Connection) -> None:
    """Keep our own statements out of pg_stat_statements, where a superuser (or who was granted it) may."""
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege):
        connection.execute("SET pg_stat_statements.track = 'none'")


def describe(dsn: str) -> str:
    """Return a database's address without its password."""
    parts = conninfo_to_dict(dsn)
    name = parts.get("dbname") or parts.get("user") or ""
    return f"{name} on {parts.get('host', 'localhost')}:{parts.get('port', 5432)}"


def split_password(dsn: str) -> tuple[str, dict[str, str]]:
    """Return a connection string without its password, and the environment that carries it."""
    parts = conninfo_to_dict(dsn)
    password = parts.pop("password", None)
    return make_conninfo("", **parts), {} if password is None else {"PGPASSWORD": str(password)}


def _refused(message: str, shown: str) -> CandlefishError:
    if "does not exist" in message and "database" in message:
        return UsageError(f"there is no database {shown}", detail=message, hint="list them with `psql -l`")
    if any(word in message for word in ('role "', "password", "authentication", "pg_hba.conf")):
        return UsageError(f"the server of {shown} refused the login", detail=message, hint=_ADDRESS)
    return EngineError(f"could not reach {shown}", detail=message, hint="check the host, the port and the firewalls")
