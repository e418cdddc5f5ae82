"""What `Recorder` costs: CPU time of a lookup whose key it notes, and of one whose key it passes over.

    .venv/bin/python benchmarks/cache_recording.py [--lookups 200000] [--rounds 5] [--json]

Nothing else runs in the process; the best of the rounds counts. What is written goes to a temporary folder.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any, Final

from candlefish.client.recording import Recorder
from candlefish.client.recording_format import SCALE, place_key
from harness.ending import told
from harness.table import number, render_json, render_table

SAMPLE_RATIO: Final = 0.1
"""The default of `Recorder`."""

KEYS: Final = 10_000
VALUE_BYTES: Final = 300


def main() -> int:
    """Measure both kinds of key, and print."""
    options = _parse()
    names = [f"dashboard:{item}" for item in range(KEYS)]
    noted = [name for name in names if place_key(name.encode()) < SAMPLE_RATIO * SCALE]
    passed = [name for name in names if name not in set(noted)]
    with told():
        rows: list[dict[str, Any]] = [
            {"key": kind, "us_a_lookup": min(_measure(keys, options.lookups) for _ in range(options.rounds))}
            for kind, keys in (("noted", noted), ("passed over", passed))
        ]
    cells = [[row["key"], number(row["us_a_lookup"])] for row in rows]
    print(render_json(rows) if options.json else render_table(("key", "us a lookup"), cells))
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lookups", type=int, default=200_000, help="in a round (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of which the best counts (default %(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object a row instead of a table")
    return parser.parse_args()


def _measure(keys: Sequence[str], lookups: int) -> float:
    """Return the CPU time of one lookup in us, with the writing of the file."""
    asked = [keys[place % len(keys)] for place in range(lookups)]
    with tempfile.TemporaryDirectory() as folder, Recorder(Path(folder) / "accesses") as recorder:
        note = recorder.note_lookup
        began = process_time()
        for key in asked:
            note(key, True, VALUE_BYTES)
        return (process_time() - began) / lookups * 1_000_000


if __name__ == "__main__":
    sys.exit(main())
