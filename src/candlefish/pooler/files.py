"""Write the files of the run folder: in one step, readable for their owner alone."""

import os
import stat
from pathlib import Path

from candlefish.errors import StateNotWritable


def make_folder(folder: Path) -> None:
    """Make the run folder; raise StateNotWritable when that is not possible."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError as error:
        raise _explain(folder, error) from error


def write_file(path: Path, text: str) -> None:
    """Replace a file by a text, mode 0600; raise StateNotWritable."""
    new = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
        new.replace(path)
    except OSError as error:
        raise _explain(path, error) from error


def _explain(path: Path, error: OSError) -> StateNotWritable:
    return StateNotWritable(
        f"could not write {path}",
        detail=error.strerror or str(error),
        hint="mount a volume there that belongs to the user of the container (uid 10001), or set RUN_DIR",
    )
