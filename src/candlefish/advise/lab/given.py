"""A copy that the user gives as the lab: refused where measuring there would be wrong, left as it was found."""

import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, LiteralString

import psycopg
from psycopg.conninfo import make_conninfo

from candlefish.address import describe, explain_refusal, parse_address
from candlefish.advise.abilities import named, read_abilities
from candlefish.advise.catalog.load import load_catalog
from candlefish.advise.catalog.model import Catalog, TableFacts
from candlefish.advise.index.naming import PREFIX
from candlefish.advise.lab.model import Lab
from candlefish.advise.plans.explain import Connection
from candlefish.advise.quoting import quote
from candlefish.advise.statements import Table
from candlefish.errors import UsageError

CONNECT_S: Final = 10
"""Seconds that a connection may take."""

AS_MANY_RATIO: Final = 0.9
"""Of a table's rows: a copy of yesterday's counts as whole."""

OWN_SCHEMA: Final = "candlefish"
"""The journal's: it is no part of what is copied."""

_INDEXES: Final[LiteralString] = """
SELECT c.oid::bigint, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('i', 'I') AND NOT c.relispartition AND starts_with(c.relname, %s)
"""


@contextmanager
def given_lab(address: str, target: Connection, catalog: Catalog, settings: Mapping[str, str]) -> Iterator[Lab]:
    """Give the lab at an address; indexes and extensions that were made there go when the block ends.

    Raises UsageError where it is the database that is advised, can't be written to, lacks tables, or has tables that
    the role does not own; UsageError or EngineError where it can't be reached.
    """
    conninfo, shown = make_conninfo("", **parse_address(address), connect_timeout=CONNECT_S), describe(address)
    try:
        connection: Connection = psycopg.connect(conninfo, autocommit=True, application_name="candlefish advise")
    except psycopg.OperationalError as error:
        raise explain_refusal(str(error), shown) from error
    with connection:
        _require_another(connection, target, shown)
        _require_writable(connection, shown)
        ratios = _ratios(connection, catalog, shown)
        before = _made(connection), _extensions(connection)
        try:
            yield Lab(conninfo, "given copy", ratios, tuple(_smaller(ratios)), settings, connection.info.server_version)
        finally:
            _clean(connection, *before)


def _require_another(connection: Connection, target: Connection, shown: str) -> None:
    """Refuse the database that is advised: a lock that one of them holds is seen by the other.

    A system identifier would not tell: a copy of the server's files has the same.
    """
    token = secrets.randbits(62)
    with target.transaction(), connection.transaction():
        target.execute("SELECT pg_advisory_xact_lock(%s)", (token,))
        row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", (token,)).fetchone()
    if row != (True,):
        raise UsageError(
            f"the lab {shown} is the database that is advised",
            detail="indexes are built and dropped in a lab, and statements that write are run",
            hint="give a copy of it, or leave --lab out: candlefish makes a copy of its own then",
        )


def _require_writable(connection: Connection, shown: str) -> None:
    row = connection.execute("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::bool").fetchone()
    if row == (False, False):
        return
    is_replica = row is not None and row[0]
    raise UsageError(
        f"the lab {shown} can't be written to",
        detail="it is a replica" if is_replica else "transactions are read-only there (default_transaction_read_only)",
        hint="indexes are built in a lab: give a copy where that is possible",
    )


def _ratios(connection: Connection, catalog: Catalog, shown: str) -> dict[Table, float]:
    """Return which part of each table's rows is there; raise UsageError where a table is not, or is not the role's."""
    wanted = [table for table in sorted(catalog.tables) if table.schema != OWN_SCHEMA]
    copied = load_catalog(connection).tables
    if missing := tuple(table for table in wanted if table not in copied):
        raise UsageError(
            f"the lab {shown} is no copy: it has no {named(missing)}",
            hint="restore a dump of the whole database into it",
        )
    abilities = read_abilities(connection)
    if foreign := tuple(table for table in abilities.not_owned if table in catalog.tables):
        raise UsageError(
            f"{abilities.role} may not build indexes in the lab on {named(foreign)}",
            hint=f"connect to the lab as the tables' owner, or grant that role: GRANT owner TO {quote(abilities.role)}",
        )
    return {table: _ratio(copied[table], catalog.tables[table]) for table in wanted}


def _ratio(copied: TableFacts, real: TableFacts) -> float:
    if copied.rows > 0 and real.rows > 0:
        ratio = copied.rows / real.rows
    else:
        ratio = copied.size_bytes / real.size_bytes if real.size_bytes and copied.size_bytes else 1.0
    return 1.0 if ratio >= AS_MANY_RATIO else ratio


def _smaller(ratios: dict[Table, float]) -> Iterator[str]:
    if smaller := tuple(table for table, ratio in ratios.items() if ratio < 1.0):
        yield f"the given copy holds a part of {named(smaller)} only: sizes are scaled up, times are not"


def _made(connection: Connection) -> frozenset[int]:
    return frozenset(row[0] for row in connection.execute(_INDEXES, (f"{PREFIX}_",)).fetchall())


def _extensions(connection: Connection) -> frozenset[str]:
    return frozenset(row[0] for row in connection.execute("SELECT extname FROM pg_extension").fetchall())


def _clean(connection: Connection, indexes: Iterable[int], extensions: Iterable[str]) -> None:
    """Drop the advisor's indexes and the extensions that were not there before."""
    old = set(indexes)
    for oid, schema, name in connection.execute(_INDEXES, (f"{PREFIX}_",)).fetchall():
        if oid not in old:
            connection.execute(f"DROP INDEX IF EXISTS {quote(schema)}.{quote(name)}".encode())
    for name in _extensions(connection) - set(extensions):
        connection.execute(f"DROP EXTENSION IF EXISTS {quote(name)}".encode())
