"""Addresses of databases: what libpq makes of them, what is shown of them, why a server refused one."""

import pytest

from candlefish.address import describe, explain_refusal, parse_address, split_password
from candlefish.errors import EngineError, UsageError


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+asyncpg", "postgresql+psycopg"])
def test_an_address_is_split_from_its_password(scheme: str) -> None:
    address = f"{scheme}://app:s%40cret@db.example.com:6432/shop"
    conninfo, env = split_password(address)
    assert env == {"PGPASSWORD": "s@cret"}
    assert "cret" not in conninfo
    assert describe(address) == describe(conninfo) == "shop on db.example.com:6432"


def test_a_wrong_address_is_not_repeated_with_its_password() -> None:
    with pytest.raises(UsageError) as raised:
        parse_address("postgresql://app:secret@db:port/shop?nonsense=1")
    assert "secret" not in f"{raised.value.message} {raised.value.detail}"
    assert "%40" in raised.value.hint


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ('FATAL:  database "shop" does not exist', UsageError, "there is no database"),
        ('FATAL:  password authentication failed for user "app"', UsageError, "refused the login"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.1"', UsageError, "refused the login"),
        ("connection refused\n\tIs the server running?", EngineError, "could not reach"),
    ],
)
def test_a_refusal_says_whose_fault_it_is(said: str, kind: type[Exception], words: str) -> None:
    error = explain_refusal(said, "shop on db:5432")
    assert type(error) is kind
    assert words in error.message
    assert not {"\n", "\t"} & set(error.detail)
