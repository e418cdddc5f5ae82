"""Where a load lands: a database under a temporary name, renamed when it is complete.

NAME__loading    is being filled; one that a killed load left is dropped by the next
NAME__replaced   the old one, until it is dropped; one that a killed load left is dropped by the next
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from candlefish.errors import EngineError, UsageError

Connection = psycopg.Connection[tuple[Any, ...]]

CONNECT_S = 5
"""Seconds that opening a connection on this machine may take."""

OPTIONS = "-c statement_timeout=0 -c synchronous_commit=off"
"""Of every session that fills a database: a crash loses the half-filled database anyway."""

END_SESSIONS_S = 0.02
"""Seconds between two rounds of ending the sessions that hold up a rename."""

_END_SESSIONS = "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s"
_SLOTS = "select slot_name from pg_replication_slots where slot_type = 'logical' and database = %s"

LOADING, REPLACED = "__loading", "__replaced"

_RELATIONS = """
    select count(*) from (
        select oid, relnamespace from pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
        union all select oid, pronamespace from pg_proc
        union all select oid, typnamespace from pg_type where typtype in ('d', 'e')
    ) as held(oid, namespace) join pg_namespace n on n.oid = held.namespace
    where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_t'
      and not exists (select from pg_depend d where d.objid = held.oid and d.deptype = 'e')
"""


class Landing:
    """One database name on the primary, held by one load at a time."""

    def __init__(self, admin_url: str, name: str) -> None:
        self.name = name
        self.loading = name + LOADING
        self.replaced = name + REPLACED
        self.conninfo = _find_primary(admin_url)
        self.nodes = _list_nodes(admin_url)

    @contextmanager
    def connect(self, database: str) -> Iterator[Connection]:
        """Connect straight to the primary, as the administrator, without a time limit for statements."""
        with _connect(self.conninfo, database) as connection:
            yield connection

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep every other load away from this name, and clean up behind a killed one, before and after."""
        with self.connect("postgres") as connection:
            got = connection.execute("select pg_try_advisory_lock(hashtext(%s))", [self.loading]).fetchone()
            if not (got and got[0]):
                raise UsageError(f"another load into {self.name} is under way", hint="wait until it ends")
            self._clean(connection)
            try:
                yield
            finally:
                with suppress(psycopg.OperationalError):  # the primary is gone: the next load cleans up
                    _drop(connection, self.loading)

    def require_free(self, *, replace: bool) -> bool:
        """Return whether a database that holds something gives way; raise UsageError when it may not."""
        relations = self.count_relations()
        if relations and not replace:
            raise UsageError(
                f"the database {self.name} holds {relations} relations, functions and types",
                hint="pass --replace to put the new one in its place, or --database NAME to load beside it",
            )
        return bool(relations)

    def count_relations(self) -> int | None:
        """Return how many relations the database of this name holds, None when there is no such database."""
        with self.connect("postgres") as connection:
            if not _exists(connection, self.name):
                return None
        with self.connect(self.name) as connection:
            row = connection.execute(_RELATIONS).fetchone()
        return int(row[0]) if row else 0

    def fetch_available_extensions(self) -> set[str]:
        """Return the extensions that the tier's primary can create."""
        with self.connect("postgres") as connection:
            return {row[0] for row in connection.execute("select name from pg_available_extensions")}

    def make(self, app_user: str) -> None:
        """Make the empty database that is to be filled; what is made in it is the application's to use."""
        with self.connect("postgres") as connection:
            create = sql.SQL("create database {} template template0")
            connection.execute(create.format(sql.Identifier(self.loading)))
        with self.connect(self.loading) as connection:
            for kind in ("tables", "sequences", "functions", "types", "schemas"):
                grant = "alter default privileges grant all on {} to {}"
                connection.execute(sql.SQL(grant).format(sql.SQL(kind), sql.Identifier(app_user)))

    def install(self) -> tuple[str, ...]:
        """Give the new database its name; the old one of that name makes room, and is dropped.

        Both renames are one transaction: there is always a whole database of that name. Returns the logical
        replication slots that went with the old one: Patroni makes them again.
        """
        with self.connect("postgres") as connection, self.connect("postgres") as other:
            slots = connection.execute(_SLOTS, [self.name]).fetchall()
            with ThreadPoolExecutor(1) as executor:
                swap = executor.submit(self._swap, connection)
                # The rename locks out new sessions and waits 5 s for those that are there (CountOtherDBBackends);
                # a busy pooler reconnects in milliseconds, so they are ended while it waits.
                while not swap.done():
                    for name in (self.name, self.loading):
                        other.execute(_END_SESSIONS, [name]).fetchall()
                    wait([swap], timeout=END_SESSIONS_S)
                swap.result()
            _drop(connection, self.replaced)
        return tuple(str(row[0]) for row in slots)

    def _swap(self, connection: Connection) -> None:
        with connection.transaction():
            if _exists(connection, self.name):
                _rename(connection, self.name, self.replaced)
            _rename(connection, self.loading, self.name)

    def _clean(self, connection: Connection) -> None:
        """Put right what a load that was killed left behind."""
        if _exists(connection, self.replaced):
            if _exists(connection, self.name):
                _drop(connection, self.replaced)
            else:
                _rename(connection, self.replaced, self.name)
        _drop(connection, self.loading)


def _connect(conninfo: str, database: str) -> Connection:
    try:
        return psycopg.connect(
            conninfo, dbname=database, autocommit=True, connect_timeout=CONNECT_S,
            application_name="candlefish load", options=OPTIONS,
        )  # fmt: skip
    except psycopg.OperationalError as error:
        raise EngineError(
            "the tier's primary did not answer", detail=str(error).strip(), hint="see `candlefish status`"
        ) from error


def _find_primary(admin_url: str) -> str:
    """Return how to connect to the one node that is primary now.

    A list of nodes won't do: libpq gives up at a replica that has not replayed a new database yet.
    """
    with _connect(admin_url, "postgres") as connection:
        return make_conninfo(
            admin_url, host=connection.info.host, port=connection.info.port, target_session_attrs="read-write"
        )


def _list_nodes(admin_url: str) -> tuple[str, ...]:
    """Return how to connect to each node, primary and replicas."""
    parts = conninfo_to_dict(admin_url) | {"dbname": "postgres", "target_session_attrs": "any"}
    pairs = zip(str(parts.pop("host")).split(","), str(parts.pop("port")).split(","), strict=True)
    rest = make_conninfo("", **parts)
    return tuple(make_conninfo(rest, host=host, port=port) for host, port in pairs)


def _exists(connection: Connection, name: str) -> bool:
    return connection.execute("select from pg_database where datname = %s", [name]).fetchone() is not None


def _drop(connection: Connection, name: str) -> None:
    connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _rename(connection: Connection, old: str, new: str) -> None:
    statement = sql.SQL("alter database {} rename to {}").format(sql.Identifier(old), sql.Identifier(new))
    connection.execute(statement)
