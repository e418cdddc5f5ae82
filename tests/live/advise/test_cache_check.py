"""Predictions beside a real redis-server: memory, evictions, TTL; and what becomes of that server."""

import asyncio

import psutil
import pytest
from tests.unit.advise.cache.workload import ask, zipf

from candlefish import process
from candlefish.advise.cache.accesses import number_accesses
from candlefish.advise.cache.check import check
from candlefish.advise.cache.memory import make_footprint
from candlefish.advise.cache.private_redis import private_redis
from candlefish.advise.cache.replay import replay
from candlefish.advise.cache.server import Setting
from candlefish.advise.cache.wire import connect
from candlefish.errors import EngineError

pytestmark = pytest.mark.live

PLENTY = 1 << 26

BUFFERS_BYTES = 30_000
"""By which a connection's own memory may differ from one look to the next."""


def servers() -> set[int]:
    """Return the redis-servers that this process started."""
    return {child.pid for child in psutil.Process().children(recursive=True) if child.name() == "redis-server"}


async def test_predictions_hold_for_every_policy() -> None:
    accesses = zipf(20_000, 4_000, seconds=8)
    footprint = make_footprint(accesses.key_bytes, accesses.value_bytes, expires=False)
    room = footprint.of_keys(accesses.objects / 10)
    found = await check(
        accesses, [Setting(room, policy) for policy in ("allkeys-lru", "allkeys-lfu", "allkeys-random")]
    )
    for one in found:
        assert one.holds, one
        assert one.evicted > 1_000
        assert one.measured_keys == pytest.approx(one.predicted_keys, rel=0.05)


async def test_a_ttl_ends_values_in_the_replay_as_it_does_in_the_simulation() -> None:
    keys = [key for _ in range(3) for key in range(100)]
    times_ms = [at_ms for at_ms in (0, 100, 4_000) for _ in range(100)]
    (found,) = await check(number_accesses(keys, times_ms), [Setting(PLENTY, ttl_s=2.0, jitter_ratio=0)])
    assert (found.predicted, found.measured) == (1 / 3, 1 / 3)
    assert found.evicted == 0


@pytest.mark.parametrize(("key_bytes", "value_bytes"), [(10, 5), (24, 44), (24, 300), (60, 3_000)])
@pytest.mark.parametrize("expires", [False, True], ids=["for ever", "with a TTL"])
async def test_a_key_takes_what_is_reckoned_for_it(key_bytes: int, value_bytes: int, expires: bool) -> None:
    count = 8_192  # fills its table: with the next key it would double
    ttl = ("PX", 10**7) if expires else ()
    with private_redis() as socket:
        wire = await connect(socket)
        await wire.ask("SET", "first", "x", *ttl)
        before = int((await wire.fetch_info("memory"))["used_memory"])
        for number in range(count - 1):
            await wire.ask("SET", f"{number:0{key_bytes}}", "x" * value_bytes, *ttl)
        used = int((await wire.fetch_info("memory"))["used_memory"]) - before
        await wire.close()
    footprint = make_footprint([key_bytes], [value_bytes], expires=expires)
    assert used == pytest.approx(footprint.of_keys(count), rel=0.02, abs=BUFFERS_BYTES)


async def test_keys_of_one_byte_do_not_meet_in_the_replay() -> None:
    found = await replay(ask("abcdefgh" * 2, every_ms=1), Setting(PLENTY))
    assert (found.hits, found.keys_held) == (8, 8)


async def test_the_server_of_a_replay_is_gone_after_it_and_after_a_failure() -> None:
    before = servers()
    await replay(ask("ab"), Setting(PLENTY))
    assert servers() == before
    with pytest.raises(EngineError, match="went away"):
        await _lose_the_server(before)
    assert servers() == before


async def _lose_the_server(before: set[int]) -> None:
    running = asyncio.ensure_future(replay(ask("ab" * 1000), Setting(PLENTY)))
    assert await asyncio.to_thread(process.wait_until, lambda: servers() > before, timeout_s=60)
    psutil.Process((servers() - before).pop()).kill()
    await running


async def test_a_refused_command_is_told() -> None:
    with private_redis() as socket:
        wire = await connect(socket)
        with pytest.raises(EngineError, match="refused a command"):
            await wire.ask("NONSENSE")
        await wire.close()
