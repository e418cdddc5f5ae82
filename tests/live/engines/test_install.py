"""The engines of this machine, as `candlefish setup` sees them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from candlefish.engines.binaries import choose_newest, find_missing, find_pgbouncer
from candlefish.engines.install import SCRIPT
from candlefish.errors import BinaryMissing
from candlefish.process import find_binary, run

pytestmark = pytest.mark.live

CANDLEFISH = Path(sys.executable).with_name("candlefish")


def test_after_setup_nothing_is_missing() -> None:
    assert find_missing() == ()


def test_a_second_setup_installs_nothing() -> None:
    done = run([CANDLEFISH, "setup", "--json"], timeout_s=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["packages"] == []


def test_a_dry_run_of_a_whole_machine_has_nothing_to_install() -> None:
    assert "install.sh" not in run([CANDLEFISH, "setup", "--dry-run"], timeout_s=60).stdout


def test_the_newest_pgbouncer_is_chosen() -> None:
    of_the_distribution = choose_newest([find_binary("pgbouncer")])
    assert find_pgbouncer()[1] >= of_the_distribution[1]


def test_everybody_on_the_machine_may_run_the_pgbouncer_that_was_built() -> None:
    program = find_pgbouncer()[0]
    assert all(path.stat().st_mode & 0o005 == 0o005 for path in (program, *program.parents))


def test_a_pgbouncer_that_does_not_start_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "pgbouncer"
    broken.write_bytes(b"\x7fELF of another machine")
    broken.chmod(0o755)
    working = find_binary("pgbouncer")
    assert choose_newest([broken, working])[0] == working
    with pytest.raises(BinaryMissing):
        choose_newest([broken])


@pytest.mark.skipif(os.geteuid() != 0, reason="the script is run by root")
def test_a_failed_installation_leaves_the_machine_as_it_was() -> None:
    policy, clusters = Path("/usr/sbin/policy-rc.d"), Path("/etc/postgresql-common/createcluster.d")

    def state() -> tuple[object, ...]:
        seen = policy.stat() if policy.exists() else None
        kept = seen and (seen.st_mode, seen.st_mtime_ns, seen.st_ino, policy.read_bytes())
        return kept, clusters.exists(), sorted(clusters.glob("*"))

    before = state()
    done = subprocess.run(["sh", SCRIPT, "no-such-package-anywhere"], capture_output=True, text=True)
    assert done.returncode != 0
    assert "no-such-package-anywhere" in done.stderr
    assert state() == before
