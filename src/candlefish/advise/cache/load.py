"""Read recordings and raw traces from files."""

import lzma
import sys
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from candlefish.advise.cache.accesses import DEFAULT_KEY_BYTES, DEFAULT_VALUE_BYTES, MS, number_accesses
from candlefish.advise.cache.recording import Recording, parse_recordings
from candlefish.errors import UsageError

Format = Literal["recording", "int32be"]

XZ_MAGIC: Final = b"\xfd7zXZ\x00"
KEY_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Source:
    """What stands in the files, and what they do not say: accesses a second, lengths of keys and values."""

    format: Format = "recording"
    rate: float = 0.0
    key_bytes: int = DEFAULT_KEY_BYTES
    value_bytes: int = DEFAULT_VALUE_BYTES


def load_accesses(paths: Sequence[Path], source: Source) -> Recording:
    """Return what files hold; those packed with xz are unpacked. Raises UsageError for what is none."""
    files = {path: _read(path) for path in paths}
    if source.format == "recording":
        return parse_recordings(files, value_bytes=source.value_bytes)
    if len(files) != 1:
        raise UsageError(f"{len(files)} traces were given", hint="a raw trace has no times: give one")
    ((path, data),) = files.items()
    return _parse_trace(path, data, source)


def _parse_trace(path: Path, data: bytes, source: Source) -> Recording:
    """Return the accesses of a raw trace: big-endian 32-bit keys, at a steady rate from time 0."""
    if source.rate <= 0:
        raise UsageError(f"{path} is a raw trace, which has no times", hint="add --rate N, the accesses a second")
    if len(data) % KEY_BYTES:
        raise UsageError(
            f"{path} is no trace: {len(data)} bytes holds no whole 32-bit keys",
            hint="name a file of big-endian 32-bit keys, or leave --format out for one of Recorder",
        )
    names = array("i", data)
    if sys.byteorder == "little":
        names.byteswap()
    times_ms = array("q", (int(number * MS / source.rate) for number in range(len(names))))
    return Recording(number_accesses(names, times_ms, key_bytes=source.key_bytes, value_bytes=source.value_bytes), None)


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"could not read {path}: {error.strerror}", hint="name a file of Recorder") from error
    if not data:
        raise UsageError(f"{path} is empty", hint="name a file of Recorder, or a raw trace")
    if not data.startswith(XZ_MAGIC):
        return data
    try:
        return lzma.decompress(data)
    except lzma.LZMAError as error:
        raise UsageError(f"could not unpack {path}: {error}", hint="copy it again: it is damaged or cut off") from error
