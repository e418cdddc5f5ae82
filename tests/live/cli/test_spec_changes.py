"""A spec that was edited while the tier was down is what the tier runs with afterwards."""

from collections.abc import Iterator, Mapping

import psycopg
import pytest

from candlefish.engines.machine import read_machine
from candlefish.engines.stack import Stack
from candlefish.engines.state import State, state_root
from candlefish.plan import make_plan
from candlefish.spec.load import load

NAME = "candlefish-edited"
BASE = {"name": NAME, "port_base": 8800, "light": True, "machine": {"memory_ratio": 0.1}}


@pytest.fixture
def state() -> Iterator[State]:
    state = State(state_root() / NAME)
    stack = Stack(make_plan(load(None, BASE), read_machine()), state)
    if state.exists():
        stack.destroy()
    yield state
    stack.destroy()


def bring_up(state: State, changes: Mapping[str, object]) -> dict[str, str]:
    """Bring the tier up with a changed spec and return settings that need a reload and a restart."""
    stack = Stack(make_plan(load(None, {**BASE, **changes}), read_machine()), state)
    stack.up()
    with psycopg.connect(stack.endpoints().admin_url) as connection:
        query = "select name, setting from pg_settings where name in ('statement_timeout', 'max_connections')"
        return {str(row[0]): str(row[1]) for row in connection.execute(query).fetchall()}


def test_what_was_edited_between_down_and_up_reaches_postgresql(state: State) -> None:
    assert bring_up(state, {}) == {"statement_timeout": "300000", "max_connections": "500"}
    Stack(make_plan(load(None, BASE), read_machine()), state).down()
    edited = {"postgres": {"statement_timeout": "4min", "max_connections": 550}}
    assert bring_up(state, edited) == {"statement_timeout": "240000", "max_connections": "550"}
