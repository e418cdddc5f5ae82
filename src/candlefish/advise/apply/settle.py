"""The journal and the catalog brought together: what became of a line that was begun and not ended."""

from collections.abc import Callable

from candlefish.advise.apply.extension import has_extension, made_extension
from candlefish.advise.apply.journal import Entry, State, entries, note
from candlefish.advise.apply.leftovers import leftovers_of, remove_leftovers
from candlefish.advise.apply.look import find_index
from candlefish.advise.plans.explain import Connection
from candlefish.errors import EngineError


def mend(connection: Connection, on_step: Callable[[str], None]) -> tuple[str, ...]:
    """Bring journal and catalog together where a run was killed; return what was done about it."""
    said = []
    for entry in entries(connection, "building", "undoing"):
        _require_nobody_builds(connection, entry)
        state, word = settle(connection, entry)
        made = find_index(connection, entry.index) if entry.index[1] else None
        note(connection, entry.id, state, error="interrupted", definition=made.definition if made is not None else "")
        said.append(f"{entry}: an interrupted run {word}")
        on_step(said[-1])
    return tuple(said)


def settle(connection: Connection, entry: Entry) -> tuple[State, str]:
    """Remove what a line left invalid; return what became of it, and the same in words."""
    if extension := made_extension(entry.statement):
        is_there = has_extension(connection, extension)
        if entry.state == "undoing":
            return ("built", "had not taken it back") if is_there else ("undone", "had taken it back")
        return ("built", "had finished it") if is_there else ("failed", "had not begun it")
    was_left = remove_leftovers(connection, entry)
    index = entry.rebuilds or entry.index
    made = find_index(connection, index) if index[1] else None
    is_there = made is not None and made.is_whole
    if entry.state == "undoing":
        is_undone = is_there is entry.drops
        return ("undone", "had taken it back") if is_undone else ("built", "had not taken it back")
    if is_there is not entry.drops:
        return "built", "had finished it"
    return "failed", "left it invalid: it was removed" if was_left else "had not begun it"


def _require_nobody_builds(connection: Connection, entry: Entry) -> None:
    index = find_index(connection, entry.index) if entry.index[1] else None
    for made in (*leftovers_of(connection, entry).values(), *([index] if index is not None else [])):
        if made.builder:
            raise EngineError(
                f"pid {made.builder} still builds {entry}",
                detail="the client that began it was killed, the server goes on",
                hint=f"wait for it, or end it with `SELECT pg_terminate_backend({made.builder})`",
            )
