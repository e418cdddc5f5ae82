"""PgBouncer's console and its endpoints, asked over TLS from inside the container.

psycopg, because the console speaks the simple query protocol alone, and asyncpg only the extended one
("extended query protocol not supported by admin console", measured with 1.24.1).
"""

import asyncio
from typing import Any

import psycopg
from psycopg.rows import dict_row

from candlefish.errors import EngineError
from candlefish.pooler.credentials import Login
from candlefish.pooler.environment import ANSWER_S
from candlefish.pooler.userlist import Access

CONSOLE = "pgbouncer"


def ask(access: Access, database: str, login: Login, question: str) -> list[dict[str, Any]]:
    """Return the rows of one query through the pooler's port; raise EngineError."""
    return asyncio.run(_ask(access, database, login, question))


def ask_console(access: Access, command: str) -> list[dict[str, Any]]:
    """Return the rows of one SHOW command."""
    return ask(access, CONSOLE, access.monitor, command)


async def _ask(access: Access, database: str, login: Login, question: str) -> list[dict[str, Any]]:
    try:
        async with asyncio.timeout(ANSWER_S):
            connection = await psycopg.AsyncConnection.connect(
                host="127.0.0.1", port=access.port, user=login.username, password=login.password, dbname=database,
                sslmode="require", autocommit=True, connect_timeout=int(ANSWER_S),
            )  # fmt: skip
            async with connection, connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(question.encode())
                return await cursor.fetchall()
    except psycopg.Error as error:
        raise EngineError(f"PgBouncer refused on port {access.port}", detail=" ".join(str(error).split())) from None
    except TimeoutError:
        raise EngineError(f"PgBouncer on port {access.port} did not answer within {ANSWER_S:g} s") from None
