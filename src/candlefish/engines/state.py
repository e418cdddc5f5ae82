"""The folder in which a tier lives on this machine: its paths, its owner, its format."""

import contextlib
import errno
import json
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from candlefish.errors import DiskFull, StateNotWritable, TierNotRunning, UsageError
from candlefish.process import is_root, service_uid, service_user
from candlefish.units import render_bytes

FORMAT = 1
"""The layout of the state folder. Raise it with a step in `_UPGRADES` when the layout changes."""

_UPGRADES: dict[int, Any] = {}
"""For each old format, the function that turns a folder of it into the next one."""

FREE_DISK_BYTES = 1 << 30
"""A tier at rest takes about 300 MB (three data folders with 64 MB of WAL and more); below 1 GB it fails soon."""


def state_root(xdg_state_home: str = "") -> Path:
    """Return the folder that holds every tier of this user."""
    if is_root():
        return Path("/var/lib/candlefish")
    return Path(xdg_state_home or Path.home() / ".local/state") / "candlefish"


@dataclass(frozen=True, slots=True)
class State:
    """The folder of one tier."""

    root: Path

    @property
    def name(self) -> str:
        """The tier's name."""
        return self.root.name

    @property
    def record(self) -> Path:
        """What the tier was started with: format, spec and machine, as JSON."""
        return self.root / "tier.json"

    @property
    def secrets(self) -> Path:
        """The generated passwords, as JSON."""
        return self.root / "secrets.json"

    @property
    def databases(self) -> Path:
        """The names of the databases that the pooler serves, as JSON."""
        return self.root / "databases.json"

    @property
    def routes(self) -> Path:
        """Who is primary and which replicas serve reads, as JSON; written by the follower."""
        return self.root / "routes.json"

    @property
    def changes(self) -> Path:
        """How far the cache follower is, as JSON; written by it each second."""
        return self.root / "changes.json"

    @property
    def pids(self) -> Path:
        """The pids of the programs that the follower saw last, as JSON."""
        return self.root / "pids.json"

    @property
    def config(self) -> Path:
        """The configuration files of the programs."""
        return self.root / "config"

    @property
    def data(self) -> Path:
        """The data folders of the programs."""
        return self.root / "data"

    @property
    def run(self) -> Path:
        """Sockets and pid files."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """One log for each program."""
        return self.root / "logs"

    def exists(self) -> bool:
        """Tell whether a tier of this name was ever started here."""
        return self.record.exists()

    def create(self) -> None:
        """Make the folders, owned by the user that the tier's programs run as.

        Raises StateNotWritable and DiskFull.
        """
        with _named_errors(self.root):
            if not self.root.parent.exists():
                self.root.parent.mkdir(parents=True, mode=0o755)
            for folder in (self.root, self.config, self.data, self.run, self.logs):
                folder.mkdir(mode=0o700, exist_ok=True)
                self.own(folder)
            probe = self.root / ".probe"
            probe.write_bytes(b"\0" * 65536)
            probe.unlink()
        free = shutil.disk_usage(self.root).free
        if free < FREE_DISK_BYTES and not self.exists():
            raise DiskFull(
                f"too little room for a new tier in {self.root}",
                detail=f"{render_bytes(free)} are free, it needs {render_bytes(FREE_DISK_BYTES)}",
                hint="free some room there",
            )

    def own(self, path: Path) -> None:
        """Give a file or folder to the user that the tier's programs run as."""
        if user := service_user():
            shutil.chown(path, user, user)

    def write(self, path: Path, text: str) -> bool:
        """Write a file of mode 0600 in one step; return False when it already held that text."""
        with _named_errors(self.root):
            if path.exists() and path.read_text() == text:
                return False
            new = path.with_suffix(path.suffix + ".new")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, stat.S_IRUSR | stat.S_IWUSR)
            with os.fdopen(descriptor, "w") as file:
                file.write(text)
            self.own(new)
            new.replace(path)
        return True

    def read_json(self, path: Path) -> Any:
        """Return what a JSON file of the folder holds, or None when it is not there."""
        try:
            return json.loads(path.read_text())
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise StateNotWritable(
                f"could not read {path}",
                detail=f"it belongs to uid {path.stat().st_uid}, the tier's programs run as uid {service_uid()}",
                hint="run candlefish as the user that started this tier",
            ) from error

    def load_record(self) -> dict[str, Any]:
        """Return what the tier was started with; raise TierNotRunning when there is none."""
        record = self.read_json(self.record)
        if record is None:
            known = ", ".join(state.name for state in list_tiers(self.root.parent))
            raise TierNotRunning(
                f"there is no tier named {self.name} on this machine",
                detail=f"{self.record} does not exist; here are: {known or 'none'}",
                hint=f"run `candlefish up{'' if self.name == 'candlefish' else f' --name {self.name}'}`",
            )
        return upgraded(record, self.root)


def upgraded(record: dict[str, Any], root: Path) -> dict[str, Any]:
    """Bring an older folder to the present format; raise UsageError for one made by a newer candlefish."""
    found = int(record.get("format", 0))
    if found > FORMAT:
        raise UsageError(
            f"{root} has format {found}, this candlefish knows {FORMAT}",
            hint="use the candlefish that made it, or a newer one",
        )
    for step in range(found, FORMAT):
        record = _UPGRADES[step](record, root)
    return record


def list_tiers(root: Path) -> tuple[State, ...]:
    """Return the tiers that have a folder below `root`, by name."""
    if not root.is_dir():
        return ()
    return tuple(state for entry in sorted(root.iterdir()) if (state := State(entry)).exists())


@contextlib.contextmanager
def _named_errors(root: Path) -> Iterator[None]:
    """Turn what the file system answers into the error a reader can act on."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"no room left in {root}",
                detail=str(error),
                hint="free some room there, then run the command again",
            ) from error
        raise StateNotWritable(
            f"could not write the state folder {root}",
            detail=str(error),
            hint="make it writable, or run as another user (root: /var/lib/candlefish, others: $XDG_STATE_HOME)",
        ) from error
