"""PgBouncer's list of users, and what the health check needs to know."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from candlefish.pooler.credentials import Credentials, Login


def render_userlist(credentials: Credentials) -> str:
    """Return the list: one password for each name, and where a name comes twice, the current one or the newest."""
    logins = (*reversed(credentials.others), credentials.current, credentials.monitor)
    passwords = {login.username: login.password for login in logins}
    return "".join(f"{_quote(name)} {_quote(password)}\n" for name, password in passwords.items())


def _quote(text: str) -> str:
    """Quote as PgBouncer reads it (its documentation, "Authentication file format"): a quote is doubled."""
    return '"' + text.replace('"', '""') + '"'


@dataclass(frozen=True, slots=True)
class Access:
    """How the container's own health check reaches the pooler."""

    port: int
    database: str
    monitor: Login
    current: Login = field(repr=False)


def render_access(access: Access) -> str:
    """Write it as JSON, for a file of mode 0600."""
    logins = [access.monitor, access.current]
    pairs = [[login.username, login.password] for login in logins]
    return json.dumps({"port": access.port, "database": access.database, "logins": pairs})


def load_access(path: Path) -> Access:
    """Read what `run` has written; raise OSError while it has not."""
    found = json.loads(path.read_text())
    monitor, current = (Login(*pair) for pair in found["logins"])
    return Access(found["port"], found["database"], monitor, current)
