"""One connection to the redis-server of a replay: batches of commands go out at once, their replies come back."""

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import hiredis

from candlefish.errors import EngineError

READ_BYTES: Final = 65_536

Command = tuple[str | bytes | int, ...]


class Wire:
    """Send batches and return their replies."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._replies = hiredis.Reader()

    async def ask(self, *words: str | bytes | int) -> Any:
        """Send one command."""
        (reply,) = await self.ask_all([words])
        return reply

    async def ask_all(self, commands: Iterable[Command]) -> list[Any]:
        """Send commands together; raise EngineError when Redis refuses one or goes away."""
        packed = [hiredis.pack_command(command) for command in commands]  # type: ignore[arg-type]  # as in client/redis
        self._writer.write(b"".join(packed))
        replies: list[Any] = []
        while len(replies) < len(packed):
            data = await self._read()
            if not data:
                raise EngineError("the redis-server of the replay went away")
            self._replies.feed(data)
            while (reply := self._replies.gets()) is not False:
                if isinstance(reply, Exception):
                    raise EngineError(f"redis-server refused a command of the replay: {reply}")
                replies.append(reply)
        return replies

    async def fetch_info(self, section: str) -> dict[str, str]:
        """Return what INFO says of one section."""
        return parse_info(await self.ask("INFO", section))

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        with contextlib.suppress(OSError):  # the server went away before what was written last
            await self._writer.wait_closed()

    async def _read(self) -> bytes:
        """Return what came; nothing when the connection is gone, in whatever way."""
        try:
            return await self._reader.read(READ_BYTES)
        except OSError:
            return b""


def parse_info(reply: bytes) -> dict[str, str]:
    """Return the fields of INFO's answer."""
    pairs = (line.partition(":") for line in reply.decode().splitlines() if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


async def connect(socket: Path) -> Wire:
    """Connect to the server behind a socket."""
    return Wire(*await asyncio.open_unix_connection(socket))
