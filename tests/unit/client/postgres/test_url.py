"""A URL that can't be one is refused before anybody connects, and its password is told to nobody."""

import pytest

from candlefish import Database
from candlefish.client.postgres.url import check_url
from candlefish.errors import UsageError

GOOD = (
    "postgresql://app:secret@db1/shop",
    "postgres://app:secret@db1:5432,db2:5433/shop?target_session_attrs=read-write",
    "postgresql://app:p%40ss%2Fword@[::1]:5432/shop",
    "postgresql:///shop?host=/var/run/postgresql&user=app&password=secret",
)
BAD = (
    "mysql://app:secret@db1/shop",
    "app:secret@db1/shop",
    "app:se://secret@db1/shop",
    "postgresql:app:secret@db1",
    "postgresql://app:sec/secret@db1/shop",
    "postgresql://app:sec#secret@db1/shop",
    "postgresql://app:sec?secret@db1/shop",
    "postgresql://app:sec@secret@db1:port/shop",
    "postgresql://app:secret@db1:5432:5433/shop",
    "postgresql://app:secret@[::1/shop",
    "host=db1 user=app password=secret",
)


@pytest.mark.parametrize("url", GOOD)
def test_a_url_that_can_be_one_is_taken_as_it_is(url: str) -> None:
    assert check_url("main", url) == url


@pytest.mark.parametrize("url", BAD)
def test_a_malformed_url_is_named_without_its_password(url: str) -> None:
    with pytest.raises(UsageError, match="the main URL") as refused:
        Database(url)
    assert "db1" in refused.value.message or "::1" in refused.value.message
    assert "sec" not in str(refused.value)


def test_each_url_is_named() -> None:
    good = GOOD[0]
    with pytest.raises(UsageError, match=r"the read_2 URL .*: 'db2'"):
        Database(good, read_urls=[good, "db2"])
    with pytest.raises(UsageError, match="the session URL"):
        Database(good, session_url="db2")
    with pytest.raises(UsageError, match="the analytics URL"):
        Database(good, analytics_url="db2")
