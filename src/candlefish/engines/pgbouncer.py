"""PgBouncer: its two files, its program, and what its console says."""

import functools
import signal
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import dict_row

from candlefish.engines import databases
from candlefish.engines.binaries import find_pgbouncer
from candlefish.engines.supervisor import Program, Supervisor
from candlefish.engines.tier import Tier
from candlefish.errors import EngineError
from candlefish.plan.pgbouncer import Files, Routes, render_ini

NAME = "pgbouncer"

_newest = functools.cache(find_pgbouncer)
"""The follower writes the configuration five times a second: the program's version is asked for once."""


def make_program(tier: Tier) -> Program:
    """Give PgBouncer's command line; SIGINT lets the statements of the moment end, then it leaves."""
    binary, _version = _newest()
    return Program(
        NAME,
        (str(binary), str(tier.state.config / "pgbouncer.ini")),
        priority=50,
        stop_signal="INT",
        stop_wait_s=3,
    )


def write_config(tier: Tier, routes: Routes, served: Sequence[str]) -> bool:
    """Write the ini and the list of users; return whether anything changed."""
    state, secrets = tier.state, tier.secrets
    users = {
        databases.ADMIN: secrets.admin,
        databases.APP: secrets.app,
        databases.MONITOR: secrets.monitor,
        databases.POOLER: secrets.pooler,
    }
    lines = (f'"{name}" "{secrets.verifier(password)}"\n' for name, password in users.items())
    changed = state.write(state.config / "users.txt", "".join(lines))
    files = Files(
        auth_file=str(state.config / "users.txt"),
        pid_file=str(state.run / "pgbouncer.pid"),
        socket_dir="",  # nobody uses it, and a long state folder would not fit in a socket's address
    )
    ini = render_ini(tier.plan.pgbouncer, routes, served, files=files, version=_newest()[1])
    return state.write(state.config / "pgbouncer.ini", ini) or changed


def reload(supervisor: Supervisor) -> None:
    """Make PgBouncer read its files again; connections to servers no longer named end after their statement."""
    supervisor.signal(NAME, signal.SIGHUP)


def fetch_console(tier: Tier, command: str) -> list[dict[str, Any]]:
    """Return the rows of one SHOW command of PgBouncer's console."""
    plan = tier.plan.pgbouncer
    try:
        with psycopg.connect(
            host=plan.host, port=plan.port, user=databases.POOLER, password=tier.secrets.pooler, dbname="pgbouncer",
            autocommit=True, connect_timeout=databases.CONNECT_S,
        ) as connection:  # fmt: skip
            return connection.cursor(row_factory=dict_row).execute(command.encode()).fetchall()
    except psycopg.Error as error:
        raise EngineError(f"PgBouncer on {plan.host}:{plan.port} did not answer", detail=str(error).strip()) from error
