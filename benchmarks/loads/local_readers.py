"""A process with a local tier full of rows, that notes when each of them leaves it."""

import asyncio
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from random import Random
from tempfile import NamedTemporaryFile
from time import perf_counter
from typing import Final

from candlefish import Cache
from harness.loops import run_on

LOCAL_BYTES: Final = 256_000_000
"""Room for all of them."""

AT_ONCE: Final = 500
LOOKUPS: Final = 100
PAUSE_S: Final = 0.02
"""While it waits it serves so many lookups, then pauses: some 5,000 a second."""


@dataclass(frozen=True, slots=True)
class Watch:
    """One process: the first fills Redis, and all read every row before the changes begin."""

    redis_url: str
    prefix: str
    number: int
    rows: int


def name_ready(number: int) -> str:
    """Return the key under which a process says that it has all rows."""
    return f"ready:{number}"


DONE: Final = "done"
FILLED: Final = "filled"
HANDSHAKE: Final = "handshake:"
"""The prefix of what the processes tell each other, of which no rule speaks."""


def watch(job: Watch) -> str:
    """Return when each row left the local tier, by `time.perf_counter`, which all processes share: a file of floats.

    A row that did not leave has infinity. The caller deletes the file.
    """
    return run_on("uvloop", _watch(job))


async def _watch(job: Watch) -> str:
    keys = [f"item:{row}" for row in range(job.rows)]
    left: dict[str, float] = {}
    async with (
        Cache(job.redis_url, prefix=HANDSHAKE) as talk,
        Cache(job.redis_url, prefix=job.prefix, codec="raw", ttl_s=3600, local_max_bytes=LOCAL_BYTES) as cache,
    ):
        local = cache._local  # noqa: SLF001 - to note the moment
        assert local is not None
        if job.number == 0:
            for first in range(0, len(keys), AT_ONCE):
                await asyncio.gather(*[cache.set(key, b"kept") for key in keys[first : first + AT_ONCE]])
            await talk.set(FILLED, 1)
        await _until(talk, FILLED)
        while cache.stats().local_entries < job.rows:
            for first in range(0, len(keys), AT_ONCE):
                await cache.get_many(keys[first : first + AT_ONCE])
        forget = local.changed

        def changed(names: Sequence[bytes] | None) -> None:
            forget(names)
            now = perf_counter()
            for name in names or ():
                left.setdefault(name.decode(), now)

        local.changed = changed  # type: ignore[method-assign,assignment]
        await talk.set(name_ready(job.number), 1)
        random = Random(job.number)
        while await talk.get(DONE) is None:
            for key in random.choices(keys, k=LOOKUPS):
                await cache.get(key)
            await asyncio.sleep(PAUSE_S)
    with NamedTemporaryFile(delete=False) as file:
        file.write(array("d", [left.get(f"{job.prefix}{key}", inf) for key in keys]).tobytes())
    return file.name


async def _until(talk: Cache, key: str) -> None:
    while await talk.get(key) is None:  # noqa: ASYNC110 - in another process
        await asyncio.sleep(PAUSE_S)
