"""What is to be loaded: a running server, or a dump whose format is told by its content, not by its name."""

import bz2
import gzip
import lzma
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from candlefish import process
from candlefish.errors import UsageError
from candlefish.migrate.model import SourceKind

HEAD_BYTES = 64 * 1024
"""Looked at of a file: a dump's header with its version stands in the first kilobyte."""

ARCHIVE_VERSION = (1, 14)
"""The newest archive that pg_restore 15 reads: K_VERS_MAX in its pg_backup_archiver.h (16 writes 1.15, 17 1.16)."""

_MAKERS = {(1, 15): "16", (1, 16): "17 or 18"}
_COMPRESSIONS = {b"\x1f\x8b": "gzip", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd", b"BZh": "bzip2"}
_FOREIGN = {
    b"SQLite format 3\0": "a SQLite database",
    b"PK\x03\x04": "a zip archive",
    b"-- MySQL dump": "a MySQL dump",
    b"-- MariaDB dump": "a MariaDB dump",
    b"/*!999999": "a MariaDB dump",
    b"/*M!999999": "a MariaDB dump",
    b"%PDF": "a PDF file",
    b"\x7fELF": "a program",
    b"\xff\xfe": "text in UTF-16 (`pg_dump > FILE` in PowerShell writes that; use `pg_dump -f FILE`)",
    b"\xfe\xff": "text in UTF-16",
}
_DUMPED_FROM = re.compile(rb"^-- Dumped from database version (\S+)", re.MULTILINE)
_COMMENTS = re.compile(rb"(\s+|--[^\n]*(\n|\Z)|/\*.*?\*/)*", re.DOTALL)
_SQL = re.compile(
    rb"(?i)(\\|;|set|select|create|alter|drop|insert|update|delete|copy|begin|start|commit|comment|grant|revoke|do|with"
    rb"|truncate|analyze|vacuum|lock|reset|refresh|import|merge|values|call|security|load|cluster|reindex)\b|\\"
)
DAMAGED = (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile, tarfile.TarError)
"""What reading broken compressed data raises; bz2 says OSError, which is taken for what it is."""

_AGAIN = "make the dump, or the copy of it, again"
_HINT = "pass plain SQL, a dump made by pg_dump (-Fc, -Fd, -Ft or plain), or postgresql://USER@HOST/DATABASE"


@dataclass(frozen=True, slots=True)
class Dump:
    """One dump on this machine; `compression` is that of the whole file, not the archive's own."""

    path: Path
    kind: SourceKind
    compression: str
    version: str
    size_bytes: int
    by_pg_dump: bool = False


def is_server(text: str) -> bool:
    """Tell whether the argument names a running server and not a file: a URL, or `host=... dbname=...`."""
    return re.match(r"postgres(ql)?(\+\w+)?://|(host|service|dbname|port|user)\s*=", text) is not None


def load_dump(path: Path, scratch: Path) -> Dump:
    """Look at a dump and say what it is; `scratch` takes what has to be unpacked first.

    Raises UsageError when it is none.
    """
    try:
        return _look_at_folder(path) if path.is_dir() else _look_at_file(path, scratch)
    except PermissionError as error:
        raise UsageError(f"could not read {path}: permission denied", hint="let this user read it") from error
    except DAMAGED as error:
        raise damaged(path, error) from error


def damaged(path: Path, error: Exception) -> UsageError:
    """Give the error for compressed data that ends or breaks before its end."""
    return UsageError(f"{path} is damaged: its compressed data is broken or cut off", detail=str(error), hint=_AGAIN)


@contextmanager
def open_dump(dump: Dump) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """Open a dump's content, unpacked, beside the file itself (whose position tells how far it has been read)."""
    with _open(dump.path, dump.compression) as opened:
        yield opened


@contextmanager
def _open(path: Path, compression: str) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    with path.open("rb") as file:
        if compression == "gzip":
            with gzip.open(file) as content:
                yield cast(BinaryIO, content), file
        elif compression == "xz":
            with lzma.open(file) as content:
                yield cast(BinaryIO, content), file
        elif compression == "bzip2":
            with bz2.open(file) as content:
                yield cast(BinaryIO, content), file
        else:
            yield file, file


def _look_at_file(path: Path, scratch: Path) -> Dump:
    if not path.exists():
        raise UsageError(f"there is no file {path}", detail="nor is it a postgresql:// address", hint=_HINT)
    with path.open("rb") as file:
        start = file.read(16)
    compression = next((name for magic, name in _COMPRESSIONS.items() if start.startswith(magic)), "")
    if compression == "zstd":
        return _look_at_file(_unpack_zstd(path, scratch), scratch)
    with _open(path, compression) as (content, _):
        head = content.read(HEAD_BYTES)
    if not head.strip():
        raise UsageError(f"{path} is empty", hint="the dump failed, or its output went elsewhere: make it again")
    kind = _kind_of(path, head)
    version = _DUMPED_FROM.search(head) if kind == "plain" else None
    dump = Dump(
        path, kind, compression, version[1].decode() if version else "", path.stat().st_size,
        by_pg_dump=b"-- PostgreSQL database dump\n" in head.replace(b"\r", b"")[:512],
    )  # fmt: skip
    return dump if kind == "plain" else _settle(dump, scratch)


def _settle(dump: Dump, scratch: Path) -> Dump:
    """Unpack an archive as far as pg_restore needs it: it reads no compressed file, and no folder inside a tar."""
    path = dump.path
    if dump.compression:
        path = scratch / "unpacked"
        with open_dump(dump) as (content, _), path.open("wb") as file:
            shutil.copyfileobj(content, file)
    if dump.kind == "tar":
        return _look_into_tar(dump, path, scratch)
    return Dump(path, dump.kind, "", dump.version, path.stat().st_size)


def _look_into_tar(dump: Dump, path: Path, scratch: Path) -> Dump:
    with tarfile.open(path) as archive:
        toc = next((member.name for member in archive if Path(member.name).name == "toc.dat"), None)
        if toc is None:
            raise UsageError(f"{dump.path} is a tar file, but no dump: it has no toc.dat", hint=_HINT)
        if Path(toc).parent == Path():
            return Dump(path, "tar", "", "", path.stat().st_size)
        folder = scratch / "folder"
        folder.mkdir()
        for member in archive:  # a directory dump is flat: only plain files beside its toc.dat are taken
            content = archive.extractfile(member) if member.isfile() else None
            if content and Path(member.name).parent == Path(toc).parent:
                with (folder / Path(member.name).name).open("wb") as file:
                    shutil.copyfileobj(content, file)
        return _look_at_folder(folder)


def _unpack_zstd(path: Path, scratch: Path) -> Path:
    unpacked = scratch / "from-zstd"
    done = process.run([process.find_binary("zstd"), "-dqf", path, "-o", unpacked])
    if done.returncode:
        raise UsageError(f"{path} is damaged: zstd could not unpack it", detail=done.stderr.strip(), hint=_AGAIN)
    return unpacked


def _look_at_folder(path: Path) -> Dump:
    toc = path / "toc.dat"
    if not toc.is_file():
        raise UsageError(f"the folder {path} is no dump: it has no toc.dat", hint=_HINT)
    with toc.open("rb") as file:
        _require_readable(path, file.read(16))
    size = sum(entry.stat().st_size for entry in path.iterdir() if entry.is_file())
    return Dump(path, "directory", "", "", size)


def _kind_of(path: Path, head: bytes) -> SourceKind:
    if head.startswith(b"PGDMP"):
        _require_readable(path, head)
        return "custom"
    if head[257:262] == b"ustar":
        return "tar"
    for magic, name in _FOREIGN.items():
        if head.startswith(magic):
            raise UsageError(f"{path} is no PostgreSQL dump but {name}", hint=_HINT)
    if b"PostgreSQL database cluster dump" in head[:512]:
        raise UsageError(
            f"{path} holds a whole server (pg_dumpall), a load takes one database",
            hint="dump one database with `pg_dump -Fc -f FILE DATABASE`, or pass its postgresql:// address",
        )
    first = head[_COMMENTS.match(head.removeprefix(b"\xef\xbb\xbf")).end() :]  # type: ignore[union-attr]  # can match nothing
    if b"\0" in head or (first and not _SQL.match(first)):
        raise UsageError(f"{path} is no PostgreSQL dump", detail=f"it begins with {head[:40]!r}", hint=_HINT)
    return "plain"


def _require_readable(path: Path, head: bytes) -> None:
    """Raise UsageError for an archive that a newer pg_dump made, or that is cut off in its header."""
    if not head.startswith(b"PGDMP") or len(head) < 11:
        raise UsageError(f"{path} is damaged: its header is not that of an archive of pg_dump", hint=_AGAIN)
    found = (head[5], head[6])
    if found > ARCHIVE_VERSION:
        maker = _MAKERS.get(found, "a newer version")
        raise UsageError(
            f"{path} was made by pg_dump {maker}, the tier runs PostgreSQL 15",
            detail=f"archive format {found[0]}.{found[1]}; pg_restore 15 reads up to 1.14",
            hint=f"turn it into plain SQL where pg_restore {maker} is: `pg_restore -f dump.sql {path.name}`; load that",
        )
