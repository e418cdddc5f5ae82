"""The virtual environment of the peers: made when it is missing, or made from another lock."""

import zlib
from pathlib import Path
from typing import Final

from candlefish import process
from candlefish.errors import EngineError
from harness.places import PEERS, PEERS_LOCK, ROOT

INSTALL_TIMEOUT_S: Final = 600.0
"""Some 40 packages, on a slow line."""


def peers_python() -> Path:
    """Return the Python that has every peer installed at the versions of tools/peers.lock."""
    python, stamp = PEERS / "bin" / "python", PEERS / ".made-from"
    made_from = f"{zlib.crc32(PEERS_LOCK.read_bytes())}\n"
    if not (python.exists() and stamp.exists() and stamp.read_text() == made_from):
        _install(python)
        stamp.write_text(made_from)
    return python


def _install(python: Path) -> None:
    uv = ROOT / ".venv" / "bin" / "uv"
    _run(uv, "venv", "--quiet", "--clear", "--python", ROOT / ".venv" / "bin" / "python", PEERS)
    _run(
        uv, "pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes", "--no-build-isolation",
        "--python", python, PEERS_LOCK,
    )  # fmt: skip


def _run(*argv: str | Path) -> None:
    done = process.run(argv, timeout_s=INSTALL_TIMEOUT_S)
    if done.returncode:
        raise EngineError(
            f"the peers' packages could not be installed into {PEERS.relative_to(ROOT)}",
            detail=done.stderr.strip()[-500:],
            hint="run `tools/venv.sh`, then the benchmark again",
        )
