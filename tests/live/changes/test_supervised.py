"""A tier whose spec names rules runs a follower: begun and ended while it runs, started again when it dies."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from tests.conftest import PORT_BASE
from tests.live.changes.forgetting import await_kept, keep

from candlefish import Cache, process
from candlefish.engines.changes import NAME
from candlefish.engines.machine import read_machine
from candlefish.engines.stack import Stack
from candlefish.engines.state import State, state_root
from candlefish.engines.status import fetch_status
from candlefish.plan import make_plan
from candlefish.spec.load import load

pytestmark = pytest.mark.live

TIER = f"candlefish-followed-{PORT_BASE}"
BASE = {"name": TIER, "port_base": PORT_BASE + 500, "light": True, "machine": {"memory_ratio": 0.1}}
RULES = '[[rule]]\ntable = "notes"\nkeys = ["note:{slug}"]\n'
WHOLE_S = 60.0


def make_stack(**changes: object) -> Stack:
    return Stack(make_plan(load(None, {**BASE, **changes}), read_machine()), State(state_root() / TIER))


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[Stack]:
    """Give a tier that was up when rules were added to its spec."""
    (stack := make_stack()).up()
    try:
        assert NAME not in stack.supervisor.processes()
        assert fetch_status(stack).changes is None
        (tmp_path / "rules.toml").write_text(RULES)
        stack = make_stack(cache={"rules": str(tmp_path / "rules.toml"), "prefix": "app:"})
        stack.up()
        yield stack
    finally:
        stack.destroy()


@pytest.fixture
async def cache(followed: Stack) -> AsyncIterator[Cache]:
    async with Cache.from_env(followed.endpoints().to_env(), prefix="app:", timeout_s=5.0, ttl_s=3600) as cache:
        yield cache


def is_fine(stack: Stack) -> bool:
    """Tell whether the follower has begun and nothing is wrong with it."""
    status = fetch_status(stack)
    return status.is_whole and status.changes is not None and status.changes.wal_status == "reserved"


async def test_the_tiers_own_follower(followed: Stack, cache: Cache, tmp_path: Path) -> None:
    def execute(statement: str) -> None:
        with psycopg.connect(followed.endpoints().admin_url, autocommit=True) as connection:
            connection.execute(statement.encode())

    def says(problem: str) -> bool:
        return problem in fetch_status(followed).verdict

    assert process.wait_until(lambda: says("there is no such table"), timeout_s=WHOLE_S, poll_s=0.5)
    execute("create table notes (slug text primary key)")
    assert process.wait_until(lambda: is_fine(followed), timeout_s=WHOLE_S, poll_s=0.5), fetch_status(followed).verdict

    names = ["note:a", "note:b", "other"]
    await keep(cache, names)
    execute("insert into notes values ('a')")
    await await_kept(cache, names, {"note:b", "other"})

    os.kill(followed.supervisor.processes()[NAME].pid, signal.SIGKILL)
    execute("insert into notes values ('b')")
    await await_kept(cache, names, {"other"})  # nothing else: there was no gap

    (tmp_path / "rules.toml").write_text(RULES.replace("note:", "page:"))
    await asyncio.to_thread(followed.up)
    await keep(cache, ["page:c"])
    execute("insert into notes values ('c')")
    await await_kept(cache, ["page:c", "other"], {"other"})

    (without := make_stack()).up()
    assert NAME not in without.supervisor.processes()
