"""How a value becomes bytes in Redis and comes back: MessagePack."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any

import asyncpg
import msgspec

DecodeError = msgspec.DecodeError

_AS_TEXT = (IPv4Address, IPv4Interface, IPv6Address, IPv6Interface)


def _plain(value: object) -> object:
    if isinstance(value, asyncpg.Record):
        return dict(value.items())
    if isinstance(value, _AS_TEXT):
        return str(value)
    raise NotImplementedError(f"a value of type {type(value).__name__} cannot be kept in the cache")


encode: Callable[[object], bytes] = msgspec.msgpack.Encoder(enc_hook=_plain).encode
"""Rows of the driver become dicts; uuid, timestamps and numeric become text unless they are read back with a type."""


@lru_cache(maxsize=1024)
def decoder(shape: Any) -> Callable[[bytes], Any]:
    """Return the function that reads values of one type (Any: whatever was stored)."""
    return msgspec.msgpack.Decoder(shape).decode
