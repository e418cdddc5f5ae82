"""One line of the journal taken back: what it built is dropped, what it dropped is made again."""

from collections.abc import Callable
from dataclasses import replace

import psycopg

from candlefish.advise.apply.build import Patience, end_badly
from candlefish.advise.apply.extension import drop_extension, made_extension
from candlefish.advise.apply.journal import Entry, note
from candlefish.advise.apply.leftovers import remove_leftovers
from candlefish.advise.apply.look import Made, find_index
from candlefish.advise.apply.patiently import run_patiently
from candlefish.advise.plans.explain import Connection
from candlefish.advise.quoting import quote
from candlefish.errors import EngineError


def take_back(
    connection: Connection, entry: Entry, patience: Patience, on_step: Callable[[str], None], why: str = ""
) -> bool:
    """Undo one line and write down why; False where the index is another one than was built."""
    if extension := made_extension(entry.statement):
        return _take_extension_back(connection, entry, extension, on_step, why)
    made = find_index(connection, entry.index) if entry.index[1] else None
    if made is not None and entry.drops and made.is_whole and made.definition == _definition(entry.undo):
        note(connection, entry.id, "undone", error=why or "somebody made it again")
        return True
    if made is not None and (entry.drops or made.definition != entry.definition):
        on_step(f"{entry} was changed since: {made.definition}; left as it is")
        return False
    statement = _statement(entry, made)
    if statement:
        on_step(f"makes {entry} again" if entry.drops else f"drops {entry}")
        _run(connection, replace(entry, state="undoing"), statement, patience, on_step)
    note(connection, entry.id, "undone", error=why)
    return True


def _take_extension_back(
    connection: Connection, entry: Entry, extension: str, on_step: Callable[[str], None], why: str
) -> bool:
    """Drop an extension that a step made; False where something else uses it."""
    if not drop_extension(connection, extension):
        on_step(f"something else uses the extension {extension}; left as it is")
        return False
    on_step(f"drops the extension {extension}")
    note(connection, entry.id, "undone", error=why)
    return True


def _definition(statement: str) -> str:
    """Return what PostgreSQL says of the index that a statement makes again; it was written from that."""
    return statement.replace("INDEX CONCURRENTLY ", "INDEX ", 1)


def _statement(entry: Entry, made: Made | None) -> str:
    """Return what takes a line back; "" for nothing, as ATTACH PARTITION goes with its index."""
    if entry.drops:
        return entry.undo
    if made is None or made.is_part:
        return ""
    how = "DROP INDEX" if made.is_partitioned else "DROP INDEX CONCURRENTLY"  # that takes its parts along
    return f"{how} IF EXISTS {quote(entry.index[0])}.{quote(entry.index[1])}"


def _run(
    connection: Connection, entry: Entry, statement: str, patience: Patience, on_step: Callable[[str], None]
) -> None:
    note(connection, entry.id, "undoing")
    try:
        run_patiently(connection, statement, patience.limits, on_step, lambda: remove_leftovers(connection, entry))
    except BaseException as error:
        if (
            end_badly(connection, entry, error, on_step) == "undone"
        ):  # it had come too far to be stopped, and was finished
            return
        if isinstance(error, psycopg.Error):
            raise EngineError(
                f"could not take {'.'.join(entry.index)} back",
                detail=(error.diag.message_primary or str(error)).strip(),
                hint="it is as it was; run the same command again when the cause is gone",
            ) from error
        raise
