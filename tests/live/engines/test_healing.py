"""kill -9 on any one program: the tier is whole again by itself, loses nothing, and says what happened."""

import contextlib
import os
import signal
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.engines import redis
from candlefish.engines.events import load_events
from candlefish.engines.stack import Stack
from candlefish.engines.status import fetch_status
from candlefish.plan.model import RedisNode

WHOLE_S = 90.0
KEYS = 100


def is_whole(stack: Stack) -> bool:
    """Tell whether `status` finds nothing wrong."""
    return fetch_status(stack).is_whole


@pytest.fixture(autouse=True)
def whole(stack: Stack) -> Iterator[None]:
    """Begin and end with a tier that is whole, whatever the test killed."""
    assert process.wait_until(lambda: is_whole(stack), timeout_s=WHOLE_S, poll_s=0.5), fetch_status(stack).verdict
    yield
    assert process.wait_until(lambda: is_whole(stack), timeout_s=WHOLE_S, poll_s=0.5), fetch_status(stack).verdict


def pid_of(stack: Stack, program: str) -> int:
    """Return the pid that supervisord knows."""
    return stack.supervisor.processes()[program].pid


def redis_roles(stack: Stack) -> tuple[str, str]:
    """Return the names of the Redis primary and of one replica."""
    primary = redis.fetch_primary(stack.plan.redis, stack.tier.secrets.redis)
    assert primary is not None
    replica = next(node for node in stack.plan.redis.nodes if node != primary)
    return primary.name, replica.name


def postgres_roles(stack: Stack) -> tuple[str, str]:
    """Return the names of the PostgreSQL primary and of one replica."""
    primary = stack.require_primary().name
    return primary, next(node.name for node in stack.plan.postgres.nodes if node.name != primary)


def programs_by_role(stack: Stack, role: str) -> str:
    """Return the program that has a role now."""
    pg_primary, pg_replica = postgres_roles(stack)
    redis_primary, redis_replica = redis_roles(stack)
    return {
        "etcd": "etcd",
        "Patroni of the primary": pg_primary,
        "Patroni of a replica": pg_replica,
        "pgbouncer": "pgbouncer",
        "the Redis primary": redis_primary,
        "a Redis replica": redis_replica,
        "a Sentinel": "sentinel2",
        "the follower": "follow",
    }[role]


def write_until_taken(stack: Stack, statement: str) -> None:
    """Run one statement on the main endpoint, again and again until it is taken."""
    url = stack.endpoints().main_url

    def taken() -> bool:
        try:
            with psycopg.connect(url, autocommit=True, connect_timeout=3, prepare_threshold=None) as connection:
                connection.execute(statement.encode())
        except psycopg.Error:
            return False
        return True

    assert process.wait_until(taken, timeout_s=WHOLE_S, poll_s=0.2)


@pytest.fixture
def witness(stack: Stack, tier: Endpoints) -> Iterator[str]:
    """Give a table with a row whose commit was acknowledged, and 100 keys in Redis that every replica has."""
    write_until_taken(stack, "create table if not exists witness (id int primary key)")
    write_until_taken(stack, "insert into witness values (1) on conflict do nothing")
    primary = redis.fetch_primary(stack.plan.redis, tier.redis_auth_token)
    assert primary is not None
    with redis.connect(primary.host, primary.port, tier.redis_auth_token) as client:
        for number in range(KEYS):
            client.set(f"witness:{number}", number)
    assert process.wait_until(lambda: copied_everywhere(stack), timeout_s=10)
    yield "witness"
    write_until_taken(stack, "drop table witness")


def copied_everywhere(stack: Stack) -> bool:
    """Tell whether every Redis holds all keys: a replica that was just copied hears of new ones up to 1 s later."""
    return all(count_keys(stack, node) == KEYS for node in stack.plan.redis.nodes)


def keys_left(stack: Stack) -> int:
    """Count the witness keys on the node that is primary now."""
    primary = redis.fetch_primary(stack.plan.redis, stack.tier.secrets.redis)
    return -1 if primary is None else count_keys(stack, primary)


def count_keys(stack: Stack, node: RedisNode) -> int:
    """Count the witness keys of one node; -1 when it does not answer."""
    found = redis.ask(node.host, node.port, stack.tier.secrets.redis, lambda client: len(client.keys("witness:*")))
    return -1 if found is None else int(found)


