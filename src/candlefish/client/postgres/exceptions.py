"""The one door where the driver's exceptions become ours."""

import asyncpg

from candlefish.errors import AcquireTimeout, DatabaseError, StatementFailed, StatementTimeout, Unavailable

DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""All that asyncpg raises; a connection that breaks and a deadline that passes (TimeoutError) are OSErrors."""

_UNAVAILABLE_CLASS = "08"
_UNAVAILABLE = frozenset({"57P01", "57P02", "57P03", "57P05", "53300"})
"""Shut down by the administrator, crashed, starting up or recovering, idle for too long, too many connections."""

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


def translate(error: Exception) -> DatabaseError:
    """Return our exception for one of DRIVER_ERRORS."""
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return PlanOutdated(f"the server refused an outdated plan: {error}", carried_out=False)
    if isinstance(error, asyncpg.exceptions.ProtocolError):
        return PlanOutdated(f"the rows do not fit the plan: {error}", carried_out=True)
    if isinstance(error, asyncpg.PostgresError):
        return _translate_server(error)
    if isinstance(error, TimeoutError):
        return StatementTimeout("the statement did not finish in time", detail=_FATE_UNKNOWN)
    if isinstance(error, OSError):
        return Unavailable(f"the connection to the database failed: {error}", detail=_FATE_UNKNOWN)
    return _translate_client(error)


def refused_by_server(error: Exception) -> bool:
    """Tell whether the server answered, so that the connection is as good as before (unless it is gone)."""
    return isinstance(error, asyncpg.PostgresError)


def _translate_server(error: asyncpg.PostgresError) -> DatabaseError:
    message = str(getattr(error, "message", None) or error)
    sqlstate = str(getattr(error, "sqlstate", None) or "")
    if "query_wait_timeout" in message:
        return AcquireTimeout("the pooler had no server connection free in time", detail=message)
    if sqlstate.startswith(_UNAVAILABLE_CLASS) or sqlstate in _UNAVAILABLE:
        return Unavailable(f"the database is not available: {message}", detail=_FATE_UNKNOWN)
    if sqlstate == "57014" and "user request" not in message:
        return StatementTimeout(f"the statement ran too long: {message}")
    return StatementFailed(
        f"the server refused the statement ({sqlstate}): {message}",
        sqlstate=sqlstate,
        detail=str(getattr(error, "detail", None) or ""),
        hint=str(getattr(error, "hint", None) or ""),
    )


def _translate_client(error: Exception) -> DatabaseError:
    if "clos" in str(error):  # asyncpg has no class of its own for "connection is closed", "pool is closing"
        return Unavailable(f"the connection to the database is gone: {error}", detail=_FATE_UNKNOWN)
    sqlstate = "22000" if isinstance(error, asyncpg.exceptions.DataError) else ""
    return StatementFailed(f"the driver refused the statement: {error}", sqlstate=sqlstate)
