"""The connection to the database that is looked at: it can read, and nothing else."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg.conninfo import make_conninfo

from candlefish.address import describe, explain_refusal, parse_address
from candlefish.advise.plans.explain import Connection
from candlefish.errors import UsageError

CONNECT_S: Final = 10
"""Seconds that a connection may take."""

QUESTION_S: Final = 30
"""Seconds that one question of the catalog may take: a busy server is not made busier."""

OLDEST: Final = 130000
"""server_version_num from which on the catalog is as it is read here."""


@contextmanager
def look_at(dsn: str) -> Iterator[Connection]:
    """Give a read-only connection in autocommit mode; raise UsageError or EngineError where there can be none."""
    parts, shown = parse_address(dsn), describe(dsn)
    options = f"{parts.pop('options', '') or ''} -c default_transaction_read_only=on -c statement_timeout={QUESTION_S}s"
    settings = {"connect_timeout": CONNECT_S, "application_name": "candlefish advise", **parts, "options": options}
    try:
        connection: Connection = psycopg.connect(make_conninfo("", **settings), autocommit=True)
    except psycopg.OperationalError as error:
        raise explain_refusal(str(error), shown) from error
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
