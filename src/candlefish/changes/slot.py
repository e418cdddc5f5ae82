"""The replication slot and the publication: made when they are missing, looked at, dropped on request."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from candlefish.changes.check import quote_table, require_fit
from candlefish.changes.gap import note_gap
from candlefish.changes.source import Connection, Source, connect
from candlefish.client.rules import Rule, tables_of
from candlefish.errors import EngineError

PLUGIN = "pgoutput"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: in words, and as a statement."""

    text: str
    statement: sql.Composed


@dataclass(frozen=True, slots=True)
class Preparation:
    """What has to be done before changes can be read: to the publication, then to the slot.

    `gap` says why changes were missed; it is empty when there is nothing to do.
    """

    publish: tuple[Step, ...] = ()
    replace: tuple[Step, ...] = ()
    gap: str = ""

    @property
    def texts(self) -> tuple[str, ...]:
        """Return the steps in words, in their order."""
        return tuple(step.text for step in (*self.publish, *self.replace))


@dataclass(frozen=True, slots=True)
class SlotStatus:
    """How a slot stands; `lag_s` is how long its reader takes to confirm (0 when it has nothing to)."""

    exists: bool
    active: bool = False
    wal_status: str = ""
    confirmed_lsn: int = 0
    lag_bytes: int = 0
    lag_s: float = 0.0
    kept_bytes: int = 0


def plan_preparation(connection: Connection, source: Source, rules: Sequence[Rule], renew: bool = False) -> Preparation:
    """Return what is missing; raise CheckFailed when rules do not fit, EngineError for a slot of something else.

    A publication that is made or changed needs a new slot: the old one's position is before it, where PostgreSQL does
    not know the publication; and making a slot waits for the transactions that may have changed the tables already.
    """
    require_fit(connection, rules)
    publish = _plan_publication(connection, source, tables_of(tuple(rules)))
    slot = _fetch_slot(connection, source)
    if slot is None:
        reason = f"the slot {source.slot} was missing"
    elif slot == "lost":
        reason = f"the slot {source.slot} was lost: its WAL was removed before it was read"
    elif publish:
        reason = f"the publication {source.publication} was not complete"
    elif renew:
        reason = f"the slot {source.slot} stood before its publication"
    else:
        return Preparation()
    replace = (_create(source),) if slot is None else (_drop(source), _create(source))
    return Preparation(publish, replace, reason)


def prepare(source: Source, rules: Sequence[Rule], renew: bool = False) -> Preparation:
    """Make what is missing and return what was done; `renew` makes the slot anew in any case.

    The gap is noted before the slot is touched, so that it is told even if the reader is killed in between.
    """
    with connect(source) as connection:
        preparation = plan_preparation(connection, source, rules, renew)
        if preparation.gap:
            with connection.transaction():
                _run(connection, preparation.publish)
                note_gap(connection, source, preparation.gap)
            _run(connection, preparation.replace)
        return preparation


def _run(connection: Connection, steps: Sequence[Step]) -> None:
    for step in steps:
        connection.execute(step.statement)


def preview(source: Source, rules: Sequence[Rule]) -> Preparation:
    """Return what `prepare` would do."""
    with connect(source) as connection:
        return plan_preparation(connection, source, rules)


def drop(source: Source) -> tuple[str, ...]:
    """Undo `prepare`: drop the slot, which ends its reader, and the publication; return what was dropped."""
    dropped = []
    with connect(source) as connection:
        if _fetch_slot(connection, source) is not None:
            connection.execute(
                "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where slot_name = %s",
                [source.slot],
            )
            connection.execute(_drop(source).statement)
            dropped.append(f"slot {source.slot}")
        if _fetch_publication(connection, source) is not None:
            connection.execute(sql.SQL("drop publication {}").format(sql.Identifier(source.publication)))
            dropped.append(f"publication {source.publication}")
    return tuple(dropped)


