"""`candlefish demo` as a user runs it, on the tests' own tier and a database of its own."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest

from candlefish.demo.dataset import remove
from candlefish.engines.stack import Stack

Demo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def demo(stack: Stack, tmp_path: Path) -> Demo:
    """Give a function that runs `candlefish demo WORDS...` at a small scale in an empty folder."""
    spec = stack.plan.spec
    lines = [f'name = "{spec.name}"', f"port_base = {spec.port_base}", f"light = {json.dumps(spec.light)}"]
    lines += ["[machine]", f"memory_ratio = {spec.machine.memory_ratio}"]
    (tmp_path / "candlefish.toml").write_text("\n".join(lines) + "\n")
    program = Path(sys.executable).parent / "candlefish"

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        argv = [str(program), "demo", "--scale", "0.01", "--seconds", "2", *words]
        return subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, timeout=280, stdin=subprocess.DEVNULL)

    return run


@pytest.fixture
def own_database(stack: Stack) -> Iterator[str]:
    """Give the direct URL of the tier's own database; what a test or a demo put there is taken out afterwards."""
    url = stack.endpoints().admin_url
    yield url
    asyncio.run(_empty(url, stack.plan.postgres.database))


async def _empty(url: str, database: str) -> None:
    connection = await asyncpg.connect(url)
    await remove(connection)
    await connection.execute(f"drop table if exists my_notes; comment on database {database} is null")
    await connection.close()
