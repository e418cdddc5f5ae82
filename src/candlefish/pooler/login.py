"""Log in to the database itself, and tell a refusal (somebody has to act) from an absence (it will come back)."""

import ssl

import asyncpg

from candlefish.errors import CandlefishError, EngineError, Unavailable
from candlefish.pooler.credentials import Login
from candlefish.pooler.environment import Server

LOGIN_TIMEOUT_S = 5.0
"""A login takes some milliseconds; a database that fails over is silent for longer, and is not waited for."""


class LoginRefused(EngineError):
    """The database is there and takes no login like this one."""


class UserRefused(LoginRefused):
    """The database does not know the user, or not with this password."""


async def open_connection(server: Server, login: Login, *, origin: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Open a connection to the primary; `origin` says where the password came from.

    Raises LoginRefused for what only a change of configuration mends, Unavailable for what passes.
    """
    try:
        return await asyncpg.connect(
            host=server.host, port=server.port, user=login.username, password=login.password,
            database=server.database, ssl=_make_tls(server), timeout=LOGIN_TIMEOUT_S,
            server_settings={"application_name": "candlefish_pooler"}, statement_cache_size=0,
        )  # fmt: skip
    except (asyncpg.PostgresError, OSError, asyncpg.InterfaceError) as error:  # TimeoutError and SSLError are OSErrors
        raise explain(error, server, login, origin) from None


async def try_login(server: Server, login: Login, *, origin: str) -> None:
    """Log in and out again; raise as `open_connection` does."""
    connection = await open_connection(server, login, origin=origin)
    await connection.close(timeout=LOGIN_TIMEOUT_S)


def explain(error: Exception, server: Server, login: Login, origin: str) -> CandlefishError:
    """Turn a failed login into the error that says what to do."""
    where = f"{server.host}:{server.port}"
    said = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, asyncpg.InvalidAuthorizationSpecificationError):  # class 28, a wrong password among them
        return UserRefused(
            f"the database {where} refuses the user {login.username} with the password of {origin}",
            detail=said,
            hint="compare both: the password in the database is set by `bootstrap` and by `rotate`",
        )
    if isinstance(error, asyncpg.InvalidCatalogNameError):
        return LoginRefused(f"there is no database {server.database} on {where}", detail=said, hint="see DB_NAME")
    if isinstance(error, ssl.SSLCertVerificationError):
        return LoginRefused(
            f"the certificate of {where} is not signed by an authority of {server.ca_file}, or has another name",
            detail=said,
            hint="set DB_HOST to the name in the certificate, and DB_CA_FILE to the file with its authority",
        )
    if isinstance(error, ConnectionError) and "SSL upgrade" in said:
        return LoginRefused(
            f"the database {where} has no TLS", detail=said, hint="turn it on there, or set DB_TLS=disable"
        )
    return Unavailable(f"the database {where} can't be reached now", detail=said)


def _make_tls(server: Server) -> ssl.SSLContext | bool:
    return False if server.tls == "disable" else ssl.create_default_context(cafile=server.ca_file)
