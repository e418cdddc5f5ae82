"""The tier that a program measures: one of its own, destroyed afterwards, or one that runs already."""

import argparse
import contextlib
import signal
from collections.abc import Callable, Iterator
from urllib.parse import quote
from uuid import uuid4

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.machine import read_machine
from candlefish.engines.patroni import SUPERUSER
from candlefish.engines.secrets import Secrets
from candlefish.engines.stack import Stack, open_stack
from candlefish.engines.state import State, state_root
from candlefish.errors import EngineError
from candlefish.plan import make_plan
from candlefish.plan.model import PostgresNode
from candlefish.spec.load import load

PORT_BASE = 9400
"""Beside the default tier (7400) and the tests' (8400)."""

MEMORY_RATIO = 0.25
"""Of the machine: the measured tier stands beside one that a developer may have up."""

REPLAY_S = 30.0
"""Seconds that a replica may be behind where nothing else goes on."""


def add_tier_options(parser: argparse.ArgumentParser) -> None:
    """Add what `open_tier` takes."""
    parser.add_argument("--tier", default="", metavar="NAME", help="measure this running tier and leave it running")
    parser.add_argument(
        "--port-base",
        type=int,
        default=PORT_BASE,
        help="first port of the tier that is started otherwise (default %(default)s)",
    )


@contextlib.contextmanager
def open_tier(name: str, port_base: int, say: Callable[[str], None]) -> Iterator[Stack]:
    """Give the running tier of a name; without a name start one, and destroy it afterwards whatever happens."""
    if name:
        stack = open_stack(State(state_root() / name))
        stack.require_running()
        yield stack
        return
    own = f"candlefish-bench-{port_base}"
    overrides = {"name": own, "port_base": port_base, "machine": {"memory_ratio": MEMORY_RATIO}}
    stack = Stack(make_plan(load(None, overrides), read_machine()), State(state_root() / own), say)
    if stack.state.exists():
        stack.destroy()
    with _terminated_like_interrupted():
        try:
            stack.up()
            yield stack
        finally:
            say("destroying the tier")
            stack.destroy()


@contextlib.contextmanager
def open_database(stack: Stack) -> Iterator[Endpoints]:
    """Give the endpoints of a new database, which is dropped afterwards."""
    name = f"bench_{uuid4().hex[:8]}"
    stack.add_database(name)
    try:
        yield stack.endpoints(name)
    finally:
        stack.forget_database(name)
        databases.drop_database(stack.require_primary(), stack.tier.secrets, name)


def database_name(endpoints: Endpoints) -> str:
    """Return the name under which the servers know the database of these endpoints."""
    return endpoints.main_url.rpartition("/")[2].removesuffix("_main")


def wait_for_replicas(stack: Stack) -> None:
    """Return when every replica has replayed what the primary has written by now, such as new tables."""
    secrets, primary = stack.tier.secrets, stack.require_primary()
    with databases.connect(primary, secrets) as connection:
        row = connection.execute("select pg_current_wal_insert_lsn()").fetchone()
    assert row is not None
    replicas = [node for node in stack.plan.postgres.nodes if node != primary]
    if not process.wait_until(
        lambda: all(_has_replayed(node, secrets, row[0]) for node in replicas), timeout_s=REPLAY_S
    ):
        raise EngineError(f"a replica is more than {REPLAY_S:g} s behind the primary {primary.name}")


def _has_replayed(node: PostgresNode, secrets: Secrets, lsn: object) -> bool:
    with databases.connect(node, secrets) as connection:
        return connection.execute("select pg_last_wal_replay_lsn() >= %s::pg_lsn", [lsn]).fetchone() == (True,)


def direct_url(stack: Stack, node: PostgresNode, database: str) -> str:
    """Give the application's way to one server, past the pooler."""
    return f"postgresql://{databases.APP}:{quote(stack.tier.secrets.app)}@{node.host}:{node.port}/{database}"


def superuser_url(stack: Stack, node: PostgresNode, database: str = "postgres") -> str:
    """Give the superuser's way to one server, for what an application may not do."""
    return f"postgresql://{SUPERUSER}:{quote(stack.tier.secrets.superuser)}@{node.host}:{node.port}/{database}"


@contextlib.contextmanager
def _terminated_like_interrupted() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does: coroutines are cancelled, other code is interrupted, and no tier is left behind.

    Raising from the handler itself would end the program in the middle of an extension's callback.
    """
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has its background jobs ignore it
    signal.signal(signal.SIGTERM, lambda _number, _frame: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
