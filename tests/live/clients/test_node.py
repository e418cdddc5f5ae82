"""`pg` and `ioredis` from npm work against the endpoints."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from candlefish.endpoints import Endpoints

pytestmark = pytest.mark.live

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "node"
PROGRAMS = Path(__file__).parent / "node"


@pytest.fixture(scope="session")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install what the lock file of the examples names, each by its hash, and return the folder."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not on this machine: `pg` and `ioredis` can't be installed")
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(EXAMPLES / name, folder)
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return folder


def run_node(program: Path, modules: Path, database: Endpoints) -> str:
    """Run a program where its modules are, and return what it printed."""
    copy = shutil.copy(program, modules)
    done = subprocess.run(
        ["node", copy], env={**os.environ, **database.to_env()}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def pg(modules: Path, database: Endpoints) -> Any:
    """Give what the program with `pg` found."""
    return json.loads(run_node(PROGRAMS / "pg.js", modules, database))


@pytest.fixture
def ioredis(modules: Path, database: Endpoints) -> Any:
    """Give what the program with `ioredis` found."""
    return json.loads(run_node(PROGRAMS / "ioredis.js", modules, database))


def test_pg_writes_through_one_pool_and_reads_replicas_through_another(pg: Any) -> None:
    assert pg["committed"] == 100
    assert pg["after_rollback"] == 100
    assert pg["reads_on_replicas"] == [True]
    assert pg["written_through_read"] == "25006"  # read_only_sql_transaction
    assert pg["session"] == "kept"


def test_pg_keeps_named_statements_where_the_pooler_does(
    modules: Path, database: Endpoints, keeps_statements: bool
) -> None:
    if not keeps_statements:
        pytest.skip("PgBouncer is older than 1.21: it keeps no prepared statements")
    assert json.loads(run_node(PROGRAMS / "pg_named.js", modules, database))["answers"] == list(range(1, 51))


def test_ioredis_finds_primary_and_replica_through_sentinel(ioredis: Any) -> None:
    assert ioredis["role"] == "master"
    assert ioredis["replica_role"] == "slave"
    assert ioredis["read"] == "kept"
    assert ioredis["pipelined"] == 100


def test_ioredis_as_a_cluster_client_is_refused(ioredis: Any) -> None:
    assert "cluster support disabled" in ioredis["cluster"]


def test_the_example_runs_and_reads_from_a_replica(modules: Path, database: Endpoints) -> None:
    seen = run_node(EXAMPLES / "pools.js", modules, database)
    assert "answered by a replica: { replica: true }" in seen
    assert "from the cache: { replica: true }" in seen
