"""The folder of a Terraform module: what is in it, and writing it whole or not at all."""

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from candlefish.errors import StateNotWritable, UsageError
from candlefish.terraform.manifest import MANIFEST, Changes, Files, read_manifest, render_manifest

MODE = 0o644
"""Of what is written: a temporary file is the owner's alone, and a module has nothing to hide."""


def read_written(folder: Path) -> dict[str, str]:
    """Return what was written into a folder before: path -> digest; empty where nobody of us wrote."""
    manifest = folder / MANIFEST
    try:
        return read_manifest(manifest.read_text(encoding="utf-8"), str(manifest)) if manifest.exists() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"could not read {manifest}: {error}", hint="write into another folder") from error


def require_ours(folder: Path) -> None:
    """Raise UsageError for a folder that holds something and was not written by candlefish."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is no folder", hint="name another one")
    if not folder.exists() or (folder / MANIFEST).exists():
        return
    names = sorted(path.name for path in folder.iterdir())
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


def write_changes(folder: Path, changes: Changes, rendered: Files) -> None:
    """Write what changes, then the manifest, and remove what is gone; nothing moves into place until all is written."""
    try:
        with ExitStack() as stack:
            ready = [(folder / name, _prepare(stack, folder / name, rendered[name])) for name in changes.write]
            last = _prepare(stack, folder / MANIFEST, render_manifest(rendered).encode())
            for path, temporary in (*ready, (folder / MANIFEST, last)):
                temporary.replace(path)
            for name in changes.remove:
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        message = f"could not write {error.filename or folder}: {error.strerror}"
        raise StateNotWritable(message, hint="choose a folder that you may write") from error


def _prepare(stack: ExitStack, path: Path, content: bytes) -> Path:
    """Write a file beside its place; it goes with the stack unless it was moved there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
        stack.callback(temporary.unlink, missing_ok=True)
        file.write(content)
    temporary.chmod(MODE)
    return temporary
