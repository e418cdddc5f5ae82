"""One step of a recommendation: in the journal before it begins and after it ends, nothing invalid left behind."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psycopg

from candlefish.advise.advice import Recommendation, Step
from candlefish.advise.apply.journal import Entry, State, begin, note
from candlefish.advise.apply.leftovers import remove_leftovers
from candlefish.advise.apply.look import find_index
from candlefish.advise.apply.patiently import Limits, run_patiently
from candlefish.advise.apply.progress import watched
from candlefish.advise.apply.settle import settle
from candlefish.advise.apply.space import space_words
from candlefish.advise.plans.explain import Connection
from candlefish.errors import CandlefishError, EngineError


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for transactions that were open before, and for one build, in seconds."""

    wait_s: float = 600.0
    build_s: float = 6 * 3600.0

    @property
    def limits(self) -> Limits:
        """Return the limits of one statement."""
        return Limits(self.wait_s, self.build_s)


def build(
    connection: Connection, one: Recommendation, step: Step, patience: Patience, on_step: Callable[[str], None]
) -> None:
    """Carry out one step and write it down; raise EngineError with nothing invalid left where it can't be done."""
    entry = begin(connection, one.id, step.index, step.statement, one.undo)
    space = space_words(one, _size_of(connection, entry))
    if space:
        on_step(f"{entry} {space}")
    try:
        attempts = run_patiently(
            connection, step.statement, patience.limits, on_step, lambda: remove_leftovers(connection, entry)
        )
    except BaseException as error:  # Ctrl-C too: its statement was cancelled, and what it left must go before we do
        if (
            end_badly(connection, entry, error, on_step) == "built"
        ):  # a drop that had come too far to be stopped was finished
            return
        if isinstance(error, psycopg.Error):
            raise _failure(one, step, error, space) from error
        raise
    made = find_index(connection, step.index) if step.index[1] else None
    note(connection, entry.id, "built", definition=made.definition if made is not None else "", attempts=attempts)


def end_badly(connection: Connection, entry: Entry, error: BaseException, on_step: Callable[[str], None]) -> State:
    """Remove what a failed line left, write down what is; raise EngineError where the server is gone."""
    if connection.closed:
        raise EngineError(
            "the connection was lost during a build",
            detail=_said(error),
            hint="run the same command again: the journal knows what was begun, and mends it first",
        ) from error
    state = entry.state
    with suppress(psycopg.Error):  # what remains is told by the journal, and mended by the next command
        with watched(connection, on_step):  # what is left goes when those that read the table have ended
            state, _ = settle(connection, entry)
        made = find_index(connection, entry.index) if entry.index[1] else None
        note(connection, entry.id, state, error=_said(error), definition=made.definition if made is not None else "")
    return state


def _said(error: BaseException) -> str:
    if isinstance(error, psycopg.Error):
        return (error.diag.message_primary or str(error)).strip()
    return error.message if isinstance(error, CandlefishError) else "interrupted"


def _failure(one: Recommendation, step: Step, error: psycopg.Error, space: str) -> EngineError:
    doing, said = _doing(one, step), _said(error)
    if isinstance(error, psycopg.errors.DiskFull):
        return EngineError(
            f"could not {doing}: the disk is full",
            detail=f"{said}; it {space}" if space else said,
            hint="nothing of it was left; make room where the server keeps its data (tablespace, WAL, temporary files),"
            " or lead it elsewhere with ALTER ROLE ... SET default_tablespace or temp_tablespaces, and run the same"
            " command again",
        )
    hint = "nothing of it was left; run the same command again when the cause is gone"
    if isinstance(error, psycopg.errors.UniqueViolation):
        hint = "nothing of it was left; the values are not unique (any more)"
    return EngineError(f"could not {doing}", detail=said, hint=hint)


def _doing(one: Recommendation, step: Step) -> str:
    if step.index[1]:
        return f"{'build' if step.makes_index else 'drop'} {'.'.join(step.index)}"
    verb = "rebuild" if one.kind == "reindex" else "attach a part to"
    return f"{verb} {one.table.schema}.{one.name}"


def _size_of(connection: Connection, entry: Entry) -> int:
    """Return the size of the index that is built anew, 0 for none."""
    if entry.rebuilds is None:
        return 0
    row = connection.execute(
        "SELECT pg_relation_size(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s",
        entry.rebuilds,
    ).fetchone()
    return 0 if row is None else int(row[0])