@pytest.mark.parametrize(
    "role",
    [
        "etcd",
        "Patroni of the primary",
        "Patroni of a replica",
        "pgbouncer",
        "the Redis primary",
        "a Redis replica",
        "a Sentinel",
        "the follower",
    ],
)
def test_a_killed_program_comes_back_and_nothing_is_lost(stack: Stack, witness: str, role: str) -> None:
    program = programs_by_role(stack, role)
    before = pid_of(stack, program)
    os.kill(before, signal.SIGKILL)
    assert process.wait_until(lambda: pid_of(stack, program) not in (0, before), timeout_s=WHOLE_S)
    assert process.wait_until(lambda: is_whole(stack), timeout_s=WHOLE_S, poll_s=0.5), fetch_status(stack).verdict
    assert process.wait_until(lambda: keys_left(stack) == KEYS, timeout_s=10), keys_left(stack)
    with psycopg.connect(stack.endpoints().admin_url) as connection:
        assert connection.execute(f"select count(*) from {witness}").fetchone() == (1,)
    told = [event.message for event in load_events(stack.state, 50) if event.subject == program]
    assert any(f"pid {before}," in message for message in told), told


@pytest.mark.parametrize("role", ["Patroni of the primary", "Patroni of a replica"])
def test_a_killed_postmaster_is_healed_and_told(stack: Stack, witness: str, role: str) -> None:
    program = programs_by_role(stack, role)
    pid_file = stack.state.data / program / "postmaster.pid"
    before = int(pid_file.read_text().splitlines()[0])
    os.kill(before, signal.SIGKILL)
    assert process.wait_until(lambda: not process.is_alive(before), timeout_s=5)

    def restarted() -> bool:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(pid_file.read_text().splitlines()[0]) != before
        return False

    assert process.wait_until(restarted, timeout_s=WHOLE_S)
    assert process.wait_until(lambda: is_whole(stack), timeout_s=WHOLE_S, poll_s=0.5), fetch_status(stack).verdict
    with psycopg.connect(stack.endpoints().main_url, prepare_threshold=None) as connection:
        assert connection.execute(f"select count(*) from {witness}").fetchone() == (1,)
    assert any(event.subject == program for event in load_events(stack.state, 50))


def test_up_after_the_death_of_supervisord_alone_starts_nothing_twice(stack: Stack, witness: str) -> None:
    os.kill(int((stack.state.run / "supervisord.pid").read_text()), signal.SIGKILL)
    assert process.wait_until(lambda: not stack.supervisor.is_running(), timeout_s=5)
    stack.up()
    assert process.wait_until(lambda: is_whole(stack), timeout_s=WHOLE_S, poll_s=0.5), fetch_status(stack).verdict
    assert process.wait_until(lambda: keys_left(stack) == KEYS, timeout_s=20), keys_left(stack)
    assert_nothing_runs_twice(stack)
    with psycopg.connect(stack.endpoints().main_url, prepare_threshold=None) as connection:
        assert connection.execute(f"select count(*) from {witness}").fetchone() == (1,)


def test_up_after_the_death_of_everything_loses_no_committed_row(stack: Stack, witness: str) -> None:
    from candlefish.engines.orphans import find_orphans

    for victim in list(find_orphans(stack.state)):
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
    assert process.wait_until(lambda: not list(find_orphans(stack.state)), timeout_s=10)
    stack.up()
    assert_nothing_runs_twice(stack)
    with psycopg.connect(stack.endpoints().main_url, prepare_threshold=None) as connection:
        assert connection.execute(f"select count(*) from {witness}").fetchone() == (1,)


def test_a_second_up_changes_no_process(stack: Stack) -> None:
    before = {name: info.pid for name, info in stack.supervisor.processes().items()}
    stack.up()
    assert {name: info.pid for name, info in stack.supervisor.processes().items()} == before


def assert_nothing_runs_twice(stack: Stack) -> None:
    """Every listening address has one process, and each postmaster is there once."""
    from candlefish.engines.orphans import find_orphans

    commands = []
    for found in find_orphans(stack.state):
        with contextlib.suppress(psutil.Error):
            line = " ".join(found.cmdline())
            is_child = found.name() == "postgres" and " -D " not in line
            if not is_child and "postmaster" not in line and "resource_tracker" not in line:
                commands.append(line)
    assert len(commands) == len(set(commands)), sorted(commands)
