"""The replicas of a tier, which a test holds back, stops and kills; they come in the order of `read_urls`."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

import psutil

from candlefish import process
from candlefish.engines import databases, patroni
from candlefish.engines.stack import Stack
from candlefish.plan.model import PostgresNode

SWITCHED_S = 30.0
"""Within which another node is the primary."""


def replicas(stack: Stack) -> list[PostgresNode]:
    """Return the replicas as they are now."""
    primary = stack.require_primary()
    return [node for node in stack.plan.postgres.nodes if node != primary]


@contextmanager
def held_back(stack: Stack, *nodes: PostgresNode) -> Iterator[None]:
    """Have these replicas (or all) replay nothing until the block ends, and answer as before.

    Patroni resumes a paused replay within a second, so the process that replays is stopped; it is paused before, so
    that it stops between two records, where it holds nothing that a read may wait for.
    """
    held = {node.name: _replayer(stack, node) for node in nodes or replicas(stack)}
    try:
        for node in nodes or replicas(stack):
            with databases.connect(node, stack.tier.secrets) as connection:
                connection.execute("select pg_wal_replay_pause()")
                held[node.name].suspend()
                connection.execute("select pg_wal_replay_resume()")
        yield
    finally:
        for replayer in held.values():
            replayer.resume()


async def lag_at_random(stack: Stack, node: PostgresNode, up_to_s: float, random: Random) -> None:
    """Let a replica replay and stand still in turns, until cancelled."""
    with databases.connect(node, stack.tier.secrets) as connection:
        try:
            while True:
                connection.execute("select pg_wal_replay_pause()")
                await asyncio.sleep(random.uniform(0, up_to_s))
                connection.execute("select pg_wal_replay_resume()")
                await asyncio.sleep(random.uniform(0, up_to_s))
        finally:
            connection.execute("select pg_wal_replay_resume()")


def kill(stack: Stack, node: PostgresNode) -> None:
    """Kill the server of a node; Patroni starts it again."""
    os.kill(_postmaster(stack, node), signal.SIGKILL)


@contextmanager
def stopped(stack: Stack, node: PostgresNode) -> Iterator[None]:
    """Have every process of a server stand still until the block ends."""
    postmaster = psutil.Process(_postmaster(stack, node))
    held = [postmaster]
    postmaster.suspend()  # first: then it starts no other
    try:
        held += postmaster.children()
        for child in held[1:]:
            child.suspend()
        yield
    finally:
        for one in reversed(held):
            one.resume()


def switch_over(stack: Stack) -> None:
    """Make another node the primary, as an operator does; return when it takes writes."""
    before = stack.require_primary()
    patroni._tell(before, "POST", "/switchover", {"leader": before.name}, stack.tier.secrets)
    assert process.wait_until(lambda: stack.require_primary() != before, timeout_s=SWITCHED_S)


def _replayer(stack: Stack, node: PostgresNode) -> psutil.Process:
    children = psutil.Process(_postmaster(stack, node)).children()
    return next(child for child in children if "startup" in _command(child))


def _command(running: psutil.Process) -> str:
    """Return how a process was started; one that ends in this moment has no words any more."""
    try:
        return " ".join(running.cmdline())
    except psutil.NoSuchProcess:
        return ""


def _postmaster(stack: Stack, node: PostgresNode) -> int:
    return int((stack.state.data / node.name / "postmaster.pid").read_text().splitlines()[0])
