"""`bootstrap`: make the roles, grants and extensions of a new database, and set right those of an old one."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import asyncpg

from candlefish.errors import EngineError
from candlefish.plan.pgbouncer import STATISTICS_ROLE
from candlefish.pooler.credentials import Login, fetch_login
from candlefish.pooler.environment import LoginSource, Reader, Server, read_server
from candlefish.pooler.login import open_connection
from candlefish.pooler.roles import Names, Statement, make_statements
from candlefish.pooler.scram import make_verifier

STATEMENT_TIMEOUT_S = 60.0
"""Each statement touches the catalogue alone; one that takes longer waits for somebody's lock."""

HIDDEN = "********"

Show = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class RolesEnvironment:
    """What `bootstrap` goes by."""

    server: Server
    admin: LoginSource
    app: LoginSource
    monitor: LoginSource


def read_roles(env: Mapping[str, str]) -> RolesEnvironment:
    """Return what `bootstrap` goes by; raise UsageError that names every mistake."""
    reader = Reader(env)
    found = RolesEnvironment(
        server=read_server(reader),
        admin=reader.login("ADMIN", "AWS_ADMIN_SECRET_NAME", username=None),
        app=reader.login("DB", "AWS_SECRET_NAME", username=None),
        monitor=reader.login("MONITOR", "AWS_MONITOR_SECRET_NAME", username=STATISTICS_ROLE),
    )
    reader.finish()
    return found


def bootstrap(environment: RolesEnvironment, *, dry_run: bool, show: Show, say: Show) -> None:
    """Run every statement, or show them; raise EngineError that names the one that was refused."""
    admin, app, monitor = map(fetch_login, (environment.admin, environment.app, environment.monitor))
    database = environment.server.database
    hide = (lambda _password: HIDDEN) if dry_run else make_verifier
    names = Names(database, admin.username, app.username, monitor.username, hide(app.password), hide(monitor.password))
    statements = make_statements(names)
    if dry_run:
        for statement in statements:
            show(f"{statement.sql};")
        return
    asyncio.run(_run(environment, admin, statements, say))
    say(f"{database} on {environment.server.host} has its roles: {', '.join(names.pair)} and {monitor.username}")


async def _run(environment: RolesEnvironment, admin: Login, statements: tuple[Statement, ...], say: Show) -> None:
    connection = await open_connection(environment.server, admin, origin=environment.admin.shown)
    try:
        for statement in statements:
            await _execute(connection, statement, say)
    finally:
        await connection.close(timeout=STATEMENT_TIMEOUT_S)


async def _execute(connection: "asyncpg.Connection[asyncpg.Record]", statement: Statement, say: Show) -> None:
    try:
        await connection.execute(statement.sql, timeout=STATEMENT_TIMEOUT_S)
    except (asyncpg.PostgresError, TimeoutError) as error:
        said = " ".join(str(error).split()) or f"no answer within {STATEMENT_TIMEOUT_S:g} s"
        shown = statement.sql.split(" password ")[0]
        if not statement.needed:
            say(f"warning: left out, because the database refuses: {shown} ({said})")
            return
        raise EngineError(
            f"the database refuses: {shown}",
            detail=said,
            hint="mend that and run `bootstrap` again: what is done already is left as it is",
        ) from None
