"""Replay accesses against a real redis-server, at the pace at which they were made, and count its hits."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Any, Final

from candlefish.advise.cache.accesses import MS, Accesses
from candlefish.advise.cache.private_redis import private_redis
from candlefish.advise.cache.server import Setting
from candlefish.advise.cache.wire import Command, Wire, connect, parse_info
from candlefish.errors import EngineError

ASIDE: Final = """
if redis.call('GET', KEYS[1]) then return 1 end
if ARGV[1] == '' then return 0 end
if ARGV[2] == '' then redis.call('SET', KEYS[1], string.rep('x', ARGV[1]))
else redis.call('SET', KEYS[1], string.rep('x', ARGV[1]), 'PX', ARGV[2]) end
return 0
"""
"""A lookup, and on a miss what a loader would store: what `maxmemory` is too small for is evicted before each."""

BATCH: Final = 32
"""Accesses that are sent together at most: Redis has to keep what it has not read yet, and counts it."""

TICK_S: Final = 0.01
"""Accesses wait so long for others, so that they can be sent together: a hundredth of Redis's finest clock."""

LOOK_EVERY_S: Final = 1.0
STEADY_LOOKS: Final = 7
"""Redis shrinks a client's buffers by what it used in the last 5 s (`reply-buffer-peak-reset-time`): it is at rest when
its memory was the same for longer than that."""

STEADY_BYTES: Final = 2048
"""Between two looks at rest it swings by 1 kB (measured)."""

MOST_LOOKS: Final = 40

NUMBER_BYTES: Final = 8
"""Of a key's number. Keys of three bytes have names of their own up to the sixteen millionth."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the real Redis made of a setting; `late_s` is how far the replay fell behind its pace at most."""

    version: str
    hits: int
    accesses: int
    keys_held: int
    evicted: int
    late_s: float

    @property
    def hit_ratio(self) -> float:
        """Return the share of the recorded lookups that hit."""
        return self.hits / max(1, self.accesses)


async def replay(
    accesses: Accesses, setting: Setting, seed: int = 0, on_progress: Callable[[float], None] = lambda _ratio: None
) -> Replayed:
    """Start a redis-server, give it room for the keys beside what it needs itself, and replay; it is stopped after."""
    with private_redis() as socket:
        wire = await connect(socket)
        try:
            script = (await wire.ask("SCRIPT", "LOAD", ASIDE)).decode()
            overhead_bytes = await measure_overhead(wire, script)
            await wire.ask("CONFIG", "SET", "maxmemory-policy", setting.policy)
            await wire.ask("CONFIG", "SET", "maxmemory", overhead_bytes + setting.data_bytes)
            hits, late_s = await _play(wire, script, accesses, setting, Random(seed), on_progress)
            stats, server = await wire.fetch_info("stats"), await wire.fetch_info("server")
            held = await wire.ask("DBSIZE")
        finally:
            await wire.close()
    evicted = int(stats["evicted_keys"])
    return Replayed(server["redis_version"], hits, len(accesses), held, evicted, round(late_s, 3))


async def measure_overhead(wire: Wire, script: str) -> int:
    """Return what an empty server uses while it serves batches like those of the replay, once that is steady."""
    await _use_every_command(wire, script)
    seen: list[int] = []
    for _ in range(MOST_LOOKS):
        seen.append(await _look(wire, script))
        lately = seen[-STEADY_LOOKS:]
        if len(lately) == STEADY_LOOKS and max(lately) - min(lately) <= STEADY_BYTES:
            return max(lately)
    raise EngineError("redis-server's own memory did not come to rest", detail=f"used_memory {seen[-STEADY_LOOKS:]}")


async def _use_every_command(wire: Wire, script: str) -> None:
    """Have Redis make what it keeps for each command from its first use on: a histogram of 40 kB (measured)."""
    for ttl_ms in ("", 1):
        await wire.ask("EVALSHA", script, 1, "first", 1, ttl_ms)
        await wire.ask("FLUSHALL", "SYNC")
    await wire.ask("CONFIG", "SET", "maxmemory", 0)
    await wire.ask("DBSIZE")


async def _look(wire: Wire, script: str) -> int:
    """Look for keys that are not there for a while; return the memory used in the midst of the last batch."""
    lookups: list[Command] = [("EVALSHA", script, 1, f"{number:024x}", "", "") for number in range(BATCH)]
    end = monotonic() + LOOK_EVERY_S
    while monotonic() < end:
        await wire.ask_all(lookups)
        await asyncio.sleep(TICK_S)
    info: Command = ("INFO", "memory")
    replies = await wire.ask_all([*lookups[: BATCH // 2], info, *lookups[BATCH // 2 :]])
    return int(parse_info(replies[BATCH // 2])["used_memory"])


async def _play(
    wire: Wire, script: str, accesses: Accesses, setting: Setting, random: Random, on_progress: Callable[[float], None]
) -> tuple[int, float]:
    names = [
        number.to_bytes(max(length, NUMBER_BYTES), "big")[-length:] for number, length in enumerate(accesses.key_bytes)
    ]
    times_ms, count = accesses.times_ms, len(accesses)
    began, first_ms = monotonic(), times_ms[0]
    hits = done = 0
    late_s = 0.0
    while done < count:
        now_ms = first_ms + (monotonic() - began) * MS
        due = done
        while due < count and due < done + BATCH and times_ms[due] <= now_ms:
            due += 1
        if due == done:
            await asyncio.sleep(max(TICK_S, (times_ms[done] - now_ms) / MS))
            on_progress(done / count)
            continue
        late_s = max(late_s, (now_ms - times_ms[done]) / MS)
        commands = [
            ("EVALSHA", script, 1, names[key], accesses.value_bytes[key], _draw_ttl(setting, random))
            for key in accesses.keys[done:due]
        ]
        hits += sum(await wire.ask_all(commands))
        done = due
    return hits, late_s


def _draw_ttl(setting: Setting, random: Random) -> Any:
    if setting.ttl_s is None:
        return ""
    return max(1, round(setting.ttl_s * MS * (1 - setting.jitter_ratio * random.random())))
