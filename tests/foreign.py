"""Databases of other people, which lie beside the repository."""

from pathlib import Path

import pytest

FOREIGN = Path(__file__).resolve().parents[1].parent / "shared" / "data" / "databases"


def foreign_database(name: str) -> Path:
    """Return a database that is not part of the repository; skip the test where it is absent."""
    path = FOREIGN / f"{name}.sql"
    if not path.exists():
        pytest.skip(f"{path} is not here: the databases of other people lie beside the repository, not in it")
    return path
