"""`Recorder`: writes down which keys an application asks for, so that `candlefish cache advise` can tell what helps."""

import contextlib
import fcntl
import os
from pathlib import Path
from time import time
from types import TracebackType
from typing import Final, Self

from candlefish.client.recording_format import (
    HEADER,
    MAGIC,
    MOST_MS,
    RECORD,
    SCALE,
    Header,
    hash_key,
    pack_meta,
    parse_header,
    place_key,
)
from candlefish.errors import UsageError

BUFFER_BYTES: Final = 65_536
"""Written at once: 4,096 lookups. With `FLUSH_MS` this bounds what is lost with a process that is killed."""

FLUSH_MS: Final = 5_000
"""A lookup that comes later than this after the last writing has everything written."""

MS: Final = 1000


class Recorder:
    """Record lookups in a file: `Cache(..., on_lookup=Recorder("accesses"))`; one file for each process.

    Of all keys the share `sample_ratio` is recorded, the same keys in every process, each with all of its lookups: a
    tenth of the keys in a tenth of the memory has the hit ratio of the whole (SHARDS, FAST 2015). The file holds hashes
    and lengths, never keys or values; 16 bytes a lookup; it ends at `max_bytes`. A file that is there is continued.
    `prefix` is the cache's own.

    A lookup of another key costs 0.2 us, one that is recorded 1.6 us (measured: benchmarks/cache_recording.py). Nothing
    is raised while lookups are made: what can't be written ends the recording, and `ended` says why.
    """

    def __init__(
        self, path: str | os.PathLike[str], *, sample_ratio: float = 0.1, max_bytes: int = 1 << 28, prefix: str = ""
    ) -> None:
        if not 0 < sample_ratio <= 1:
            raise UsageError(f"sample_ratio is {sample_ratio!r}: it has to be above 0 and at most 1")
        self.ended = ""
        self._path = Path(path)
        self._prefix = prefix
        self._max_bytes = max_bytes
        self._limit = round(sample_ratio * SCALE)
        self._buffer = bytearray()
        self._lookups = 0
        self._file, self._began_ms, self._size = _open(self._path, sample_ratio)
        self._flush_at_ms = FLUSH_MS

    def __call__(self, key: str, hit: bool, seconds: float) -> None:
        """Record a lookup of a value whose length is not known."""
        self.note_lookup(key, hit, 0)

    def note_lookup(self, key: str, hit: bool, value_bytes: int) -> None:
        """Record a lookup, and how long the value was."""
        self._lookups += 1
        name = (self._prefix + key).encode()
        if place_key(name) >= self._limit:
            return
        at_ms = self._now_ms()
        self._buffer += RECORD.pack(hash_key(name), at_ms, pack_meta(hit, len(name), value_bytes))
        if at_ms >= self._flush_at_ms or len(self._buffer) >= BUFFER_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what was recorded, and how many lookups there were of all keys."""
        if self.ended:
            return
        at_ms = self._now_ms()
        self._flush_at_ms = at_ms + FLUSH_MS
        self._buffer += RECORD.pack(self._lookups, at_ms, 0)
        if self._size + len(self._buffer) > self._max_bytes or at_ms == MOST_MS:
            self._end(f"{self._path} has its {self._max_bytes} bytes or its 49 days")
            return
        try:
            written = os.write(self._file, self._buffer)
        except OSError as error:
            self._end(f"could not write {self._path}: {error.strerror}")
            return
        if written < len(self._buffer):
            self._end(f"could not write {self._path}: the disk is full")
            return
        self._size += len(self._buffer)
        self._lookups = 0
        self._buffer.clear()

    def close(self) -> None:
        """Write what was recorded, and end the recording."""
        self.flush()
        if not self.ended:
            self._end("closed")
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _now_ms(self) -> int:
        return min(max(0, round(time() * MS) - self._began_ms), MOST_MS)

    def _end(self, why: str) -> None:
        self.ended = why
        self._limit = 0
        self._buffer.clear()


def _open(path: Path, sample_ratio: float) -> tuple[int, int, int]:
    """Open a recording or begin one; return its file, when it began, and its size."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise UsageError(f"could not open {path} for a recording: {error.strerror}") from error
    try:
        began_ms, size = _begin(file, path, sample_ratio)
    except BaseException:
        os.close(file)
        raise
    return file, began_ms, size


def _begin(file: int, path: Path, sample_ratio: float) -> tuple[int, int]:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        size = os.fstat(file).st_size
        if size == 0:
            began_ms = round(time() * MS)
            os.write(file, HEADER.pack(MAGIC, began_ms, sample_ratio))
            return began_ms, HEADER.size
        header = _require_header(parse_header(os.pread(file, HEADER.size, 0)), path, sample_ratio)
        whole = size - (size - HEADER.size) % RECORD.size
        os.ftruncate(file, whole)  # half a record: whoever wrote it was killed meanwhile
        return header.began_ms, whole
    raise UsageError(f"another process records in {path}", hint="give each process a file of its own")


def _require_header(header: Header | None, path: Path, sample_ratio: float) -> Header:
    if header is None:
        raise UsageError(f"{path} is there and is no recording", hint="name another file, or remove it")
    if header.sample_ratio != sample_ratio:
        raise UsageError(
            f"{path} was begun with sample_ratio {header.sample_ratio:g}, not {sample_ratio:g}",
            hint="name another file, or remove it",
        )
    return header
