"""A redis-server of our own for one replay: behind a socket in a temporary folder, gone when the replay ends."""

import contextlib
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from candlefish import process
from candlefish.errors import EngineError

READY_S: Final = 10.0
"""An empty server listens within milliseconds."""

OPEN_FILES: Final = 128
"""One client, its log, its socket, and what redis-server keeps for itself (32)."""

KEPT_LINES: Final = 5
"""Of its log, for the message when it does not start."""


@contextlib.contextmanager
def private_redis() -> Iterator[Path]:
    """Run a redis-server with its defaults and without persistence; give its socket."""
    log: list[str] = []
    with tempfile.TemporaryDirectory(prefix="candlefish-") as name:
        folder = Path(name)
        server = process.start(_argv(folder), on_line=log.append, on_end=lambda: None, open_files=OPEN_FILES)
        try:
            listens = process.wait_until(
                lambda: server.ended() is not None or _listens(_socket(folder)), timeout_s=READY_S, poll_s=0.02
            )
            if server.ended() is not None or not listens:
                raise EngineError("redis-server did not start for the replay", detail="\n".join(log[-KEPT_LINES:]))
            yield _socket(folder)
        finally:
            process.stop(server.pid)
            server.finish(timeout_s=READY_S)


def _listens(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as door:
        door.connect(str(path))
        return True
    return False


def _socket(folder: Path) -> Path:
    return folder / "redis"


def _argv(folder: Path) -> list[str | Path]:
    options: dict[str, str | Path] = {
        "port": "0",
        "unixsocket": _socket(folder),
        "unixsocketperm": "600",
        "dir": folder,
        "save": "",
        "appendonly": "no",
        "maxclients": "16",
    }
    return [
        process.find_binary("redis-server"),
        *(word for name, value in options.items() for word in (f"--{name}", value)),
    ]
