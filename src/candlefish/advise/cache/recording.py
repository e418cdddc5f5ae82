"""Recordings of `candlefish.client.recording` as accesses; those of several processes become one."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from candlefish.advise.cache.accesses import Accesses
from candlefish.client.recording_format import HEADER, RECORD, Header, Record, parse_header, unpack_record
from candlefish.errors import UsageError


@dataclass(frozen=True, slots=True)
class Recording:
    """Accesses, and the share of them that hit while they were recorded; None for a trace that does not say."""

    accesses: Accesses
    hit_ratio: float | None


def parse_recordings(files: Mapping[Path, bytes], *, value_bytes: int) -> Recording:
    """Return the accesses of recordings, in the order of their time.

    Values that were never seen count with the mean of those that were, or with `value_bytes` when none was.
    Raises UsageError when a file is no recording, when nothing was recorded, or not the same share everywhere.
    """
    headers = [_require_header(path, data) for path, data in files.items()]
    if len({header.sample_ratio for header in headers}) > 1:
        ratios = ", ".join(f"{header.sample_ratio:g} in {path}" for path, header in zip(files, headers, strict=True))
        raise UsageError(f"different shares of the keys were recorded: {ratios}", hint="give those of one application")
    lookups = _read(files.values(), headers)
    if not lookups.keys:
        raise UsageError(
            f"nothing was recorded in {', '.join(map(str, files))}",
            detail=f"{lookups.whole:,} lookups of keys that are not in the sample",
            hint="let the application run for longer, close its Recorder, or raise its sample_ratio",
        )
    lookups.sort()
    known = [value for value in lookups.value_bytes if value]
    usual = round(sum(known) / len(known)) if known else value_bytes
    accesses = Accesses(
        lookups.keys,
        lookups.times_ms,
        lookups.key_bytes,
        [value or usual for value in lookups.value_bytes],
        headers[0].sample_ratio,
        lookups.whole,
    )
    return Recording(accesses, lookups.hits / len(lookups.keys))


def _require_header(path: Path, data: bytes) -> Header:
    header = parse_header(data)
    if header is None:
        raise UsageError(
            f"{path} is no recording",
            detail=f"it begins with {data[:8]!r}",
            hint="name a file of Recorder, or for a raw trace add --format int32be --rate N",
        )
    return header


class _Lookups:
    """Lookups as columns: 16 bytes each, so that a recording of 256 MB can be read."""

    def __init__(self) -> None:
        self.keys = array("l")
        self.times_ms = array("q")
        self.key_bytes: list[int] = []
        self.value_bytes: list[int] = []
        self.hits = self.whole = 0
        self._numbers: dict[int, int] = {}

    def add(self, record: Record, began_ms: int) -> None:
        """Take a record in; a tally counts the lookups of all keys."""
        if not record.key_bytes:
            self.whole += record.key_hash
            return
        key = self._numbers.setdefault(record.key_hash, len(self._numbers))
        if key == len(self.key_bytes):
            self.key_bytes.append(record.key_bytes)
            self.value_bytes.append(0)
        if record.value_bytes:
            self.value_bytes[key] = record.value_bytes
        self.keys.append(key)
        self.times_ms.append(began_ms + record.at_ms)
        self.hits += record.hit

    def sort(self) -> None:
        """Bring the lookups into the order of their time: several processes made them, or a clock went back."""
        times_ms = self.times_ms
        order = sorted(range(len(times_ms)), key=times_ms.__getitem__)
        self.keys = array("l", map(self.keys.__getitem__, order))
        self.times_ms = array("q", map(times_ms.__getitem__, order))


def _read(files: Iterable[bytes], headers: Sequence[Header]) -> _Lookups:
    lookups = _Lookups()
    for data, header in zip(files, headers, strict=True):
        end = len(data) - (len(data) - HEADER.size) % RECORD.size
        for fields in RECORD.iter_unpack(memoryview(data)[HEADER.size : end]):
            lookups.add(unpack_record(*fields), header.began_ms)
    return lookups
