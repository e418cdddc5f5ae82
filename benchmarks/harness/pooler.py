"""A PgBouncer of a benchmark's own, before a tier's primary: another version, or one that follows no statements."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from candlefish import process
from candlefish.engines import databases
from candlefish.engines.binaries import PREPARED_STATEMENTS_SINCE, choose_newest, find_pgbouncer
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError

FIRST_OFFSET = 60
"""From the tier's port base: the tier itself takes no more than 50."""

READY_S = 10.0
OPEN_FILES = 4096


@dataclass(frozen=True, slots=True)
class Program:
    """One PgBouncer on this machine."""

    path: Path
    version: tuple[int, int]

    @property
    def follows_statements(self) -> bool:
        """Tell whether it can keep prepared statements over transaction pooling."""
        return self.version >= PREPARED_STATEMENTS_SINCE

    def __str__(self) -> str:
        return "PgBouncer {}.{}".format(*self.version)


def newest() -> Program:
    """Return the newest PgBouncer here, which a tier runs too."""
    return Program(*find_pgbouncer())


def old() -> Program | None:
    """Return the distribution's PgBouncer when it is too old for prepared statements, else None."""
    program = Program(*choose_newest([process.find_binary("pgbouncer")]))
    return None if program.follows_statements else program


@contextlib.contextmanager
def serve(program: Program, stack: Stack, database: str, *, number: int) -> Iterator[str]:
    """Run a PgBouncer without prepared statements before the primary, and give its URL.

    Its pool has the size of the tier's own; whoever comes is let in: logins are not what is measured.
    """
    port = stack.plan.spec.port_base + FIRST_OFFSET + number
    with tempfile.TemporaryDirectory(prefix="candlefish-benchmark-") as name:
        ini = Path(name) / "pgbouncer.ini"
        ini.write_text(_render(program, stack, database, port))
        Path(name).chmod(0o755)
        user = process.service_user()
        said: list[str] = []
        argv: list[str | Path] = [program.path, "-q", *(["-u", user] if user else []), ini]
        child = process.start(argv, on_line=said.append, on_end=lambda: None, open_files=OPEN_FILES)
        try:
            if not process.wait_until(lambda: process.find_listener("127.0.0.1", port) is not None, timeout_s=READY_S):
                raise EngineError(f"{program} did not start on port {port}", detail="\n".join(said[-5:]))
            yield f"postgresql://any@127.0.0.1:{port}/{database}"
        finally:
            process.stop(child.pid, grace_s=0)  # from 1.23 on it waits for its clients to leave


def _render(program: Program, stack: Stack, database: str, port: int) -> str:
    primary = stack.require_primary()
    login = f"user={databases.APP} password={stack.tier.secrets.app}"
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": "transaction",
        "default_pool_size": stack.plan.pgbouncer.pool_size,
        "max_client_conn": 1000,
        "ignore_startup_parameters": "extra_float_digits,jit",
        **({"max_prepared_statements": 0} if program.follows_statements else {}),
    }
    lines = (f"{name} = {value}" for name, value in settings.items())
    place = f"{database} = host={primary.host} port={primary.port} dbname={database} {login}"
    return "\n".join(["[databases]", place, "[pgbouncer]", *lines, ""])
