"""Parse the messages of pgoutput, protocol version 1 (PostgreSQL's documentation, 55.9)."""

import struct
from collections.abc import Callable
from struct import Struct
from typing import Final, cast

from candlefish.changes.messages import (
    UNCHANGED,
    Begin,
    Column,
    Commit,
    Delete,
    Insert,
    Message,
    OldKind,
    Relation,
    Row,
    Truncate,
    Update,
    Value,
)
from candlefish.errors import EngineError

_SHORT, _INT = Struct("!H").unpack_from, Struct("!I").unpack_from
_BEGIN, _COMMIT = Struct("!qqI").unpack_from, Struct("!Bqqq").unpack_from
_TRUNCATE, _COLUMN = Struct("!IB").unpack_from, Struct("!Ii").unpack_from

_NULL, _UNCHANGED, _TEXT = b"nut"
_NEW = ord("N")


def parse(payload: bytes) -> Message | None:
    """Return what a message says; None for one that changes nothing. Raise EngineError for a broken one."""
    try:
        reader = _READERS[payload[0]]
        return reader(payload) if reader else None
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise EngineError(
            "a message of PostgreSQL's replication stream cannot be read",
            detail=f"{type(error).__name__}: {error}, in the message {payload[:60]!r}",
            hint="the publication's stream has to be pgoutput, protocol version 1",
        ) from error


def _begin(data: bytes) -> Begin:
    return Begin(*_BEGIN(data, 1))


def _commit(data: bytes) -> Commit:
    return Commit(*_COMMIT(data, 1)[1:])


def _relation(data: bytes) -> Relation:
    (oid,) = _INT(data, 1)
    schema, at = _text(data, 5)
    name, at = _text(data, at)
    identity = chr(data[at])
    (count,) = _SHORT(data, at + 1)
    at += 3
    columns = []
    for _ in range(count):
        flags = data[at]
        column, at = _text(data, at + 1)
        type_oid, _modifier = _COLUMN(data, at)
        at += 8
        columns.append(Column(column, type_oid, bool(flags & 1)))
    return Relation(oid, schema or "pg_catalog", name, identity, tuple(columns))


def _insert(data: bytes) -> Insert:
    if data[5] != _NEW:
        raise ValueError("an insert without a new row")
    return Insert(_INT(data, 1)[0], _row(data, 6)[0])


def _update(data: bytes) -> Update:
    (oid,) = _INT(data, 1)
    kind = data[5]
    if kind == _NEW:
        return Update(oid, None, None, _row(data, 6)[0])
    old, at = _row(data, 6)
    if data[at] != _NEW:
        raise ValueError("an update without a new row")
    return Update(oid, _old_kind(kind), old, _row(data, at + 1)[0])


def _delete(data: bytes) -> Delete:
    return Delete(_INT(data, 1)[0], _old_kind(data[5]), _row(data, 6)[0])


def _truncate(data: bytes) -> Truncate:
    count, _options = _TRUNCATE(data, 1)
    return Truncate(Struct(f"!{count}I").unpack_from(data, 6))


def _row(data: bytes, at: int) -> tuple[Row, int]:
    """Return the row that begins at a position, and the position behind it."""
    (count,) = _SHORT(data, at)
    at += 2
    values: list[Value] = []
    add = values.append
    for _ in range(count):
        kind = data[at]
        if kind == _TEXT:
            end = at + 5 + _INT(data, at + 1)[0]
            if end > len(data):
                raise ValueError("a value is cut short")
            add(data[at + 5 : end].decode())
            at = end
        else:
            add(None if kind == _NULL else _require_unchanged(kind))
            at += 1
    return tuple(values), at


def _require_unchanged(kind: int) -> Value:
    if kind != _UNCHANGED:
        raise ValueError(f"a value of the unknown kind {chr(kind)!r}")
    return UNCHANGED


def _old_kind(kind: int) -> OldKind:
    if kind not in b"KO":
        raise ValueError(f"an old row of the unknown kind {chr(kind)!r}")
    return cast("OldKind", chr(kind))


def _text(data: bytes, at: int) -> tuple[str, int]:
    end = data.index(0, at)
    return data[at:end].decode(), end + 1


_READERS: Final[dict[int, Callable[[bytes], Message] | None]] = {
    ord("B"): _begin,
    ord("C"): _commit,
    ord("R"): _relation,
    ord("I"): _insert,
    ord("U"): _update,
    ord("D"): _delete,
    ord("T"): _truncate,
    ord("Y"): None,
    ord("O"): None,
}
