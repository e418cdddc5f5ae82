"""coredis: connections of a pool that are shared by calls."""

from collections.abc import Awaitable, Callable
from typing import Any

import coredis

from harness.door import Door


async def open_get(door: Door, tasks: int, *, connections: int = 0) -> Callable[[str], Awaitable[Any]]:
    """Return a client's get."""
    client = coredis.Redis(
        **door.parts(),
        max_connections=connections or None,
        ssl=door.tls,
        ssl_ca_certs=door.ca_file or None,
    )
    await client.__aenter__()  # for as long as the process lives
    return client.get
