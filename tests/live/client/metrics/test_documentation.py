"""The programs of the page on metrics run."""

import ast
import re
import textwrap
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
from prometheus_client import REGISTRY

from candlefish.endpoints import Endpoints

MAIN = {"client": "database", "pool": "main"}
Run = Callable[[str], Awaitable[dict[str, Any]]]

pytestmark = pytest.mark.live

PAGE = (Path(__file__).parents[4] / "docs" / "metrics.md").read_text(encoding="utf-8")
PROGRAMS = [
    textwrap.dedent(block) for block in re.findall(r"(?:^(?: {4}.*)?\n)+", PAGE, re.MULTILINE) if "import" in block
]


@pytest.fixture(autouse=True)
def registry_as_before() -> Iterator[None]:
    """Take out of the global registry what a program put in."""
    before = set(REGISTRY._collector_to_names)
    yield
    for collector in set(REGISTRY._collector_to_names) - before:
        REGISTRY.unregister(collector)


@pytest.fixture
async def run(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Give a function that runs a program in the tier's environment and returns its variables."""
    for name, value in endpoints.to_env().items():
        monkeypatch.setenv(name, value)

    async def run(program: str) -> dict[str, Any]:
        variables: dict[str, Any] = {}
        code = compile(program, "docs/metrics.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        await FunctionType(code, variables)()
        return variables

    return run


def test_the_page_has_a_program_for_each_library() -> None:
    assert [re.findall(r"metrics\.(\w+)", program) for program in PROGRAMS] == [["prometheus"], ["opentelemetry"]]


@pytest.mark.parametrize("program", PROGRAMS, ids=["prometheus", "opentelemetry"])
async def test_the_program_runs(program: str, run: Run) -> None:
    variables = await run(program)
    assert variables["db"].stats()[0].acquired >= 1


async def test_the_program_for_prometheus_registers_both_clients(run: Run) -> None:
    await run(PROGRAMS[0])
    assert REGISTRY.get_sample_value("candlefish_db_connections", {**MAIN, "state": "used"}) == 0
    assert REGISTRY.get_sample_value("candlefish_cache_loads_total", {"client": "cache"}) == 0
