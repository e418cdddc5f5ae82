"""What applications import stays importable, and is explained."""

import inspect
import re
import tomllib
from pathlib import Path

import candlefish
from candlefish import errors

ROOT = Path(__file__).resolve().parents[2]


def test_every_exported_name_exists() -> None:
    missing = [name for name in candlefish.__all__ if not hasattr(candlefish, name)]
    assert missing == []


def test_the_list_of_exports_is_sorted_and_has_no_name_twice() -> None:
    assert sorted(set(candlefish.__all__)) == sorted(candlefish.__all__)


def test_every_error_that_the_client_raises_is_exported() -> None:
    raised = {
        name
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.DatabaseError | errors.CacheError)
    }
    assert raised <= set(candlefish.__all__)


def test_every_exception_stands_in_the_drawing_of_the_tree() -> None:
    classes = {name for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)}
    assert classes <= set(re.findall(r"\w+", errors.__doc__ or ""))


def test_every_exported_name_is_in_the_documentation() -> None:
    page = (ROOT / "docs" / "clients.md").read_text()
    undocumented = [name for name in candlefish.__all__ if not name.startswith("__") and f"`{name}" not in page]
    assert undocumented == []


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert candlefish.__version__ == project["version"]
