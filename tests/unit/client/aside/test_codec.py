from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pytest

from candlefish.client.aside.codec import DecodeError, decoder, encode

IDENTITY = UUID("12345678-1234-5678-1234-567812345678")


@dataclass
class Dashboard:
    id: UUID
    name: str
    updated_at: datetime


def test_a_value_comes_back_as_its_type() -> None:
    dashboard = Dashboard(IDENTITY, "latency", datetime(2026, 1, 2, tzinfo=UTC))
    assert decoder(Dashboard)(encode(dashboard)) == dashboard


def test_without_a_type_a_uuid_comes_back_as_text() -> None:
    assert decoder(Any)(encode([{"id": IDENTITY}])) == [{"id": str(IDENTITY)}]


def test_an_address_becomes_text() -> None:
    assert decoder(Any)(encode(ip_address("10.0.0.1"))) == "10.0.0.1"


def test_another_shape_is_no_value() -> None:
    with pytest.raises(DecodeError):
        decoder(Dashboard)(encode({"name": 3}))


def test_what_cannot_be_kept_is_refused_by_its_type() -> None:
    with pytest.raises(NotImplementedError, match="object"):
        encode(object())
