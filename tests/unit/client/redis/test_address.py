import pytest

from candlefish.client.cache import Cache
from candlefish.client.redis.address import (
    ClusterAddress,
    RedisAddress,
    SentinelAddress,
    parse_redis_url,
    parse_sentinel_url,
    parse_url,
)
from candlefish.errors import UsageError


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://localhost", RedisAddress("localhost", 6379)),
        ("redis://:s%40cret@127.0.0.1:7420/0", RedisAddress("127.0.0.1", 7420, password="s@cret")),
        ("redis://app:pw@cache.example:6380/2", RedisAddress("cache.example", 6380, "app", "pw", database=2)),
        ("rediss://:pw@[::1]:6379", RedisAddress("::1", 6379, password="pw", tls=True)),
        (
            "rediss://:pw@cache/0?ssl_ca_certs=/etc/my%20ca.pem",
            RedisAddress("cache", 6379, password="pw", tls=True, ca_file="/etc/my ca.pem"),
        ),
    ],
)
def test_a_redis_url_is_read(url: str, address: RedisAddress) -> None:
    assert parse_redis_url(url) == address


def test_a_sentinel_url_names_every_sentinel_and_the_service() -> None:
    found = parse_sentinel_url("redis+sentinel://:pw@127.0.0.1:7430,127.0.0.1:7431,127.0.0.1/candlefish")
    places = [("127.0.0.1", 7430), ("127.0.0.1", 7431), ("127.0.0.1", 26379)]
    assert found == SentinelAddress(
        tuple(RedisAddress(host, port, password="pw") for host, port in places), "candlefish"
    )


@pytest.mark.parametrize(
    "url",
    [
        *("", "localhost:6379", "http://localhost", "redis+sentinel://:pw@h:1/s", "redis://a:1,b:2", "redis://h/x"),
        *("rediss://h?ssl_cert_reqs=none", "redis://h?ssl_ca_certs=/ca.pem"),
    ],
)
def test_what_is_no_redis_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        parse_redis_url(url)


@pytest.mark.parametrize("url", ["redis://h:1", "redis+sentinel://h:1", "redis+sentinel://h:1/"])
def test_what_is_no_sentinel_url_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        parse_sentinel_url(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://:secret@localhost", "http://***@localhost"),
        ("redis://:sec/ret@localhost", "redis://***@localhost"),
        ("redis://user:sec@ret@localhost:1", "redis://***@localhost:1"),
        ("redis://:secret@localhost:port", "redis://***@localhost:port"),
        ("redis://:secret@localhost:65536", "redis://***@localhost:65536"),
        ("redis://:secret@:6379", "redis://***@:6379"),
        ("redis://:secret@a,b", "redis://***@a,b"),
        ("redis://:secret@a/x?password=secret", "redis://***@a/x"),
        ("redis+sentinel://:secret@a:1,:2/service", "redis+sentinel://***@a:1,:2/service"),
        ("redis+sentinel://:secret@a:1", "redis+sentinel://***@a:1"),
        ("redis+cluster://:secret@a:1,", "redis+cluster://***@a:1,"),
        ("redis+cluster://:secret@a:1/3", "redis+cluster://***@a:1/3"),
        ("secret@localhost", "***@localhost"),
    ],
)
def test_a_refused_url_is_named_without_its_password(url: str, shown: str) -> None:
    with pytest.raises(UsageError) as refused:
        Cache(url)
    assert repr(shown) in str(refused.value)
    assert "secret" not in str(refused.value) + refused.value.detail
    assert "sec" not in str(refused.value).replace(shown, "")


def test_a_url_is_read_by_its_scheme() -> None:
    assert parse_url("redis://a") == RedisAddress("a", 6379)
    assert parse_url("rediss+sentinel://a/s") == SentinelAddress((RedisAddress("a", 26379, tls=True),), "s")
    assert parse_url("redis+cluster://a,b:1") == ClusterAddress((RedisAddress("a", 6379), RedisAddress("b", 1)))


def test_a_cache_with_authorities_that_are_not_there_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match=r"/nowhere/ca\.pem: No such file"):
        Cache("rediss://cache.example?ssl_ca_certs=/nowhere/ca.pem")
