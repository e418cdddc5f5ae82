"""Where the benchmarks' things lie."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
"""The repository."""

PEERS: Final = ROOT / ".venv" / "peers"
"""The virtual environment of the libraries that candlefish is compared with."""

PEERS_LOCK: Final = ROOT / "tools" / "peers.lock"

IMPORT_PATH: Final = f"{ROOT / 'benchmarks'}:{ROOT / 'src'}"
"""PYTHONPATH of a row's process: this harness, the peers, and candlefish as it stands here."""
