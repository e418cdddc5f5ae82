"""Where changes are read: the database, the slot and the publication; and the ordinary connection to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

from candlefish.errors import EngineError
from candlefish.plan.postgres import LOGICAL_SLOTS

NAME: Final = LOGICAL_SLOTS[0]
"""The slot that Patroni keeps on all nodes; the publication has the same name."""

CONNECT_S = 5
"""Seconds that opening a connection to one address may take."""

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """The database as libpq's conninfo, of a role that may replicate.

    Of several hosts the one that takes writes is used: after a failover the next connection finds the new primary.
    """

    conninfo: str
    slot: str = NAME
    publication: str = NAME


@contextmanager
def connect(source: Source) -> Iterator[Connection]:
    """Open an ordinary connection; each statement is its own transaction, without a time limit."""
    try:
        with psycopg.connect(
            source.conninfo, autocommit=True, connect_timeout=CONNECT_S, target_session_attrs="read-write",
            application_name="candlefish-changes", options="-c statement_timeout=0",
        ) as connection:  # fmt: skip
            yield connection
    except psycopg.OperationalError as error:
        raise EngineError("PostgreSQL did not answer the reader of changes", detail=str(error).strip()) from error
    except psycopg.Error as error:
        raise EngineError("PostgreSQL refused the reader of changes", detail=str(error).strip()) from error


def fetch_bases(connection: Connection) -> dict[int, int]:
    """Return the base type of each domain, by OID."""
    rows = connection.execute(
        "with recursive base (domain, oid) as ("
        " select oid, typbasetype from pg_type where typtype = 'd'"
        " union all select base.domain, t.typbasetype from base join pg_type t using (oid) where t.typtype = 'd')"
        " select domain::int8, oid::int8 from base join pg_type t using (oid) where t.typtype <> 'd'"
    ).fetchall()
    return {int(str(domain)): int(str(base)) for domain, base in rows}
