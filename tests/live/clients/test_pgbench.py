"""pgbench works against the endpoints, with each protocol that the pooler's mode allows."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from candlefish.endpoints import Endpoints

pytestmark = pytest.mark.live

Run = Callable[..., str]
PROTOCOLS = ("simple", "extended", "prepared")


def processed(seen: str) -> tuple[int, int]:
    """Return how many transactions pgbench finished, and how many failed."""
    done = re.search(r"actually processed: (\d+)", seen)
    failed = re.search(r"number of failed transactions: (\d+)", seen)
    assert done, seen
    return int(done[1]), int(failed[1]) if failed else 0


@pytest.fixture
def filled(run: Run, database: Endpoints) -> Endpoints:
    """Give a database that pgbench has filled, through the pooler."""
    run("pgbench", "--initialize", "--init-steps=dtgvp", "--quiet", database.session_url)
    return database


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_pgbench_writes_through_main_and_session_and_reads_from_replicas(
    protocol: str, run: Run, filled: Endpoints, keeps_statements: bool
) -> None:
    common = ("--no-vacuum", "--client=4", "--jobs=2", "--transactions=25", f"--protocol={protocol}")
    assert processed(run("pgbench", *common, filled.session_url)) == (100, 0)
    if protocol == "prepared" and not keeps_statements:
        return
    assert processed(run("pgbench", *common, filled.main_url)) == (100, 0)
    assert processed(run("pgbench", *common, "--select-only", filled.read_url)) == (100, 0)


def test_pgbench_runs_single_statements_through_analytics(run: Run, filled: Endpoints, tmp_path: Path) -> None:
    script = tmp_path / "report.sql"
    script.write_text("select sum(abalance) from pgbench_accounts;\n")
    common = ("--no-vacuum", "--client=2", "--transactions=5", f"--file={script}")
    assert processed(run("pgbench", *common, filled.analytics_url)) == (10, 0)
