"""`Form`: how the values of one type are kept, from value to entry and back."""

import zlib
from collections.abc import Callable
from copy import copy
from typing import Any, Final

from candlefish.client.aside.codec import UNREADABLE, Codec, Decode
from candlefish.client.aside.entry import COMPRESSED, HEADER_BYTES, NONE, TIMED, Header
from candlefish.client.aside.fingerprint import make_fingerprint
from candlefish.client.aside.freshness import Times
from candlefish.errors import UsageError

COMPRESSION_LEVEL: Final = 1
"""Of zlib, 1 to 9: on MessagePack of 100 rows, 6 takes twice as long (146 us for 66) for a tenth less (measured)."""


MOST_BASES: Final = 4096
"""Forms of one type that are remembered by the versions of their tags, at 300 bytes each."""


class Unreadable(Exception):
    """An entry holds no value of the type that was asked for."""


class _Missing:
    """The type of what a lookup gives that found no value: None is a value."""


MISSING: Final = _Missing()

Read = Callable[[bytes | None], Any]


class Form:
    """How values of one type are kept under one codec; made once for each type.

    `read` returns the value of an ordinary entry of one of the `bases`, and MISSING for everything else, which `open`
    can tell: a lookup that hits needs nothing more.
    """

    __slots__ = (
        "_compress_from_bytes",
        "_encode",
        "_mark",
        "_others",
        "_start",
        "_takes_all",
        "bases",
        "decode",
        "fingerprint",
        "name",
        "read",
    )

    def __init__(
        self, shape: Any, codec: Codec, compress_from_bytes: int | None, bases: tuple[bytes, ...] = ()
    ) -> None:
        try:
            self.decode = codec.make_decode(shape)
            self.fingerprint = make_fingerprint(shape, codec.name)
        except TypeError as error:
            raise UsageError(
                f"values of type {shape!r} cannot be read back from the cache", detail=str(error)
            ) from error
        self.name = getattr(shape, "__name__", repr(shape))
        self._start = bytes([codec.mark]) + self.fingerprint
        self.renew(bases)
        self._others: dict[bytes, Form] = {}
        self._mark = codec.mark
        self._takes_all = shape is Any
        self._encode = codec.encode
        self._compress_from_bytes = compress_from_bytes

    def renew(self, bases: tuple[bytes, ...]) -> None:
        """Take the entries of these bases alone: the epochs of the servers as they are now."""
        self.bases = bases
        starts = tuple(self._start + basis for basis in bases)
        self.read = _make_read(starts[0] if len(starts) == 1 else starts, self.decode)  # a tuple takes 0.1 us more

    def under(self, basis: bytes) -> "Form":
        """Return this form for entries of one basis: always the same one, while it is used."""
        form = self._others.get(basis)
        if form is None:
            if len(self._others) >= MOST_BASES:
                self._others.clear()
            form = self._others[basis] = copy(self)
            form.renew((basis,))
        return form

    def takes(self, header: Header) -> bool:
        """Tell whether an entry of another form can be read: by who asks for no type, as plain data."""
        return self._takes_all and header.codec == self._mark

    def open(self, raw: bytes) -> Any:
        """Return the value of any entry of this form, or of one that it takes; raise Unreadable."""
        flags, payload = raw[0], raw[HEADER_BYTES:]
        if flags & NONE:
            return None
        try:
            return self.decode(zlib.decompress(payload) if flags & COMPRESSED else payload)
        except (*UNREADABLE, zlib.error) as error:
            raise Unreadable(str(error)) from error

    def seal(self, value: object, stamp: bytes, basis: bytes, times: Times, *, load_ms: int = 0) -> bytes:
        """Return the entry of a value; raise UsageError for what cannot be kept, or not be read back as this type."""
        flags = self._mark | (TIMED if times.timed else 0) | (NONE if value is None else 0)
        payload = b"" if value is None else self._encode_or_refuse(value)
        if self._compress_from_bytes is not None and len(payload) >= self._compress_from_bytes:
            smaller = zlib.compress(payload, COMPRESSION_LEVEL)
            if len(smaller) < len(payload):
                flags, payload = flags | COMPRESSED, smaller
        header = Header(flags, self.fingerprint, basis, stamp, times.until_ms, load_ms)
        return header.pack() + payload

    def _encode_or_refuse(self, value: object) -> bytes:
        kind = type(value).__name__
        try:
            payload = self._encode(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise UsageError(
                f"a value of type {kind} cannot be kept in the cache: {error}",
                hint="keep what it is made of: Struct, dataclass, pydantic model, dict, list, text, numbers, dates",
            ) from error
        try:
            self.decode(payload)
        except UNREADABLE as error:
            raise UsageError(f"a value of type {kind} does not come back as {self.name}: {error}") from error
        return payload


def _make_read(plain: bytes | tuple[bytes, ...], decode: Decode) -> Read:
    def read(raw: bytes | None) -> Any:
        if raw is None or not raw.startswith(plain):
            return MISSING
        try:
            return decode(raw[HEADER_BYTES:])
        except UNREADABLE:
            return MISSING

    return read
