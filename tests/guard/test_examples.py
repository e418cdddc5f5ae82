"""The examples are programs, not drawings of programs."""

import ast
from pathlib import Path

import pytest

import candlefish

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((ROOT / "examples").rglob("*.py"))


def test_there_are_examples() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_compiles_and_imports_only_public_names(example: Path) -> None:
    tree = ast.parse(example.read_text(), example.name)
    compile(tree, example.name, "exec")
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    ours = [node for node in imports if node.module.split(".")[0] == "candlefish"]  # type: ignore[union-attr]
    assert [node.module for node in ours if node.module != "candlefish"] == []
    assert {name.name for node in ours for name in node.names} <= set(candlefish.__all__)
