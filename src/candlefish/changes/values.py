"""A column's text as the Python value that an application has, so that the client's quoting writes the same key."""

import struct
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from candlefish.client.aside.quoting import quote

SESSION: Final = "-c timezone=UTC -c datestyle=ISO -c bytea_output=hex -c extra_float_digits=1"
"""Settings of the replication session: how PostgreSQL has to write values."""


def make_quoter(type_oid: int, bases: Mapping[int, int]) -> Callable[[str | None], str]:
    """Return the function that writes a column's text into a key; `bases` has the base type of each domain.

    Types that are not known here (enum, json, arrays, inet) are written as text.
    """
    read = _READERS.get(bases.get(type_oid, type_oid))
    if read is None:
        return quote
    if read is int:  # PostgreSQL writes an integer as the client does
        return lambda text: quote(None) if text is None else text
    return lambda text: quote(None if text is None else _read(read, text))


def _read(read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except (ValueError, ArithmeticError):  # infinity, a year before Christ: no Python value, so no client's key either
        return text


def _read_bool(text: str) -> bool:
    return text == "t"


def _read_single(text: str) -> float:
    """Give the float that a 4-byte float is on the wire: 1.1 is 1.100000023841858."""
    return float(struct.unpack("!f", struct.pack("!f", float(text)))[0])


def _read_bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))


_READERS: Final[Mapping[int, Callable[[str], Any]]] = {
    16: _read_bool,
    17: _read_bytes,
    20: int,
    21: int,
    23: int,
    26: int,
    700: _read_single,
    701: float,
    1082: date.fromisoformat,
    1083: time.fromisoformat,
    1114: datetime.fromisoformat,
    1184: datetime.fromisoformat,
    1700: Decimal,
    2950: UUID,
}
"""By the OID of the type, as in pg_type.dat: bool, bytea, the integers and oid, the floats, date, time, timestamp with
and without time zone, numeric, uuid; asyncpg gives the same Python types."""
