"""The door between the driver's exceptions and ours lets none through."""

import asyncpg
import pytest

from candlefish.client.postgres.exceptions import DRIVER_ERRORS, PlanOutdated, translate
from candlefish.errors import AcquireTimeout, DatabaseError, StatementFailed, StatementTimeout, Unavailable

RAISED = [
    cls
    for cls in vars(asyncpg.exceptions).values()
    if isinstance(cls, type)
    and issubclass(cls, Exception)
    and not issubclass(cls, Warning)  # what the server notes beside a result is not raised
    and cls.__module__.startswith("asyncpg")
]


def test_the_driver_has_its_exceptions_where_this_test_looks() -> None:
    assert len(RAISED) > 200


@pytest.mark.parametrize("cls", RAISED, ids=lambda cls: cls.__name__)
def test_every_exception_of_the_driver_becomes_one_of_ours(cls: type[Exception]) -> None:
    error = cls("it did not work")
    assert isinstance(error, DRIVER_ERRORS)
    assert isinstance(translate(error), DatabaseError)


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"), Unavailable),
        (asyncpg.AdminShutdownError("terminating connection due to administrator command"), Unavailable),
        (asyncpg.CannotConnectNowError("the database system is starting up"), Unavailable),
        (asyncpg.TooManyConnectionsError("sorry, too many clients already"), Unavailable),
        (asyncpg.ProtocolViolationError("server login has been failing, try again later"), Unavailable),
        (asyncpg.ProtocolViolationError("query_wait_timeout"), AcquireTimeout),
        (asyncpg.InterfaceError("connection is closed"), Unavailable),
        (ConnectionRefusedError("refused"), Unavailable),
        (TimeoutError(), StatementTimeout),
        (asyncpg.QueryCanceledError("canceling statement due to statement timeout"), StatementTimeout),
        (asyncpg.QueryCanceledError("canceling statement due to user request"), StatementFailed),
        (asyncpg.UniqueViolationError("duplicate key value"), StatementFailed),
        (asyncpg.SerializationError("could not serialize access"), StatementFailed),
        (asyncpg.exceptions.DataError("invalid input for query argument $1"), StatementFailed),
        (asyncpg.InvalidCachedStatementError("cached plan must not change result type"), PlanOutdated),
        (asyncpg.exceptions.ProtocolError("the number of columns in the result row (2) is different"), PlanOutdated),
        (asyncpg.InternalClientError("unexpected"), StatementFailed),
    ],
)
def test_an_exception_becomes_the_one_that_says_what_to_do(error: Exception, ours: type[DatabaseError]) -> None:
    assert isinstance(translate(error), ours)


def test_a_refused_statement_keeps_its_sqlstate() -> None:
    refused = translate(asyncpg.UniqueViolationError("duplicate key value"))
    assert isinstance(refused, StatementFailed)
    assert refused.sqlstate == "23505"


def test_a_connection_that_breaks_leaves_the_statement_open_and_says_so() -> None:
    assert "may or may not" in translate(ConnectionResetError("reset")).detail
