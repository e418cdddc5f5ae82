"""The documentation says what the program does."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from tools import docs

from candlefish.cli.main import COMMANDS
from candlefish.spec.model import Spec

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_LINE = re.compile(r"^#(?=\w)", re.MULTILINE)


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys(field.annotation, f"{prefix}{name}.")
        else:
            yield prefix + name


def test_links_hold_and_command_pages_say_what_help_says() -> None:
    done = subprocess.run([sys.executable, "tools/docs.py"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_dead_link_is_found_wherever_it_stands_on_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text("[a](a.md)\n\n    [code](code.md)\n\n[b](b.md) `[word](word.md)` [c](#none)\n")
    found = [problem.split()[1] for problem in docs.dead_links(page)]
    assert found == ["a.md", "b.md", "the"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_index_of_commands(command: str) -> None:
    assert f"({command}.md)" in (ROOT / "docs" / "commands" / "README.md").read_text()


def test_the_readme_leads_to_every_page() -> None:
    seen = {ROOT / "README.md"}
    waiting = [*seen]
    while waiting:
        page = waiting.pop()
        links = (page.parent / link for link in re.findall(r"\]\(([^)#\s]+\.md)", page.read_text()))
        found = {link.resolve() for link in links} - seen
        seen |= found
        waiting += found
    assert sorted((ROOT / "docs").rglob("*.md")) == sorted(page for page in seen if ROOT / "docs" in page.parents)


@pytest.mark.parametrize("key", tuple(keys(Spec)))
def test_every_key_of_the_spec_is_documented(key: str) -> None:
    assert f"| `{key}` |" in (ROOT / "docs" / "configuration.md").read_text()


def test_no_key_is_documented_that_the_spec_does_not_have() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text()
    assert set(re.findall(r"^\| `([a-z_.]+)` \|", page, re.MULTILINE)) == set(keys(Spec))


def test_the_example_spec_shows_every_default_as_it_is() -> None:
    shown = DEFAULT_LINE.sub("", (ROOT / "candlefish.toml").read_text())
    assert Spec.model_validate(tomllib.loads(shown)) == Spec()


@pytest.mark.parametrize("key", tuple(keys(Spec)))
def test_the_example_spec_mentions_every_key(key: str) -> None:
    *section, name = key.split(".")
    text = (ROOT / "candlefish.toml").read_text()
    part = text.split(f"[{section[0]}]")[1].split("\n[")[0] if section and key != "postgres.settings" else text
    assert re.search(rf"^# ?{name} = |^(# \[)?\[{re.escape(key)}\]", part, re.MULTILINE)
