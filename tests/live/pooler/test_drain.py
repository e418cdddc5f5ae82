"""SIGTERM: nobody's query fails, whoever stays too long goes between two transactions, and it ends in time."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest
from tests.live.pooler.conftest import SECOND_PORT, Program, StartPooler, fetch

from candlefish import process

pytestmark = pytest.mark.live


async def _ended(program: Program) -> int:
    return await asyncio.to_thread(program.child.wait, 120)


async def test_clients_that_come_and_go_move_to_the_other_pooler_without_a_failed_query(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    first, second = start(pooler_env), start(_other(pooler_env))
    serving, failed, served, done = [first], [], {first.port: 0, second.port: 0}, asyncio.Event()

    async def come_and_go() -> None:
        while not done.is_set():
            program = serving[0]
            try:
                await fetch(program.url(), "select 1")
                served[program.port] += 1
            except (asyncpg.PostgresError, OSError) as error:
                failed.append(error)

    clients = [asyncio.create_task(come_and_go()) for _ in range(4)]
    await _until(lambda: served[first.port] > 20)
    first.child.send_signal(signal.SIGTERM)
    before = served[first.port]
    await _until(lambda: served[first.port] > before)  # a balancer that has not noticed yet still sends here
    serving[0] = second
    assert await _ended(first) == 0
    before = served[second.port]
    await _until(lambda: served[second.port] > before)
    done.set()
    await asyncio.gather(*clients)
    assert failed == []
    assert "no transaction was cut" in first.text


async def test_a_transaction_that_was_begun_before_runs_to_its_end(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env | {"DRAIN_S": "0"})
    connection = await asyncpg.connect(program.url())
    await connection.execute("create table counted (n int)")
    transaction = connection.transaction()
    await transaction.start()
    program.child.send_signal(signal.SIGTERM)
    await asyncio.to_thread(program.wait_for, "got SIGINT, shutting down")
    for number in range(5):
        await connection.execute("insert into counted values ($1)", number)
    await transaction.commit()
    assert await _ended(program) == 0
    second = start(_other(pooler_env))
    assert await fetch(second.url(), "select count(*) from counted") == 5
    assert "no transaction was cut" in program.text


async def test_a_statement_that_runs_long_ends_before_the_pooler_does(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env | {"DRAIN_S": "0"})
    connection = await asyncpg.connect(program.url())
    running = asyncio.create_task(connection.fetchval("select 7 from pg_sleep(3)"))
    await asyncio.sleep(0.5)
    program.child.send_signal(signal.SIGTERM)
    assert await running == 7
    assert await _ended(program) == 0


async def test_a_query_after_the_drain_is_refused_and_was_not_run(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    program = start(pooler_env | {"DRAIN_S": "0"})
    held, late = await asyncpg.connect(program.url()), await asyncpg.connect(program.url())
    await late.execute("create table ran (n int)")
    transaction = held.transaction()
    await transaction.start()
    await held.execute("select 1")
    program.child.send_signal(signal.SIGTERM)
    await asyncio.to_thread(program.wait_for, "got SIGINT, shutting down")
    with pytest.raises((asyncpg.PostgresError, OSError), match=r"server shutting down|closed"):
        await late.execute("insert into ran values (1)")
    assert await held.fetchval("select count(*) from ran") == 0
    await transaction.commit()
    assert await _ended(program) == 0


async def test_idle_clients_of_a_pool_are_sent_away_and_their_next_query_goes_to_the_other_pooler(
    pooler_env: dict[str, str], start: StartPooler
) -> None:
    first, second = start(pooler_env | {"DRAIN_S": "100"}), start(_other(pooler_env))
    target = [first]

    async def connect(*_: object, **options: object) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(target[0].url())

    async with asyncpg.create_pool(min_size=3, max_size=3, connect=connect) as pool:
        await asyncio.gather(*(pool.fetchval("select pg_sleep(0.1)") for _ in range(3)))
        target[0] = second
        first.child.send_signal(signal.SIGTERM)
        assert await _ended(first) == 0
        assert "still here" not in first.text  # they left long before the 100 s
        assert await asyncio.gather(*(pool.fetchval("select 1") for _ in range(3))) == [1, 1, 1]


async def test_a_busy_client_is_served_while_the_others_leave(pooler_env: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env | {"DRAIN_S": "100"})
    busy = await asyncpg.connect(program.url())
    program.child.send_signal(signal.SIGTERM)
    await asyncio.to_thread(program.wait_for, "idle ones are sent away")
    for _ in range(60):
        assert await busy.fetchval("select 1 from pg_sleep(0.1)") == 1
    assert program.child.poll() is None
    await busy.close()
    assert await _ended(program) == 0


async def test_what_does_not_end_is_cut_and_said(pooler_env: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env | {"DRAIN_S": "0"})
    connection = await asyncpg.connect(program.url())
    await connection.execute("begin")
    await connection.execute("select 1")
    program.child.send_signal(signal.SIGTERM)
    assert await _ended(program) == 0
    program.wait_for("warning: transactions were cut that had not ended 8 s after the order to stop")


async def test_a_second_order_ends_the_waiting(pooler_env: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env | {"DRAIN_S": "100"})
    connection = await asyncpg.connect(program.url("candlefish_app", endpoint="session"))
    await connection.fetchval("select 1")
    program.child.send_signal(signal.SIGTERM)
    await asyncio.to_thread(program.wait_for, "idle ones are sent away")
    program.child.send_signal(signal.SIGTERM)
    await asyncio.to_thread(program.wait_for, "got SIGINT, shutting down")
    await connection.close()
    assert await _ended(program) == 0


async def test_a_stop_in_the_middle_of_a_hung_pooler_still_ends(pooler_env: dict[str, str], start: StartPooler) -> None:
    program = start(pooler_env | {"DRAIN_S": "0"})
    os.kill(int((Path(pooler_env["RUN_DIR"]) / "pgbouncer.pid").read_text()), signal.SIGSTOP)
    program.child.send_signal(signal.SIGTERM)
    assert await _ended(program) == 0


def _other(env: dict[str, str]) -> dict[str, str]:
    folder = Path(env["RUN_DIR"]) / "other"
    return env | {"LISTEN_PORT": str(SECOND_PORT), "RUN_DIR": str(folder)}


async def _until(holds: "object") -> None:
    assert callable(holds)
    assert await asyncio.to_thread(process.wait_until, holds, timeout_s=60, poll_s=0.02)
