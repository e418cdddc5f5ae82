"""Logging in: users, TLS, and servers that are not ready."""

import contextlib
from pathlib import Path

import pytest
from tests.live.aws.tls_engines import make_certificates
from tests.live.client.conftest import Eventually
from tests.live.client.redis.conftest import TIMEOUT_S, Server, StartServer, open_client

from candlefish.client.redis.address import parse_redis_url
from candlefish.client.redis.client import Redis, Script
from candlefish.client.redis.connection import RedisConnection, RedisRefused
from candlefish.errors import CacheUnavailable, UsageError

pytestmark = pytest.mark.live


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """Give an authority's certificate; beside it lies one for 127.0.0.1."""
    make_certificates(tmp_path)
    return tmp_path / "ca.crt"


@pytest.fixture
def tls_server(start_server: StartServer, authority: Path) -> Server:
    """Give a server that speaks TLS only, and wants a password."""
    files = authority.parent
    return start_server(
        "--port", "0", "--tls-port", "{port}", "--tls-auth-clients", "no", "--tls-ca-cert-file", str(authority),
        "--tls-cert-file", str(files / "server.crt"), "--tls-key-file", str(files / "server.key"), password="secret",
    )  # fmt: skip


async def test_everything_works_over_tls_with_a_password(
    tls_server: Server, authority: Path, opened: list[Redis], eventually: Eventually
) -> None:
    url = f"rediss://:secret@127.0.0.1:{tls_server.port}?ssl_ca_certs={authority}"
    redis = await open_client(opened, parse_redis_url(url))
    large = b"x" * 3_000_000
    await redis.call("small", "SET", "small", "v")
    await redis.call("large", "SET", "large", large)
    assert [await redis.get(key) for key in ("small", "large", "none")] == [b"v", large, None]
    assert await redis.eval(Script("return redis.call('GET', KEYS[1])"), ["small"], [], watch=True) == b"v"
    tls_server.kill()
    await eventually(lambda: not redis.up)
    tls_server.start()
    await eventually(lambda: redis.up)
    assert await redis.get("small") is None


async def test_a_certificate_that_no_named_authority_signed_is_refused(tls_server: Server, opened: list[Redis]) -> None:
    redis = Redis(parse_redis_url(f"rediss://:secret@127.0.0.1:{tls_server.port}"), timeout_s=TIMEOUT_S)
    opened.append(redis)
    with pytest.raises(CacheUnavailable, match="CERTIFICATE_VERIFY_FAILED"):
        await redis.open()


def test_a_file_of_authorities_that_is_none_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="could not read the certificates"):
        Redis(parse_redis_url(f"rediss://127.0.0.1:1?ssl_ca_certs={tmp_path / 'none.crt'}"), timeout_s=TIMEOUT_S)


async def test_a_user_with_few_rights_reads_and_writes(server: Server, opened: list[Redis]) -> None:
    """It may not even PING, or ask for pushes."""
    rights = ("~app:*", "resetchannels", "-@all", "+hello", "+get", "+mget", "+set")
    server.cli("ACL", "SETUSER", "app", "on", ">its-token", *rights)
    redis = await open_client(opened, parse_redis_url(f"redis://app:its-token@127.0.0.1:{server.port}"))
    await redis.call("app:k", "SET", "app:k", "v")
    assert await redis.get("app:k") == b"v"
    assert not redis.pushes
    with pytest.raises(CacheUnavailable, match="NOPERM"):
        await redis.get("another")


async def test_a_server_that_loads_its_data_is_not_used_before_it_has_it(
    start_server: StartServer, opened: list[Redis], eventually: Eventually
) -> None:
    server = start_server("--loading-process-events-interval-bytes", "1024")
    server.cli("EVAL", "for n = 1, 100000 do redis.call('SET', 'k' .. n, 'old') end", "0")
    server.cli("SAVE")
    server.kill()
    server.options += ("--key-load-delay", "50")
    server.first_word = "LOADING"
    server.start()

    async def forget(connection: RedisConnection, serves: object) -> None:
        with contextlib.suppress(RedisRefused):
            await connection.call("DEL", "k1")

    redis = Redis(parse_redis_url(f"redis://127.0.0.1:{server.port}"), timeout_s=TIMEOUT_S, on_return=forget)
    opened.append(redis)
    with pytest.raises(CacheUnavailable, match="LOADING"):
        await redis.open()
    assert not redis.up
    server.cli("CONFIG", "SET", "key-load-delay", "0")
    await eventually(lambda: redis.up)
    assert [await redis.get(key) for key in ("k1", "k2")] == [None, b"old"]
