"""Redis servers of the tests' own: plain ones, with a password, with TLS, Sentinels, a cluster of three primaries."""

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from candlefish import process
from candlefish.client.redis.address import parse_cluster_url, parse_redis_url
from candlefish.client.redis.client import Address, Redis

TIMEOUT_S = 2.0
"""Of each call in these tests, where they do not ask for another: the machine may be busy."""


@dataclass
class Server:
    """One redis-server process, which a test may kill, stop and start again on the same port."""

    port: int
    folder: Path
    options: tuple[str, ...] = ()
    password: str = ""
    first_word: str = "PONG"
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Start the process and wait until it listens."""
        self.process = subprocess.Popen(self.argv(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.until_it_says("PING", self.first_word)

    def argv(self) -> list[str]:
        """Give the command line."""
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--logfile", self.log.name]
        login = ["--requirepass", self.password] if self.password else []
        return ["redis-server", *where, *login, "--save", "", "--appendonly", "no", *self.options]

    @property
    def log(self) -> Path:
        """Return the file into which the server writes."""
        return self.folder / "redis.log"

    def kill(self) -> None:
        """End it as a power cut would."""
        self._signal(signal.SIGKILL)
        assert self.process is not None
        self.process.wait()

    def stop(self) -> None:
        """Let it take connections and answer nothing."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let it answer again."""
        self._signal(signal.SIGCONT)

    def cli(self, *command: str) -> str:
        """Run a command in redis-cli and return what it prints."""
        login = ["--no-auth-warning", "-a", self.password] if self.password else []
        tls = ["--tls", "--insecure"] if "--tls-port" in self.options else []
        done = subprocess.run(
            ["redis-cli", "-p", str(self.port), *login, *tls, *command], capture_output=True, text=True, check=False
        )
        return done.stdout.strip()

    def until_it_says(self, command: str, answer: str) -> None:
        """Wait until a command's answer holds a word."""
        while answer not in self.cli(*command.split()):
            assert self.process is not None
            assert self.process.poll() is None, process.tail(self.log)

    def calls(self, command: str) -> int:
        """Return how often a command was run since the counts were reset."""
        for line in self.cli("INFO", "commandstats").splitlines():
            if line.startswith(f"cmdstat_{command}:"):
                return int(line.split("calls=")[1].split(",")[0])
        return 0

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)


StartServer = Callable[..., Server]


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Give a function that starts a server with options and, perhaps, a password."""
    started: list[Server] = []
    claims = ExitStack()

    def start(*options: str, password: str = "", kind: type[Server] = Server) -> Server:
        folder = tmp_path / f"redis{len(started)}"
        folder.mkdir()
        port = claims.enter_context(_claimed_port())
        server = kind(port, folder, tuple(option.replace("{port}", str(port)) for option in options), password)
        started.append(server)
        server.start()
        return server

    yield start
    for server in started:
        if server.process is not None and server.process.poll() is None:
            server.go_on()
            server.kill()
        shutil.rmtree(server.folder)
    claims.close()


@pytest.fixture
def server(start_server: StartServer) -> Server:
    """Give a plain server."""
    return start_server()


NODE = ("--cluster-enabled", "yes", "--cluster-node-timeout", "1000", "--cluster-require-full-coverage", "no")
"""The options of a server that can join a cluster."""


@pytest.fixture
def cluster(start_server: StartServer) -> list[Server]:
    """Give a cluster of three primaries without replicas."""
    nodes = [start_server(*NODE) for _ in range(3)]
    join("create", *[f"127.0.0.1:{node.port}" for node in nodes])
    for node in nodes:
        node.until_it_says("CLUSTER INFO", "cluster_state:ok")
    return nodes


def join(*command: str) -> None:
    """Change a cluster by a command of redis-cli."""
    subprocess.run(["redis-cli", "--cluster", *command, "--cluster-yes"], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
async def opened() -> AsyncIterator[list[Redis]]:
    """Give a list: every client put into it is closed after the test."""
    clients: list[Redis] = []
    yield clients
    for client in clients:
        await client.close()


async def open_client(opened: list[Redis], address: Address, *, timeout_s: float = TIMEOUT_S) -> Redis:
    """Connect to an address."""
    client = Redis(address, timeout_s=timeout_s)
    opened.append(client)
    await client.open()
    return client


@pytest.fixture
async def redis(server: Server, opened: list[Redis]) -> Redis:
    """Give a client of the plain server."""
    return await open_client(opened, parse_redis_url(f"redis://127.0.0.1:{server.port}"))


@pytest.fixture
async def cluster_client(cluster: list[Server], opened: list[Redis]) -> Redis:
    """Give a client of the cluster, which knows one node."""
    return await open_client(opened, parse_cluster_url(f"redis+cluster://127.0.0.1:{cluster[0].port}"))


@contextmanager
def _claimed_port() -> Iterator[int]:
    """Find a port for which the port of a cluster's bus, 10,000 above, is free too and below the kernel's own range.

    Its UDP port stays bound meanwhile: that keeps every other run of these tests away from it, also between the look
    at it and the start of the server, and while a test has the server killed.
    """
    for port in range(10500, 10600):
        with socket.socket(type=socket.SOCK_DGRAM) as claim, socket.socket() as one, socket.socket() as bus:
            try:
                claim.bind(("127.0.0.1", port))
                one.bind(("127.0.0.1", port))
                bus.bind(("127.0.0.1", port + 10000))
            except OSError:
                continue
            one.close()
            bus.close()
            yield port
            return
    raise AssertionError("no port between 10500 and 10600 is free")
