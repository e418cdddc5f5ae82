"""Prove that a statement sees a fence: ask the server itself, in an earlier statement than the one that loads.

What a later statement sees is never less, so the question may be older than the load, and must not be newer. On the
primary a commit that waits for its synchronous standby has its LSN already and is not visible yet, so there the
snapshot tells who has ended. On a standby the snapshot lists no running transaction, but `pg_xact_status` knows them,
and the replayed LSN counts, as the order of commits is that of the WAL.

Ids and LSNs of two timelines do not compare: a server on an older timeline than a writer has not seen it. A primary on
a newer one has seen what survived of the older.
"""

from typing import Final

import asyncpg

from candlefish.client.fence import UNKNOWN_SYSTEM, Fence, Floor, Load, Place, Snapshot, Writer, Written
from candlefish.client.postgres.connector import Connection
from candlefish.client.postgres.fenced import has_replayed
from candlefish.client.postgres.lsn import Position

SYSTEM: Final = "(select system_identifier from pg_control_system())"
TIMELINE: Final = "('x' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8))::bit(32)::int"
"""Of a primary, as it writes now: the control file learns of a promotion only at the next checkpoint."""

LSN: Final = "(pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text"
HAS_NOT_WRITTEN: Final = "pg_current_xact_id_if_assigned() is null"
"""Said of a transaction: what it has written itself is not committed, and must not be kept."""


_WRITTEN: Final = (
    f"select {SYSTEM}::text, {TIMELINE}, pg_current_xact_id_if_assigned()::text, {LSN}, pg_current_snapshot()::text"
    " where pg_current_xact_id_if_assigned() is not null"
)


def condition(fence: Fence) -> str:
    """Return what holds where a later statement sees all of a fence that has a floor: on the primary or a standby."""
    by_role = f"case when pg_is_in_recovery() then {_on_standby(fence)} else {_on_primary(fence)} end"
    return f"{_same_system(fence)} and {by_role}"


async def prove_on_primary(connection: Connection, load: Load, also: str = "true") -> None:
    """Ask a primary, outside of the load's own statement, and note in `load` what it said.

    Where it may not be asked (the functions are forbidden to this role, say), nothing is proved.
    """
    try:
        await _prove_on_primary(connection, load, also)
    except asyncpg.PostgresError:
        load.refuse()


async def _prove_on_primary(connection: Connection, load: Load, also: str) -> None:
    if load.fence.floor is not None:
        found = await connection.execute(f"select where {condition(load.fence)} and not pg_is_in_recovery() and {also}")
        _note(load, found == "SELECT 1", None)
        return
    row = await connection.fetchrow(place_question(load.fence, also))
    if row is None:
        load.refuse()
        return
    system, timeline, lsn, proved = row
    _note(load, proved, Place(system, Floor(timeline, int(lsn))))


def place_question(fence: Fence, also: str) -> str:
    """Return the statement that gives one row on a primary: where it is, and whether each writer has ended there."""
    return (
        f"select {SYSTEM}::text, {TIMELINE}, {LSN}, {_same_system(fence)} and {_on_primary(fence)} and {also}"
        " where not pg_is_in_recovery()"
    )


async def fetch_written(connection: Connection, _: str, *, timeout: float | None) -> Written | None:  # noqa: ASYNC109 - the driver's name for it
    """Return what a transaction is known by before its commit, or None when it has written nothing."""
    row = await connection.fetchrow(_WRITTEN, timeout=timeout)
    if row is None:
        return None
    system, timeline, xid, lsn, snapshot = row
    xmin, xmax, running = snapshot.split(":")
    return Written(
        system,
        Writer(timeline, int(xid)),
        int(lsn),
        Snapshot(int(xmin), int(xmax), tuple(int(one) for one in running.split(",") if one)),
    )


def _note(load: Load, proved: bool, place: Place | None) -> None:
    if proved:
        load.note_proved(place)
    else:
        load.refuse()


def _same_system(fence: Fence) -> str:
    known = fence.system != UNKNOWN_SYSTEM and fence.system.isdigit()
    return f"{SYSTEM} = {fence.system}" if known else "true"


def _on_primary(fence: Fence) -> str:
    timelines = [writer.timeline for writer in fence.writers]
    if fence.floor is not None:
        timelines.append(fence.floor.timeline)
    parts = [f"{TIMELINE} >= {max(timelines)}"] if timelines else []
    parts += [
        f"({TIMELINE} > {writer.timeline} or pg_visible_in_snapshot('{writer.xid}', pg_current_snapshot()))"
        for writer in fence.writers
    ]
    return " and ".join(parts) or "true"


def _on_standby(fence: Fence) -> str:
    if fence.floor is None:
        return "false"
    newest = max([fence.floor.timeline, *(writer.timeline for writer in fence.writers)])
    replayed = has_replayed(Position(newest, fence.floor.lsn))
    return " and ".join([replayed, *map(_ended, fence.writers)])


def _ended(writer: Writer) -> str:
    """Return what holds on a standby where a writer has ended; of an id it has not heard of it would raise an error."""
    return (
        f"case when '{writer.xid}'::xid8 >= pg_snapshot_xmax(pg_current_snapshot()) then false"
        f" else pg_xact_status('{writer.xid}') is distinct from 'in progress' end"
    )
