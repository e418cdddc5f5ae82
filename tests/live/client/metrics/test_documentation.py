"""The programs of the page on metrics run."""

import ast
import inspect
import re
import textwrap
from collections.abc import Awaitable
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from prometheus_client import REGISTRY

from candlefish.endpoints import Endpoints

pytestmark = pytest.mark.live

PAGE = (Path(__file__).parents[4] / "docs" / "metrics.md").read_text(encoding="utf-8")
PROGRAMS = [
    textwrap.dedent(block) for block in re.findall(r"(?:^(?: {4}.*)?\n)+", PAGE, re.MULTILINE) if "import" in block
]


def compiled(program: str) -> CodeType:
    code: CodeType = compile(program, "docs/metrics.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return code


@pytest.mark.parametrize("program", PROGRAMS, ids=["prometheus", "opentelemetry"])
async def test_the_program_runs(program: str, endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in endpoints.to_env().items():
        monkeypatch.setenv(name, value)
    names: dict[str, Any] = {}
    run: Awaitable[None] = FunctionType(compiled(program), names)()
    assert inspect.isawaitable(run)
    await run
    assert names["db"].stats()[0].acquired >= 1
    for collector in [found for found in REGISTRY._collector_to_names if type(found).__name__ == "ClientCollector"]:
        assert REGISTRY.get_sample_value("candlefish_cache_circuit_open", {"client": "cache"}) == 0
        REGISTRY.unregister(collector)
