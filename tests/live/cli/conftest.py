"""The program itself, run as a user runs it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

CANDLEFISH = Path(sys.executable).parent / "candlefish"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def candlefish(tmp_path: Path) -> Run:
    """Give a function that runs `candlefish WORDS...` in an empty folder."""

    def run(*words: str, prefix: tuple[str, ...] = (), **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*prefix, str(CANDLEFISH), *words],
            cwd=tmp_path,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=180,
        )

    return run
