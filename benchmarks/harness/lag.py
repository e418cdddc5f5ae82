"""Replicas that lag: replay is paused and resumed at random, while everything else goes on."""

import asyncio
import contextlib
from random import Random

import asyncpg

from candlefish.engines.stack import Stack
from harness.faults import postgres_replicas
from harness.tier import superuser_url

LONGEST_LAG_S = 0.5
"""The promise is read-your-writes over replicas that lag from 0 to 500 ms."""

RETRY_S = 0.2
"""Seconds before a replica that was killed is asked again."""

LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises when its server was killed; the last, while the end of the connection is not read yet."""

CONNECT_S = 5.0
"""Seconds that opening a connection may take, and a statement after it."""


async def lag_at_random(stack: Stack, random: Random) -> None:
    """Let each replica run and stand still in turns of up to LONGEST_LAG_S, until cancelled."""
    replicas = await asyncio.to_thread(postgres_replicas, stack)
    async with asyncio.TaskGroup() as group:
        for node in replicas:
            group.create_task(_keep_lagging(superuser_url(stack, node), random))


async def _keep_lagging(url: str, random: Random) -> None:
    while True:
        try:
            await _lag(url, random)
        except LOST:  # killed; it comes back with replay running
            await asyncio.sleep(RETRY_S)


async def _lag(url: str, random: Random) -> None:
    connection = await asyncpg.connect(url, timeout=CONNECT_S, command_timeout=CONNECT_S)
    try:
        while True:
            await connection.execute("select pg_wal_replay_pause()")
            await asyncio.sleep(random.uniform(0, LONGEST_LAG_S))
            await connection.execute("select pg_wal_replay_resume()")
            await asyncio.sleep(random.uniform(0, LONGEST_LAG_S))
    finally:
        with contextlib.suppress(*LOST):
            await connection.execute("select pg_wal_replay_resume()")
        connection.terminate()