def fetch_status(source: Source) -> SlotStatus:
    """Return how the slot stands now."""
    with connect(source) as connection:
        row = connection.execute(
            "select s.active, coalesce(s.wal_status, ''), coalesce(s.confirmed_flush_lsn - '0/0', 0)::int8,"
            " coalesce(pg_current_wal_lsn() - s.confirmed_flush_lsn, 0)::int8,"
            " coalesce(extract(epoch from r.flush_lag), 0)::float8,"
            " coalesce(pg_current_wal_lsn() - s.restart_lsn, 0)::int8"
            " from pg_replication_slots s left join pg_stat_replication r on r.pid = s.active_pid"
            " where s.slot_name = %s",
            [source.slot],
        ).fetchone()
    return SlotStatus(False) if row is None else SlotStatus(True, *row)  # type: ignore[arg-type]  # as the query casts


def fetch_confirmed(connection: Connection, source: Source) -> int:
    """Return the position up to which the slot is confirmed, 0 when it is missing."""
    row = connection.execute(
        "select (confirmed_flush_lsn - '0/0')::int8 from pg_replication_slots where slot_name = %s", [source.slot]
    ).fetchone()
    return int(str(row[0])) if row else 0


def _plan_publication(connection: Connection, source: Source, tables: Sequence[str]) -> tuple[Step, ...]:
    name = sql.Identifier(source.publication)
    published = _fetch_publication(connection, source)
    missing = [table for table in tables if published is None or table not in published]
    if not missing:
        return ()
    listed = sql.SQL(", ").join(sql.SQL(quote_table(table)) for table in missing)  # quoted
    if published is None:
        statement = sql.SQL("create publication {} for table {} with (publish_via_partition_root = true)")
        return (
            Step(
                f"create the publication {source.publication} of {', '.join(missing)}", statement.format(name, listed)
            ),
        )
    statement = sql.SQL("alter publication {} add table {}")
    return (Step(f"add {', '.join(missing)} to the publication {source.publication}", statement.format(name, listed)),)


def _fetch_publication(connection: Connection, source: Source) -> frozenset[str] | None:
    """Return the tables that are published; None when there is no publication."""
    row = connection.execute(
        "select pubinsert and pubupdate and pubdelete and pubtruncate from pg_publication where pubname = %s",
        [source.publication],
    ).fetchone()
    if row is None:
        return None
    if row[0] is not True:
        raise EngineError(
            f"the publication {source.publication} leaves changes out",
            hint=f"alter publication {source.publication} set (publish = 'insert, update, delete, truncate')",
        )
    found = connection.execute(
        "select schemaname || '.' || tablename from pg_publication_tables where pubname = %s", [source.publication]
    ).fetchall()
    return frozenset(str(row[0]) for row in found)


def _fetch_slot(connection: Connection, source: Source) -> str | None:
    """Return the slot's wal_status, None when it is missing; raise EngineError when it belongs to something else."""
    row = connection.execute(
        "select plugin::text, database::text, current_database()::text, coalesce(wal_status, '')"
        " from pg_replication_slots where slot_name = %s",
        [source.slot],
    ).fetchone()
    if row is None:
        return None
    plugin, database, here, wal_status = row
    if plugin != PLUGIN or database != here:
        raise EngineError(
            f"the slot {source.slot} belongs to something else",
            detail=f"it decodes the database {database} with {plugin}; wanted are {here} and {PLUGIN}",
            hint="choose another name for the slot",
        )
    return str(wal_status)


def _create(source: Source) -> Step:
    """Make the slot, unless Patroni has just done so: it keeps its permanent slots itself."""
    statement = sql.SQL(
        "select pg_create_logical_replication_slot({slot}, {plugin})"
        " where not exists (select from pg_replication_slots where slot_name = {slot})"
    )
    return Step(f"create the slot {source.slot}", statement.format(slot=source.slot, plugin=PLUGIN))


def _drop(source: Source) -> Step:
    """Drop the slot if it is still there."""
    statement = sql.SQL("select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = {slot}")
    return Step(f"drop the slot {source.slot}", statement.format(slot=source.slot))
