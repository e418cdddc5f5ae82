"""The pages of the client name every option, with the default that it has."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from candlefish import Cache, Database, Policy

DOCS = Path(__file__).resolve().parents[2] / "docs"


def options(of: Callable[..., Any]) -> dict[str, Any]:
    return {name: one.default for name, one in signature(of).parameters.items() if one.kind is one.KEYWORD_ONLY}


@pytest.mark.parametrize(
    ("page", "name"),
    [("database.md", name) for name in options(Database)] + [("cache.md", name) for name in options(Cache)],
)
def test_every_option_stands_in_a_table(page: str, name: str) -> None:
    rows = [line for line in (DOCS / page).read_text().splitlines() if line.startswith("| ")]
    assert any(f"`{name}`" in row.split(" | ")[0] or f"`{name}=" in row for row in rows)


@pytest.mark.parametrize(
    ("page", "name", "default"),
    [("database.md", *one) for one in options(Database).items()]
    + [("cache.md", *one) for one in options(Cache).items()],
)
def test_a_default_that_is_a_number_stands_beside_its_option(page: str, name: str, default: object) -> None:
    if isinstance(default, int | float):
        assert f"| `{name}` | {default:g} |" in (DOCS / page).read_text()


@pytest.mark.parametrize(
    ("name", "default"), [(name, one.default) for name, one in signature(Policy).parameters.items()]
)
def test_every_part_of_a_policy_is_explained_with_its_default(name: str, default: object) -> None:
    page = (DOCS / "cache.md").read_text()
    assert f"`{name}` ({default:g}" in page.replace("*", "") if default else f"`{name}`" in page
