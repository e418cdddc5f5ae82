"""What the tests of clients that nobody here wrote share."""

import os
import subprocess
from collections.abc import Callable

import psycopg
import pytest

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.engines.binaries import find_pgbouncer

Run = Callable[..., str]

KEEPS_STATEMENTS = (1, 21)
"""The first PgBouncer that keeps prepared statements in its transaction and statement modes."""


@pytest.fixture(scope="session")
def keeps_statements() -> bool:
    """Tell whether the pooler of this machine keeps prepared statements."""
    return find_pgbouncer()[1] >= KEEPS_STATEMENTS


@pytest.fixture
def database(database: Endpoints) -> Endpoints:
    """Give the endpoints of a new database that every replica has: clients differ in what they do about a refusal."""
    addresses = (database.read_url, *database.read_urls, database.analytics_url)
    assert process.wait_until(lambda: all(_answers(url) for url in addresses), timeout_s=30)
    return database


def _answers(url: str) -> bool:
    try:
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
            return connection.execute("select 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


@pytest.fixture
def run(database: Endpoints) -> Run:
    """Give a function that runs a program with the tier's environment and returns what it printed."""

    def run(program: str, *words: str, check: bool = True, input: str = "", **env: str) -> str:
        done = subprocess.run(
            [str(process.find_binary(program)), *words],
            env={**os.environ, **database.to_env(), **env},
            input=input,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def poolers(database: Endpoints) -> dict[str, str]:
    """Give every address of the pooler, by name."""
    replicas = {f"read_{number}": url for number, url in enumerate(database.read_urls, 1)}
    return {
        "main": database.main_url,
        "read": database.read_url,
        **replicas,
        "session": database.session_url,
        "analytics": database.analytics_url,
    }
