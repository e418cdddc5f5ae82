"""The one door where the driver's exceptions become ours, each with what became of the statement."""

import asyncpg
from asyncpg.pgproto.pgproto import BufferError  # noqa: A004 - not Python's, and no part of its name can be changed

from candlefish.errors import (
    AcquireTimeout,
    DatabaseError,
    RowMismatch,
    StatementFailed,
    StatementTimeout,
    Unavailable,
)

_UNREADABLE = (asyncpg.exceptions.ProtocolError, asyncpg.OutdatedSchemaCacheError, BufferError)
"""Raised where an answer is not what the prepared statement said it would be."""

DRIVER_ERRORS = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    BufferError,
    OSError,
    ValueError,
    OverflowError,
)
"""All that asyncpg raises. A connection that breaks and a deadline that passes (TimeoutError) are OSErrors; a value
that Python can't hold, such as a date before the year 1, is a ValueError or an OverflowError."""

READ_ONLY = "25006"
"""A statement that writes has met a server (or a transaction) that may only read."""

_UNAVAILABLE_CLASS = "08"
_UNAVAILABLE = frozenset({"57P01", "57P02", "57P03", "57P05", "53300"})
"""Shut down by the administrator, crashed, starting up or recovering, idle for too long, too many connections."""

_NOT_BEGUN = frozenset({"57P03", "57P05", "53300", "3D000", "28000", "28P01"})
"""What a server answers to a login (a pooler hands it on to the clients that waited for it), or to who was idle."""

_TURNED_AWAY = (
    "server login has been failing",
    "query_wait_timeout",
    "query_timeout",
    "client_login_timeout",
    "client_idle_timeout",
    "server shutting down",
    "pooler is shutting down",
    "pause failed",
    "no such database",
    "no more connections allowed",
    "the database system is",
    "sorry, too many clients already",
)
"""How the pooler's message begins when it ends a client whose statement no server has seen.

From objects.c, janitor.c and server.c of PgBouncer 1.18 to 1.25; the last two are the server's own words, which 1.18
hands on under a code of its own. "server conn crashed?", "query timeout" and all others leave the fate open.
"""

_FATE_OPEN = frozenset({"40003", "08007"})
"""The server says itself that it does not know whether the statement was completed."""

_FATE_UNKNOWN = "a statement under way may or may not have been carried out"


class PlanOutdated(StatementFailed):
    """A table's columns are not what they were when the statement was prepared; a new plan is made for the next one.

    Where the server itself noticed, nothing was done. Behind a pooler another server connection may have run the
    statement with the new columns, which the driver can't read: then it was `carried_out`.
    """

    def __init__(self, message: str, *, carried_out: bool) -> None:
        fate = "the statement was carried out, but its rows could not be read" if carried_out else ""
        super().__init__(
            message, sqlstate="0A000", carried_out=carried_out, detail=fate, hint="run it again if that does no harm"
        )


class PoolerBusy(AcquireTimeout):
    """The pooler had no server connection free in time; unlike our own pool's, this wait may be begun again."""


def translate(error: Exception) -> DatabaseError:
    """Return our exception for one of DRIVER_ERRORS."""
    if isinstance(error, asyncpg.ConnectionDoesNotExistError) and getattr(error, "severity", None) is None:
        return _translate_lost(error)  # the driver's own; a dblink's has a severity
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return PlanOutdated(f"the server refused an outdated plan: {error}", carried_out=False)
    if isinstance(error, _UNREADABLE):
        return PlanOutdated(f"the rows do not fit the plan: {error}", carried_out=True)
    if isinstance(error, asyncpg.PostgresError):
        return _translate_server(error)
    if isinstance(error, TimeoutError):
        return statement_timeout()
    if isinstance(error, OSError):
        return _unavailable(f"the connection to the database failed: {error}", carried_out=None)
    if isinstance(error, (asyncpg.InterfaceError, asyncpg.InternalClientError)):
        return _translate_client(error)
    return RowMismatch(f"a value of the result can't be held by Python: {error}", carried_out=True)


def statement_timeout() -> StatementTimeout:
    """Return what a caller is told when the client gave a statement up."""
    return StatementTimeout("the statement did not finish in time", carried_out=None, detail=_FATE_UNKNOWN)


def _translate_lost(error: asyncpg.PostgresError) -> DatabaseError:
    """Look at what the other side said before it closed the connection; asyncpg makes that the cause."""
    said = error.__cause__
    if not isinstance(said, asyncpg.PostgresError):
        return _unavailable(f"the connection to the database was lost: {said or error}", carried_out=None)
    if "query_wait_timeout" in str(said):
        return _translate_server(said)
    return _unavailable(f"the connection to the database was lost: {said}", carried_out=_fate(said))


def _translate_server(error: asyncpg.PostgresError) -> DatabaseError:
    message = str(getattr(error, "message", None) or error)
    sqlstate = str(getattr(error, "sqlstate", None) or "")
    if "query_wait_timeout" in message:
        return PoolerBusy("the pooler had no server connection free in time", detail=message)
    if _ends_connection(error) and (sqlstate.startswith(_UNAVAILABLE_CLASS) or sqlstate in _UNAVAILABLE):
        return _unavailable(f"the database is not available: {message}", carried_out=_fate(error))
    if sqlstate == "57014" and "user request" not in message:
        return StatementTimeout(f"the statement ran too long: {message}")
    return StatementFailed(
        f"the server refused the statement ({sqlstate}): {message}",
        sqlstate=sqlstate,
        carried_out=None if sqlstate in _FATE_OPEN else False,
        detail=str(getattr(error, "detail", None) or ""),
        hint=str(getattr(error, "hint", None) or ""),
    )


def _translate_client(error: Exception) -> DatabaseError:
    if "clos" in str(error):  # asyncpg has no class of its own for "connection is closed", which it sees before sending
        return _unavailable(f"the connection to the database is gone: {error}", carried_out=False)
    if "cannot switch to state" in str(error):  # the pooler has said goodbye between two statements; its EOF is next
        return _unavailable(f"the connection to the database was lost: {error}", carried_out=False)
    sqlstate = "22000" if isinstance(error, asyncpg.exceptions.DataError) else ""
    fate = None if isinstance(error, asyncpg.InternalClientError) else False
    return StatementFailed(f"the driver refused the statement: {error}", sqlstate=sqlstate, carried_out=fate)


def _unavailable(message: str, *, carried_out: bool | None) -> Unavailable:
    return Unavailable(message, carried_out=carried_out, detail=_FATE_UNKNOWN if carried_out is None else "")


def _ends_connection(error: asyncpg.PostgresError) -> bool:
    """Tell a refusal of the server or the pooler from a statement's own error, such as a dblink's that finds nobody."""
    severity = getattr(error, "severity_en", None) or getattr(error, "severity", None)
    return severity != "ERROR"


def _fate(error: asyncpg.PostgresError) -> bool | None:
    """Return False where the statement was certainly not begun, None where that is unknown."""
    turned_away = str(error).startswith(_TURNED_AWAY) or getattr(error, "sqlstate", None) in _NOT_BEGUN
    return False if turned_away else None
