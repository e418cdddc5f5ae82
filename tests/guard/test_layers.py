"""The architecture holds."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TIER_ONLY = (
    *("hdrhistogram", "patroni", "psutil", "psycopg", "psycopg2", "pydantic"),
    *("redis", "rich", "supervisor", "typer", "uvloop"),
)


def test_a_layer_imports_only_what_stands_below_it() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_client_needs_nothing_that_only_the_tier_installs() -> None:
    program = (
        "import sys, candlefish\n"
        "for name in candlefish.__all__: getattr(candlefish, name)\n"
        f"print(*sorted(set(sys.modules) & set({TIER_ONLY!r})))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout.split() == []


def test_the_command_of_an_install_without_the_tier_says_what_to_install() -> None:
    program = "import sys; sys.modules['typer'] = None; from candlefish.cli.entry import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert 'pip install "candlefish[tier]"' in done.stderr
