"""A redis-server of a benchmark's own: plain, and with TLS and a password; gone when the benchmark ends."""

import contextlib
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from candlefish import process
from candlefish.errors import EngineError, PortTaken
from harness.certificate import HOST, Certificate, write_certificate
from harness.door import Door

DEFAULT_PORT: Final = 14400
"""Below the ports that systems give to outgoing connections; the TLS door is the port after it."""

PASSWORD: Final = "benchmark"

READY_TIMEOUT_S: Final = 10.0
"""An empty server answers within milliseconds."""


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A running server, reached through two doors that lead to the same data."""

    pid: int
    plain: Door
    tls: Door

    def door(self, *, tls: bool) -> Door:
        """Return the door that a setting asks for."""
        return self.tls if tls else self.plain


@contextlib.contextmanager
def redis_server(port: int = DEFAULT_PORT) -> Iterator[RedisServer]:
    """Run a server without persistence and without a limit of memory, on `port` and `port + 1`."""
    _require_free(port)
    with tempfile.TemporaryDirectory(prefix="candlefish-benchmark-") as name:
        certificate, log = write_certificate(Path(name)), Path(name) / "redis.log"
        with log.open("wb") as out:
            server = subprocess.Popen(_argv(port, certificate), stdout=out, stderr=out)
        try:
            _await_ready(server, port, log)
            plain, tls = Door(HOST, port, PASSWORD), Door(HOST, port + 1, PASSWORD, str(certificate.authority))
            yield RedisServer(server.pid, plain, tls)
        finally:
            server.terminate()
            server.wait()


def _require_free(port: int) -> None:
    for taken in (port, port + 1):
        if _listens(taken):
            raise PortTaken(f"something listens on port {taken} already", hint="choose another one with --port")


def _argv(port: int, certificate: Certificate) -> list[str]:
    options = {
        "bind": HOST,
        "port": port,
        "tls-port": port + 1,
        "tls-cert-file": certificate.chain,
        "tls-key-file": certificate.key,
        "tls-auth-clients": "no",  # the client proves itself with the password
        "requirepass": PASSWORD,
        "dir": certificate.chain.parent,
        "save": "",
        "appendonly": "no",
        "maxclients": 10_000,
    }
    words = [str(process.find_binary("redis-server"))]
    for name, value in options.items():
        words += [f"--{name}", str(value)]
    return words


def _await_ready(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    ready = process.wait_until(
        lambda: server.poll() is not None or _listens(port + 1), timeout_s=READY_TIMEOUT_S, poll_s=0.02
    )
    if server.poll() is not None or not ready:
        raise EngineError(f"redis-server did not start on ports {port} and {port + 1}", detail=process.tail(log))


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=1):
        return True
    return False
