"""Every ```python block of the client's pages runs as it stands there, and prints what its comments say; README's too.

A block with `asyncio.run(` is a whole program. The others of a page are one script, in their order, in which `db` and
`cache` are open and an `await` may stand anywhere.
"""

import ast
import asyncio
import inspect
import re
import sys
import textwrap
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final, NamedTuple
from uuid import uuid4

import pytest

from candlefish import Cache, Database
from candlefish.endpoints import Endpoints

ROOT: Final = Path(__file__).resolve().parents[3]
DOCS: Final = ROOT / "docs"
PAGES: Final = ("database.md", "cache.md")
PROGRAM_S: Final = 60
"""How long a whole program may run."""

_BLOCK: Final = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PRINTS: Final = re.compile(r"^ *print\(.*\)  # (.*)$", re.MULTILINE)


class Block(NamedTuple):
    """One block, and the number of the line before it, so that a failure is shown where it stands."""

    page: Path
    line: int
    text: str

    @property
    def is_program(self) -> bool:
        return "asyncio.run(" in self.text

    @property
    def prints(self) -> list[str]:
        return _PRINTS.findall(self.text)

    def compile(self) -> CodeType:
        text = "\n" * self.line + self.text
        code: CodeType = compile(text, str(self.page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        return code


def read_blocks(name: str) -> list[Block]:
    page = DOCS / name
    text = page.read_text()
    return [Block(page, text.count("\n", 0, found.start(1)), found[1]) for found in _BLOCK.finditer(text)]


PROGRAMS: Final = [block for name in PAGES for block in read_blocks(name) if block.is_program]


@pytest.fixture
def environment(database: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set what `candlefish env` prints."""
    for name, value in database.to_env().items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_python_in_blocks_that_are_run(name: str) -> None:
    text = _BLOCK.sub("", (DOCS / name).read_text())
    assert re.findall(r"^    .*\b(?:await|import|async)\b.*$|^```.*$", text, re.MULTILINE) == []
    assert [block.is_program for block in read_blocks(name)].count(True) == 1


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda block: block.page.name)
async def test_the_program_of_a_page_prints_what_the_page_says(program: Block, environment: None) -> None:
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program.text, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PROGRAM_S):
        printed, complaints = await running.communicate()
    assert (running.returncode, complaints.decode()) == (0, "")
    assert printed.decode().splitlines() == program.prints


@pytest.mark.parametrize("name", PAGES)
async def test_the_examples_of_a_page_print_what_the_page_says(
    name: str, environment: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    module = ModuleType(f"page_{name.removesuffix('.md')}")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # where a type's annotations are looked up
    async with Database.from_env() as db, Cache.from_env(prefix=f"{uuid4().hex}:") as cache:
        vars(module).update(asyncio=asyncio, Database=Database, Cache=Cache, db=db, cache=cache)
        for block in read_blocks(name):
            if not block.is_program:
                assert await run_block(block, vars(module)) == block.prints, f"{block.page}:{block.line}"


async def test_the_example_of_the_readme_runs(environment: None) -> None:
    async def load_overview() -> str:
        return "loaded"

    org = uuid4().int % 2**31
    async with Database.from_env() as db:
        await db.execute("create table dashboards (id int, organization_id int, name text)")
        await db.execute("insert into dashboards values (1, $1, 'before')", org)
    names: dict[str, Any] = {"org": org, "dashboard": 1, "name": "after", "load_overview": load_overview}
    await run_block(read_example_of_readme(), names)
    assert (names["rows"][0]["name"], names["overview"]) == ("after", "loaded")


def read_example_of_readme() -> Block:
    page = ROOT / "README.md"
    _, _, section = page.read_text().partition("## From Python\n\n")
    example = re.match(r"(?:    .*\n|\n)+", section)
    assert example is not None
    return Block(page, 0, textwrap.dedent(example[0]))


async def run_block(block: Block, names: dict[str, Any]) -> list[str]:
    """Run a block among the names that those before it have made, and return what it printed."""
    printed: list[str] = []
    names["print"] = lambda *values: printed.append(" ".join(map(str, values)))
    running = FunctionType(block.compile(), names)()
    if inspect.isawaitable(running):
        await running
    return printed
