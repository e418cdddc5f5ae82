"""Run plain SQL in a database: every statement once, in order, past those that fail."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, LiteralString, cast

import psycopg
from psycopg import errors

from candlefish.errors import EngineError, UsageError
from candlefish.migrate.extensions import install_hint, missing_extension, role_hint
from candlefish.migrate.model import NotTaken, Outcome
from candlefish.migrate.policy import decide_command, decide_statement, is_harmless
from candlefish.migrate.script import PsqlCommand, Script, Statement

Connection = psycopg.Connection[tuple[Any, ...]]

END_MARK = b"-- PostgreSQL database dump complete"
"""Written by every pg_dump since 8.0 as its last line but one."""

SHOWN = 120
"""Characters of a failed statement that are shown."""


def run_script(script: Script, connection: Connection, *, on_item: Callable[[], None]) -> Outcome:
    """Run a script and return what of it could not be taken; `on_item` is called after each item.

    Raises EngineError when the server goes away, UsageError for a script that fills several databases.
    """
    outcome = Outcome()
    databases: list[str] = []
    for item in script:
        if isinstance(item, PsqlCommand):
            note_command(item, outcome, databases)
        else:
            _take(item, script, connection, outcome)
            script.standard_strings = connection.info.parameter_status("standard_conforming_strings") != "off"
        on_item()
    return outcome


def note_end(script: Script, outcome: Outcome) -> None:
    """Note it when a dump of pg_dump stops before its end."""
    if END_MARK not in script.tail:
        reason = f"the dump is cut off at line {script.line}"
        hint = "make the dump, or the copy of it, again"
        outcome.fail(NotTaken("data", "what follows the last line", reason, script.line, hint))


def note_command(item: PsqlCommand, outcome: Outcome, databases: list[str]) -> None:
    """Note what a psql command of a script means for a load; `databases` are those it connected to before."""
    decision = decide_command(item.name)
    if item.name in ("connect", "c"):
        databases.append(item.argument)
        if item.argument != databases[0]:
            raise UsageError(
                "the dump holds several databases, a load takes one",
                detail=f"line {item.line}: \\{item.name} {item.argument}, after {databases[0]}",
                hint="dump the database that you want with `pg_dump -Fc -f FILE DATABASE`",
            )
    if decision.action == "leave out":
        outcome.leave_out(decision.why)
    else:
        outcome.fail(NotTaken("psql command", f"\\{item.name} {item.argument}".strip(), decision.why, item.line))


def note_refusal(item: Statement, outcome: Outcome) -> bool:
    """Return whether a statement is to run; when not, note why."""
    decision = decide_statement(item.sql)
    if decision.action == "leave out":
        outcome.leave_out(decision.why)
    elif decision.action == "refuse":
        outcome.fail(NotTaken("statement", shown(item.sql), decision.why, item.line))
    return decision.action == "run"


def _take(item: Statement, script: Script, connection: Connection, outcome: Outcome) -> None:
    runs = note_refusal(item, outcome)
    data = script.copy_data() if item.takes_data else None
    try:
        if not runs:
            pass
        elif data is not None:
            with connection.cursor().copy(item.sql) as copy:
                for piece in data:
                    copy.write(piece)
        else:
            _execute(connection, item.sql)
    except psycopg.Error as error:
        if connection.closed:
            raise EngineError(
                "the server went away during the load",
                detail=f"line {item.line}: {shown(item.sql)}: {_reason_of(error)}",
                hint="nothing was changed; see `candlefish status`, then load again",
            ) from error
        _note_failure(item, error, outcome)
    finally:
        if data is not None:
            for _ in data:  # what the server did not want would be taken for statements
                pass


def _execute(connection: Connection, sql: bytes) -> None:
    cursor = connection.cursor()
    # Bytes are sent as they are: without parameters nothing in them is a placeholder.
    cursor.execute(cast(LiteralString, sql))


def _note_failure(item: Statement, error: psycopg.Error, outcome: Outcome) -> None:
    state = error.sqlstate or ""
    reason = _reason_of(error)
    if is_harmless(item.sql, state):
        outcome.leave_out("drops of what was not there")
    elif isinstance(error, errors.InFailedSqlTransaction):
        outcome.leave_out("statements of a transaction that had failed")
    elif extension := missing_extension(reason):
        outcome.fail(NotTaken("extension", extension, reason, item.line, install_hint(extension)))
    else:
        with suppress(UnicodeDecodeError):
            reason = ": ".join(part for part in (reason, error.diag.message_detail) if part)
        outcome.fail(
            NotTaken("data" if item.takes_data else "statement", shown(item.sql), reason, item.line, role_hint(reason))
        )


def _reason_of(error: psycopg.Error) -> str:
    return error.diag.message_primary or " ".join(str(error).split())


def shown(sql: bytes) -> str:
    """Return a statement's beginning on one line."""
    text = " ".join(sql[: 4 * SHOWN].decode(errors="replace").split())
    return text if len(text) <= SHOWN else text[: SHOWN - 3] + "..."
