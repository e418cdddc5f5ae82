"""redis-benchmark: how many pipelined operations a second a Redis answers."""

import csv
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis

from candlefish import process
from candlefish.client.redis.address import RedisAddress, parse_redis_url
from candlefish.errors import EngineError

KEY_SPACE = 10_000
"""Keys that the benchmark writes (`key:000000000000` and on); they are deleted afterwards."""

CALIBRATION_REQUESTS = 20_000
"""What a first, short run takes to see how many requests fill the time that was asked for."""

DELETED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class CacheThroughput:
    """One command (GET or SET) under redis-benchmark; latencies are of a whole pipeline, in milliseconds."""

    command: str
    ops_per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float


def run_redis_benchmark(
    redis_url: str, *, seconds: float = 4.0, clients: int = 50, pipeline: int = 16, value_bytes: int = 1000
) -> tuple[CacheThroughput, ...]:
    """Measure SET and then GET for about `seconds` in all; raise EngineError when redis-benchmark fails.

    redis-benchmark takes a password only as an argument, which everybody on the machine can read: so it gets a user
    that may read and write the benchmark's own keys and nothing else, and that is gone when it ends.
    """
    address = parse_redis_url(redis_url)
    options = ["-c", str(clients), "-P", str(pipeline), "-d", str(value_bytes), "-r", str(KEY_SPACE)]
    with _passing_user(redis_url) as login:
        guess = _measure(address, [*options, *login], CALIBRATION_REQUESTS)
        slowest = min(one.ops_per_second for one in guess)
        requests = max(CALIBRATION_REQUESTS, round(slowest * seconds / len(guess)))
        return _measure(address, [*options, *login], requests)


def parse_csv(text: str) -> tuple[CacheThroughput, ...]:
    """Read what `redis-benchmark --csv` prints."""
    lines = [line for line in text.splitlines() if line.startswith('"')]
    return tuple(
        CacheThroughput(
            command=row["test"],
            ops_per_second=float(row["rps"]),
            p50_ms=float(row["p50_latency_ms"]),
            p95_ms=float(row["p95_latency_ms"]),
            p99_ms=float(row["p99_latency_ms"]),
        )
        for row in csv.DictReader(lines)
    )


def _measure(address: RedisAddress, options: list[str], requests: int) -> tuple[CacheThroughput, ...]:
    program = process.find_binary("redis-benchmark")
    place = ["-h", address.host, "-p", str(address.port), "--dbnum", str(address.database)]
    done = process.run([program, *place, *options, "-n", str(requests), "-t", "set,get", "--csv"], timeout_s=300)
    figures = parse_csv(done.stdout)
    if done.returncode or not figures:
        raise EngineError(
            f"redis-benchmark failed on {address.host}:{address.port}",
            detail=(done.stderr or done.stdout).strip()[-500:],
        )
    return figures


@contextmanager
def _passing_user(redis_url: str) -> Iterator[list[str]]:
    name, password = f"bench-{secrets.token_hex(4)}", secrets.token_urlsafe(24)
    try:
        with redis.Redis.from_url(redis_url, socket_timeout=10) as admin:
            admin.execute_command("ACL", "SETUSER", name, "on", f">{password}", "~key:*", "+get", "+set", "+select")
            try:
                yield ["--user", name, "-a", password]
            finally:
                admin.execute_command("ACL", "DELUSER", name)
                _delete_keys(admin)
    except redis.RedisError as error:
        raise EngineError("redis did not take the benchmark's user", detail=str(error)) from error


def _delete_keys(admin: "redis.Redis") -> None:
    keys = [f"key:{number:012d}" for number in range(KEY_SPACE)]
    for first in range(0, KEY_SPACE, DELETED_AT_ONCE):
        admin.unlink(*keys[first : first + DELETED_AT_ONCE])
