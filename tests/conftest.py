"""The one tier that live tests share, and a database of its own for each of them."""

import os
import uuid
from collections.abc import Iterator

import pytest

from candlefish.endpoints import Endpoints
from candlefish.engines import databases
from candlefish.engines.machine import read_machine
from candlefish.engines.stack import Stack
from candlefish.engines.state import State, state_root
from candlefish.plan import make_plan
from candlefish.spec.load import load

PORT_BASE = int(os.environ.get("CANDLEFISH_TEST_PORT_BASE", "8400"))
"""Set the variable to run the live tests twice at the same time."""

TIER_NAME = f"candlefish-test-{PORT_BASE}"
MEMORY_RATIO = 0.25
"""Of the machine: the tests' tier stands beside one that a developer may have up."""


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Give a whole tier of three nodes; it is deleted after the last test."""
    overrides = {"name": TIER_NAME, "port_base": PORT_BASE, "machine": {"memory_ratio": MEMORY_RATIO}}
    plan = make_plan(load(None, overrides), read_machine())
    stack = Stack(plan, State(state_root() / TIER_NAME))
    if stack.state.exists():
        stack.destroy()
    stack.up()
    yield stack
    stack.destroy()


@pytest.fixture
def tier(stack: Stack) -> Endpoints:
    """Give the endpoints of the tier's own database as they are now: a test may have moved the Redis primary."""
    return stack.endpoints()


@pytest.fixture
def database(stack: Stack) -> Iterator[Endpoints]:
    """Give the endpoints of a new database, which is dropped after the test."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    stack.add_database(name)
    yield stack.endpoints(name)
    stack.forget_database(name)
    databases.drop_database(stack.require_primary(), stack.tier.secrets, name)
