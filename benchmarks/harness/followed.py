"""A `candlefish follow` beside the rows of a benchmark: whose keys are the values of one column."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from candlefish.changes.slot import drop
from candlefish.changes.source import Source
from harness.fresh import FreshFailed


@contextlib.contextmanager
def followed(database_url: str, redis_url: str, *, table: str, column: str) -> Iterator[None]:
    """Run a follower; begin when it reads its slot and has dealt with the gap that a new one begins with."""
    slot = "benchmark_followed"
    with TemporaryDirectory() as folder:
        rules = Path(folder) / "rules.toml"
        rules.write_text(f'[[rule]]\ntable = "{table}"\nkeys = ["{{{column}}}"]\n')
        with (Path(folder) / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "candlefish.cli.main", "follow", "--json", "--rules", rules),
                    *("--database-url", database_url, "--redis-url", redis_url),
                    *("--slot", slot, "--publication", slot),
                ],
                stdout=subprocess.PIPE,
                stderr=log,
            )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if json.loads(line)["gaps"]:
                    break
            else:
                said = (Path(folder) / "log").read_text().strip().splitlines()
                raise FreshFailed(said[-1] if said else "candlefish follow ended")
            yield
        finally:
            process.terminate()
            process.communicate()
            drop(Source(database_url, slot, slot))
