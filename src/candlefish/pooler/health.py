"""`health`: a query on the pooler's own console, and with --deep one through it to the database."""

from pathlib import Path

from candlefish.errors import EngineError
from candlefish.pooler.console import ask, ask_console
from candlefish.pooler.ini import Paths
from candlefish.pooler.userlist import load_access

_WHO = "select inet_server_addr() as address, pg_is_in_recovery() as standby"


def check_health(folder: Path, *, deep: bool) -> tuple[bool, str]:
    """Return whether the pooler answers, and one line that says so.

    The plain check stops at the console: during a failover of the database every pooler would fail the deep one,
    and a service that kills its poolers then makes it worse.
    """
    try:
        access = load_access(Paths(folder).access)
        version = next(iter(ask_console(access, "show version")[0].values()))
        if not deep:
            return True, f"healthy: {version} answers on port {access.port}"
        database = f"{access.database}_main"
        rows = ask(access, database, access.current, _WHO)
        role = "a standby" if rows[0]["standby"] else "a primary"
        return True, f"healthy: {version}, and {role} at {rows[0]['address']} answers through {database}"
    except EngineError as error:
        return False, f"unhealthy: {error.message}{f' ({error.detail})' if error.detail else ''}"
    except (OSError, ValueError) as error:
        return False, f"unhealthy: the pooler has not started ({error})"
