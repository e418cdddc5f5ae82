"""Messages of pgoutput, written by hand as PostgreSQL's documentation describes them (55.9)."""

import struct

Values = tuple[str | None, ...]

INT, TEXT = 23, 25
UNCHANGED = "\0unchanged"
"""Stands for a large value that is not sent again."""


def begin(xid: int, commit_lsn: int = 100, committed_us: int = 0) -> bytes:
    return b"B" + struct.pack("!qqI", commit_lsn, committed_us, xid)


def commit(commit_lsn: int = 100, end_lsn: int = 110, committed_us: int = 0) -> bytes:
    return b"C" + struct.pack("!Bqqq", 0, commit_lsn, end_lsn, committed_us)


def relation(oid: int, table: str, columns: dict[str, int], identity: str = "f", key: tuple[str, ...] = ()) -> bytes:
    schema, name = table.split(".")
    head = b"R" + struct.pack("!I", oid) + _text(schema) + _text(name) + identity.encode()
    parts = (
        struct.pack("!B", identity == "f" or column in key) + _text(column) + struct.pack("!Ii", type_oid, -1)
        for column, type_oid in columns.items()
    )
    return head + struct.pack("!H", len(columns)) + b"".join(parts)


def insert(oid: int, *new: str | None) -> bytes:
    return b"I" + struct.pack("!I", oid) + b"N" + _row(new)


def update(oid: int, new: Values, old: Values | None = None, kind: str = "O") -> bytes:
    before = b"" if old is None else kind.encode() + _row(old)
    return b"U" + struct.pack("!I", oid) + before + b"N" + _row(new)


def delete(oid: int, *old: str | None, kind: str = "O") -> bytes:
    return b"D" + struct.pack("!I", oid) + kind.encode() + _row(old)


def truncate(*oids: int) -> bytes:
    return b"T" + struct.pack(f"!IB{len(oids)}I", len(oids), 0, *oids)


def _text(text: str) -> bytes:
    return text.encode() + b"\0"


def _row(values: Values) -> bytes:
    return struct.pack("!H", len(values)) + b"".join(map(_value, values))


def _value(value: str | None) -> bytes:
    if value is None:
        return b"n"
    if value is UNCHANGED:
        return b"u"
    return b"t" + struct.pack("!I", len(value.encode())) + value.encode()
