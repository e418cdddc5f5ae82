"""The folder of a Terraform module: what is in it, and writing it whole or not at all."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from candlefish.errors import StateNotWritable, UsageError
from candlefish.terraform.manifest import MANIFEST, Changes, Files, Written, join, read_manifest, render_manifest

MODE = 0o644
"""Of what is written, whatever the umask is: a module has nothing to hide."""


STAGING = ".candlefish.new"
"""Folder in the module's folder where files are made before they move into place; what a kill left there goes."""


def read_written(folder: Path) -> Written:
    """Return what was written into a folder before; no files where nobody of us wrote."""
    manifest = folder / MANIFEST
    try:
        return read_manifest(manifest.read_text(encoding="utf-8"), str(manifest)) if manifest.exists() else Written({})
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"could not read {manifest}: {error}", hint="write into another folder") from error


def require_ours(folder: Path) -> None:
    """Raise UsageError for a folder that holds something and was not written by candlefish."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="name another one")
    if not folder.exists() or (folder / MANIFEST).exists():
        return
    names = sorted(path.name for path in folder.iterdir() if path.name != STAGING)
    if names:
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        raise UsageError(
            f"{folder} is not empty, and candlefish did not write what is in it",
            detail=shown,
            hint="name an empty folder, or add --force to write beside and over it",
        )


def read_present(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    """Return the content of those of the files that are there."""
    try:
        return {name: (folder / name).read_bytes() for name in names if (folder / name).is_file()}
    except OSError as error:
        raise UsageError(f"could not read {error.filename}: {error.strerror}", hint="mend its permissions") from error


def write_changes(folder: Path, changes: Changes, rendered: Files, before: Written, after: Written) -> None:
    """Write what changes and remove what is gone; nothing moves into place until all is written.

    While files move, the manifest knows the old ones and the new ones: after a kill the next run goes on from there.
    """
    staging = folder / STAGING
    try:
        shutil.rmtree(staging, ignore_errors=True)
        for name in changes.write:
            _prepare(staging / name, rendered[name])
        _put_manifest(folder, join(before, after))
        for name in changes.write:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (staging / name).replace(folder / name)
        for name in changes.remove:
            (folder / name).unlink(missing_ok=True)
        _put_manifest(folder, after)
    except OSError as error:
        where = str(error.filename or folder).replace(f"{staging}/", f"{folder}/")
        raise StateNotWritable(
            f"could not write {where}: {(error.strerror or str(error)).lower()}",
            hint="choose a folder that you may write, where no folder has the name of a file of the module",
        ) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _put_manifest(folder: Path, written: Written) -> None:
    ready = folder / STAGING / MANIFEST
    _prepare(ready, render_manifest(written).encode())
    ready.replace(folder / MANIFEST)


def _prepare(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(MODE)
