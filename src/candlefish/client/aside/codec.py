"""How a value becomes bytes and comes back: MessagePack, JSON, or the bytes as they are."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Any, Final

import asyncpg
import msgspec

from candlefish.client.aside.entry import JSON, MSGPACK, RAW
from candlefish.errors import UsageError

Encode = Callable[[object], bytes]
Decode = Callable[[bytes], Any]

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError)
"""What a decoder raises on bytes that are no value of its type."""

_AS_TEXT: Final = (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)
"""What asyncpg gives for inet and cidr."""


@dataclass(frozen=True, slots=True)
class Codec:
    """A pair of functions: values to bytes, and for each type the way back; entries bear its mark."""

    name: str
    mark: int
    encode: Encode
    make_decode: Callable[[Any], Decode]


def find_codec(name: str) -> Codec:
    """Return the codec of a name; raise UsageError when there is none."""
    if name not in _CODECS:
        raise UsageError(f"there is no codec {name!r}", hint=f"one of {', '.join(_CODECS)}")
    return _CODECS[name]


def is_read_by_hook(shape: object) -> bool:
    """Tell whether msgspec leaves a type to us: a pydantic model, or an address."""
    return hasattr(shape, "model_validate") or shape in _AS_TEXT


def _to_plain(value: object) -> object:
    if isinstance(value, asyncpg.Record):
        return dict(value.items())
    if isinstance(value, _AS_TEXT):
        return str(value)
    if hasattr(value, "model_dump"):
        return value.model_dump(by_alias=True, round_trip=True)
    raise TypeError(f"a {type(value).__name__} has no form in bytes")


def _from_plain(shape: Any, value: Any) -> Any:
    return shape.model_validate(value, strict=False) if hasattr(shape, "model_validate") else shape(value)


def _make_msgpack_decode(shape: Any) -> Decode:
    return msgspec.msgpack.Decoder(shape, dec_hook=_from_plain).decode


def _make_json_decode(shape: Any) -> Decode:
    return msgspec.json.Decoder(shape, dec_hook=_from_plain).decode


def _encode_raw(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    raise TypeError(f"a {type(value).__name__} is neither bytes nor str, and the codec is raw")


def _make_raw_decode(shape: Any) -> Decode:
    if shape is str:
        return bytes.decode
    if shape is bytes or shape is Any:
        return bytes
    raise TypeError("the codec raw reads bytes or str")


_CODECS: Final = {
    codec.name: codec
    for codec in (
        Codec("msgpack", MSGPACK, msgspec.msgpack.Encoder(enc_hook=_to_plain).encode, _make_msgpack_decode),
        Codec("json", JSON, msgspec.json.Encoder(enc_hook=_to_plain).encode, _make_json_decode),
        Codec("raw", RAW, _encode_raw, _make_raw_decode),
    )
}
"""Rows of the driver become dicts, models of pydantic what they dump; raw takes bytes and text as they are."""
