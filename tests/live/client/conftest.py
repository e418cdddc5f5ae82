"""A TCP proxy between the client and the tier, which a test can cut, silence and bring back."""

import asyncio
import contextlib
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

import pytest

from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack


class Proxy:
    """Pass bytes on between clients and the server of a URL; `url` leads through the proxy."""

    def __init__(self, url: str) -> None:
        self.port = 0
        self._parts = urlsplit(url)
        self._server: asyncio.Server | None = None
        self._silent = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._pipes: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Return the URL with the proxy's address in it."""
        login = self._parts.netloc.rpartition("@")[0]
        return self._parts._replace(netloc=f"{login}@127.0.0.1:{self.port}").geturl()

    async def come_back(self) -> None:
        """Listen, on the same port as before."""
        self._silent = False
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Break every connection; new ones are served."""
        self._silent = False
        for writer in self._writers:
            writer.transport.abort()

    async def die(self) -> None:
        """Cut every connection and refuse new ones."""
        if self._server is not None:
            self._server.close()
        self.cut()
        for pipe in self._pipes:
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    def fall_silent(self) -> None:
        """Take connections and bytes, and answer nothing."""
        self._silent = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        self._writers |= {writer, there_writer}
        pipes = [self._pipe(reader, there_writer), self._pipe(there_reader, writer)]
        self._pipes |= {asyncio.ensure_future(pipe) for pipe in pipes}

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if not self._silent:
                    writer.write(data)
        writer.transport.abort()


@pytest.fixture
def endpoints(stack: Stack) -> Endpoints:
    """Give the endpoints of the tier's own database as they are now: no table, no row of it may be left behind."""
    return stack.endpoints()


Eventually = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.fixture
def eventually() -> Eventually:
    """Give a function that waits until a condition holds, or what it awaits is true."""

    async def wait(holds: Callable[[], object]) -> None:
        async with asyncio.timeout(90):
            while True:
                seen = holds()
                if await seen if inspect.isawaitable(seen) else seen:
                    return
                await asyncio.sleep(0.02)

    return wait


OpenProxy = Callable[[str], Awaitable[Proxy]]


@pytest.fixture
async def open_proxy() -> AsyncIterator[OpenProxy]:
    """Give a function that opens a proxy to the server of a URL."""
    opened: list[Proxy] = []

    async def proxy(url: str) -> Proxy:
        opened.append(Proxy(url))
        await opened[-1].come_back()
        return opened[-1]

    yield proxy
    for one in opened:
        await one.die()
