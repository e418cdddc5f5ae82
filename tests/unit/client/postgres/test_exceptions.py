"""The door between the driver's exceptions and ours lets none through, and says what became of the statement."""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module

import asyncpg
import pytest

from candlefish.client.postgres.exceptions import DRIVER_ERRORS, PlanOutdated, PoolerBusy, translate
from candlefish.errors import DatabaseError, RowMismatch, StatementFailed, StatementTimeout, Unavailable

NEVER_RAISED = {
    "ClusterError": "of a server that the driver's own tests start",
    "_RetryConnectSignal": "caught where it is raised, to connect without TLS",
    "_NextHostSignal": "caught where it is raised, to try another host",
}


def exceptions(base: type[BaseException] = BaseException) -> Iterator[type[BaseException]]:
    """Give every exception that is defined anywhere in the driver; warnings are noted beside a result, not raised."""
    for cls in base.__subclasses__():
        if re.match(r"asyncpg\.(?!_testbase)", cls.__module__) and not issubclass(cls, Warning):
            yield cls
        yield from exceptions(cls)


for module in pkgutil.walk_packages(asyncpg.__path__, "asyncpg."):
    if not module.name.startswith("asyncpg._testbase"):
        import_module(module.name)
RAISED = sorted(set(exceptions()), key=lambda cls: cls.__name__)


def test_the_driver_has_its_exceptions_where_this_test_looks() -> None:
    assert len(RAISED) > 240
    assert {*NEVER_RAISED, "PostgresError", "InterfaceError", "InternalClientError", "BufferError"} <= {
        cls.__name__ for cls in RAISED
    }


@pytest.mark.parametrize(
    "cls", [cls for cls in RAISED if cls.__name__ not in NEVER_RAISED], ids=lambda cls: cls.__name__
)
def test_every_exception_of_the_driver_becomes_one_of_ours(cls: type[Exception]) -> None:
    error = cls("it did not work")
    assert isinstance(error, DRIVER_ERRORS)
    assert isinstance(translate(error), DatabaseError)


def fatal(message: str, cls: type[asyncpg.PostgresError] = asyncpg.ProtocolViolationError) -> Exception:
    """Return what the driver raises when the other side says something and closes the connection."""
    said = cls(message)
    said.severity = "FATAL"
    lost = asyncpg.ConnectionDoesNotExistError(f"connection was closed in the middle of operation: {message}")
    lost.__cause__ = said
    return lost


def refused(cls: type[asyncpg.PostgresError], message: str) -> asyncpg.PostgresError:
    """Return what the driver raises when the server refuses a statement and goes on."""
    error = cls(message)
    error.severity = "ERROR"
    return error


CHANGED_NOTHING, UNKNOWN, CARRIED_OUT = False, None, True


@pytest.mark.parametrize(
    ("error", "ours", "carried_out"),
    [
        # the pooler turned the client away before any server had the statement
        (fatal("server login has been failing, try again later (server_login_retry)"), Unavailable, CHANGED_NOTHING),
        (fatal("server login has been failing, cached error: connect failed"), Unavailable, CHANGED_NOTHING),
        (fatal("no such database: shop"), Unavailable, CHANGED_NOTHING),
        (fatal("pooler is shutting down"), Unavailable, CHANGED_NOTHING),
        (fatal("client_idle_timeout"), Unavailable, CHANGED_NOTHING),
        (fatal("query_wait_timeout"), PoolerBusy, CHANGED_NOTHING),
        (asyncpg.ProtocolViolationError("query_wait_timeout"), PoolerBusy, CHANGED_NOTHING),
        # the server did not let it in
        (asyncpg.CannotConnectNowError("the database system is starting up"), Unavailable, CHANGED_NOTHING),
        (fatal("the database system is in recovery mode", asyncpg.CannotConnectNowError), Unavailable, CHANGED_NOTHING),
        (fatal("the database system is shutting down"), Unavailable, CHANGED_NOTHING),  # as PgBouncer 1.18 hands it on
        (asyncpg.TooManyConnectionsError("sorry, too many clients already"), Unavailable, CHANGED_NOTHING),
        # the driver saw that the connection was gone before it sent anything
        (asyncpg.InterfaceError("connection is closed"), Unavailable, CHANGED_NOTHING),
        (
            asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
            Unavailable,
            CHANGED_NOTHING,
        ),
        # the statement was under way
        (fatal("server conn crashed?"), Unavailable, UNKNOWN),
        (fatal("query timeout"), Unavailable, UNKNOWN),
        (fatal("what a later pooler says"), Unavailable, UNKNOWN),
        (
            fatal("terminating connection due to administrator command", asyncpg.AdminShutdownError),
            Unavailable,
            UNKNOWN,
        ),
        (asyncpg.AdminShutdownError("terminating connection due to administrator command"), Unavailable, UNKNOWN),
        (asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"), Unavailable, UNKNOWN),
        (ConnectionResetError("reset"), Unavailable, UNKNOWN),
        (TimeoutError(), StatementTimeout, UNKNOWN),
        (asyncpg.InternalClientError("unexpected"), StatementFailed, UNKNOWN),
        # the server answered
        (asyncpg.QueryCanceledError("canceling statement due to statement timeout"), StatementTimeout, CHANGED_NOTHING),
        (asyncpg.QueryCanceledError("canceling statement due to user request"), StatementFailed, CHANGED_NOTHING),
        (asyncpg.UniqueViolationError("duplicate key value"), StatementFailed, CHANGED_NOTHING),
        (asyncpg.SerializationError("could not serialize access"), StatementFailed, CHANGED_NOTHING),
        (asyncpg.StatementCompletionUnknownError("who knows"), StatementFailed, UNKNOWN),
        (asyncpg.InvalidCachedStatementError("cached plan must not change"), PlanOutdated, CHANGED_NOTHING),
        # a statement's own trouble with another database is not ours
        (refused(asyncpg.ClientCannotConnectError, "could not establish connection"), StatementFailed, CHANGED_NOTHING),
        (refused(asyncpg.ConnectionDoesNotExistError, 'connection "other" not available'), StatementFailed, False),
        # the driver could not read the answer, or not write the question
        (asyncpg.exceptions.ProtocolError("the number of columns (2) is different"), PlanOutdated, CARRIED_OUT),
        (asyncpg.OutdatedSchemaCacheError("unexpected number of attributes"), PlanOutdated, CARRIED_OUT),
        (ValueError("year -43 is out of range"), RowMismatch, CARRIED_OUT),
        (OverflowError("date value out of range"), RowMismatch, CARRIED_OUT),
        (asyncpg.exceptions.DataError("invalid input for query argument $1"), StatementFailed, CHANGED_NOTHING),
    ],
)
def test_an_exception_says_what_became_of_the_statement(
    error: Exception, ours: type[DatabaseError], carried_out: bool | None
) -> None:
    translated = translate(error)
    assert (type(translated), translated.carried_out) == (ours, carried_out)


def test_a_refused_statement_keeps_its_sqlstate() -> None:
    translated = translate(asyncpg.UniqueViolationError("duplicate key value"))
    assert isinstance(translated, StatementFailed)
    assert translated.sqlstate == "23505"


def test_a_connection_that_breaks_leaves_the_statement_open_and_says_so() -> None:
    assert "may or may not" in translate(ConnectionResetError("reset")).detail


def test_what_the_pooler_said_last_is_told() -> None:
    assert "server conn crashed?" in translate(fatal("server conn crashed?")).message
