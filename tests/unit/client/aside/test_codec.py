from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from ipaddress import IPv4Address, IPv4Interface, ip_address
from typing import Any
from uuid import UUID

import msgspec
import pytest
from pydantic import BaseModel, ConfigDict, Field

from candlefish.client.aside.codec import UNREADABLE, find_codec
from candlefish.errors import UsageError

IDENTITY = UUID("12345678-1234-5678-1234-567812345678")
MOMENT = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass
class Dashboard:
    id: UUID
    name: str
    updated_at: datetime


class Order(msgspec.Struct):
    price: Decimal
    lines: dict[int, str]


class Account(BaseModel):
    model_config = ConfigDict(strict=True)

    id: UUID
    name: str = Field(alias="fullName")
    seen_at: datetime


@dataclass
class Host:
    address: IPv4Address
    network: IPv4Interface


class Team(msgspec.Struct):
    members: list[Account]


ACCOUNT = Account(id=IDENTITY, fullName="Ada", seen_at=MOMENT)


@pytest.mark.parametrize("codec", ["msgpack", "json"])
@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Dashboard, Dashboard(IDENTITY, "latency", MOMENT)),
        (list[Dashboard], [Dashboard(IDENTITY, "latency", MOMENT)]),
        (Order, Order(Decimal("9.90"), {1: "one"})),
        (Account, ACCOUNT),
        (Account | None, ACCOUNT),
        (dict[str, Account], {"ada": ACCOUNT}),
        (Team, Team([ACCOUNT])),
        (Host, Host(IPv4Address("10.0.0.1"), IPv4Interface("10.0.0.1/8"))),
        (set[int], {1, 2}),
        (Any, {"n": [1, 2.5, "three", None]}),
    ],
)
def test_a_value_comes_back_as_its_type(codec: str, shape: Any, value: object) -> None:
    found = find_codec(codec)
    assert found.make_decode(shape)(found.encode(value)) == value


def test_without_a_type_a_uuid_comes_back_as_text() -> None:
    codec = find_codec("msgpack")
    assert codec.make_decode(Any)(codec.encode([{"id": IDENTITY}])) == [{"id": str(IDENTITY)}]


def test_an_address_becomes_text() -> None:
    codec = find_codec("msgpack")
    assert codec.make_decode(Any)(codec.encode(ip_address("10.0.0.1"))) == "10.0.0.1"


@pytest.mark.parametrize("shape", [Dashboard, Account, Host, int])
def test_another_shape_is_no_value(shape: Any) -> None:
    codec = find_codec("msgpack")
    with pytest.raises(UNREADABLE):
        codec.make_decode(shape)(codec.encode({"name": 3}))


@pytest.mark.parametrize("value", [b"\x00\xff", bytearray(b"bytes"), memoryview(b"bytes")])
def test_the_raw_codec_takes_bytes_as_they_are(value: bytes) -> None:
    codec = find_codec("raw")
    assert codec.make_decode(bytes)(codec.encode(value)) == bytes(value)


def test_the_raw_codec_takes_text() -> None:
    codec = find_codec("raw")
    assert codec.make_decode(str)(codec.encode("äöü")) == "äöü"
    with pytest.raises(UNREADABLE):
        codec.make_decode(str)(b"\xff")


def test_the_raw_codec_refuses_what_is_no_bytes() -> None:
    codec = find_codec("raw")
    with pytest.raises(TypeError, match="dict"):
        codec.encode({})
    with pytest.raises(TypeError, match="bytes or str"):
        codec.make_decode(dict)


def test_a_codec_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="pickle"):
        find_codec("pickle")
