"""The examples are programs, not drawings of programs."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import candlefish
from candlefish.endpoints import Endpoints

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


@pytest.mark.live
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_and_reads_from_a_replica(example: Path, database: Endpoints) -> None:
    done = subprocess.run(
        [sys.executable, example], env={**os.environ, **database.to_env()}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "answered by a replica: True" in done.stdout
