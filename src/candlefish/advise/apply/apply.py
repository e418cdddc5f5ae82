"""Apply recommendations one after the other, and take them back; what a killed run left is mended first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from candlefish.advise.advice import Recommendation
from candlefish.advise.apply.build import Patience, build, remove_invalid, wait_for_old_transactions
from candlefish.advise.apply.extension import drop_extension, has_extension, made_extension
from candlefish.advise.apply.journal import Entry, State, entries, has_journal, make_journal, note
from candlefish.advise.apply.look import Made, find_index
from candlefish.advise.apply.session import change
from candlefish.advise.plans.explain import Connection
from candlefish.advise.quoting import quote
from candlefish.errors import EngineError


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: names of indexes that were built, that were there already, and what was mended before."""

    done: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    mended: tuple[str, ...] = ()


def apply(
    dsn: str,
    recommendations: Sequence[Recommendation],
    patience: Patience,
    on_step: Callable[[str], None] = lambda _: None,
) -> Applied:
    """Carry out recommendations; each statement is in the journal before it runs, and its end after."""
    done, skipped = [], []
    with change(dsn) as connection:
        make_journal(connection)
        mended = mend(connection, on_step)
        for one in recommendations:
            try:
                for step in one.steps:
                    extension = made_extension(step.statement)
                    if extension and has_extension(connection, extension):
                        skipped.append(extension)  # it is no part of the journal then, so that undo leaves it
                        continue
                    made = find_index(connection, step.index) if step.index[1] else None
                    if step.index[1] and (made is not None) is step.makes_index:
                        skipped.append(step.index[1])  # it is there already, or gone already
                        continue
                    on_step(step.statement)
                    build(connection, one.id, step, one.undo, patience, on_step)
                    done.append(step.index[1] or step.statement)
            except BaseException:
                if len(one.steps) > 1 and not connection.closed:
                    _withdraw(connection, one.id, patience, on_step)
                raise
    return Applied(tuple(done), tuple(skipped), mended)


def undo(
    dsn: str, patience: Patience, only: Sequence[str] = (), on_step: Callable[[str], None] = lambda _: None
) -> Applied:
    """Take back what the journal says was built, the newest first; `only` names recommendations."""
    done, skipped = [], []
    with change(dsn) as connection:
        if not has_journal(connection):
            return Applied()
        mended = mend(connection, on_step)
        for entry in reversed(entries(connection, "built")):
            if only and entry.recommendation not in only:
                continue
            if _take_back(connection, entry, patience, on_step):
                done.append(entry.index[1] or entry.statement)
            else:
                skipped.append(entry.index[1] or made_extension(entry.statement))
    return Applied(tuple(done), tuple(skipped), mended)


def mend(connection: Connection, on_step: Callable[[str], None]) -> tuple[str, ...]:
    """Bring the journal and the catalog together where a run was killed; return what was done about it."""
    said = []
    for entry in entries(connection, "building", "undoing"):
        made = find_index(connection, entry.index) if entry.index[1] else None
        if made is not None and made.builder:
            raise EngineError(
                f"pid {made.builder} still builds {'.'.join(entry.index)}",
                detail="the client that began it was killed, the server goes on",
                hint=f"wait for it, or end it with `SELECT pg_terminate_backend({made.builder})`",
            )
        state, word = _outcome(connection, entry, made)
        note(connection, entry.id, state, error="interrupted", definition=made.definition if made is not None else "")
        said.append(f"{entry.index[1] or entry.statement}: an interrupted run {word}")
    for one in said:
        on_step(one)
    return tuple(said)


def _outcome(connection: Connection, entry: Entry, made: Made | None) -> tuple[State, str]:
    """Return what became of a line whose run was killed, after what it left was removed."""
    if extension := made_extension(entry.statement):
        return ("built", "left it there") if has_extension(connection, extension) else ("failed", "had not begun it")
    is_whole = made is not None and made.is_valid
    if made is not None and not is_whole and not entry.drops and remove_invalid(connection, entry.index):
        return ("failed", "left it invalid: it was removed") if entry.state == "building" else ("undone", "dropped it")
    is_done = is_whole is not entry.drops if entry.state == "building" else is_whole is entry.drops
    if entry.state == "building":
        return ("built", "had finished it") if is_done else ("failed", "had not begun it")
    return ("undone", "had taken it back") if is_done else ("built", "had not taken it back")


def _withdraw(connection: Connection, recommendation: str, patience: Patience, on_step: Callable[[str], None]) -> None:
    """Take the first steps of a recommendation back whose next step failed: half of them serve nobody."""
    for entry in reversed(entries(connection, "built")):
        if entry.recommendation == recommendation:
            _take_back(connection, entry, patience, on_step)


def _take_back(connection: Connection, entry: Entry, patience: Patience, on_step: Callable[[str], None]) -> bool:
    """Undo one line; False where the index is another one than was built."""
    if extension := made_extension(entry.statement):
        if not drop_extension(connection, extension):
            on_step(f"something else uses the extension {extension}; left as it is")
            return False
        on_step(f"drops the extension {extension}")
    if not entry.index[1]:  # ATTACH PARTITION goes with its index
        note(connection, entry.id, "undone")
        return True
    if entry.drops:
        return _make_again(connection, entry, patience, on_step)
    made = find_index(connection, entry.index)
    if made is not None and made.definition != entry.definition:
        on_step(f"{entry.index[1]} was changed since: {made.definition}; left as it is")
        return False
    note(connection, entry.id, "undoing")
    if made is not None and not made.is_part:
        wait_for_old_transactions(connection, patience, on_step)
        on_step(f"drops {entry.index[1]}")
        connection.execute("SET lock_timeout = 0")
        connection.execute(_drop(connection, entry.index).encode())
    note(connection, entry.id, "undone")
    return True


def _make_again(connection: Connection, entry: Entry, patience: Patience, on_step: Callable[[str], None]) -> bool:
    """Make an index again that was dropped; False where there is one of its name."""
    if find_index(connection, entry.index) is not None:
        return False
    wait_for_old_transactions(connection, patience, on_step)
    note(connection, entry.id, "undoing")
    on_step(f"makes {entry.index[1]} again")
    connection.execute(entry.undo.encode())
    note(connection, entry.id, "undone")
    return True


def _drop(connection: Connection, index: tuple[str, str]) -> str:
    """Return DROP INDEX; that of a partitioned table can't go concurrently, and takes its parts along."""
    row = connection.execute(
        "SELECT c.relkind = 'I' FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s",
        index,
    ).fetchone()
    how = "DROP INDEX" if row == (True,) else "DROP INDEX CONCURRENTLY"
    return f"{how} IF EXISTS {quote(index[0])}.{quote(index[1])}"
