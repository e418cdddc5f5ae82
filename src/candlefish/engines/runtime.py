"""The Python that the tier's own programs (supervisord, Patroni, the follower) run on.

It is the one that runs candlefish, unless the service user may not read it (a virtual environment
below /root, a clone in a private folder): then the packages are copied to where it may.
"""

import os
import shutil
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

import candlefish
from candlefish import process
from candlefish.engines.state import State
from candlefish.errors import EngineError


@dataclass(frozen=True, slots=True)
class Runtime:
    """How to start a Python program of the tier: the first words of the command, and its whole environment."""

    python: tuple[str, ...]
    env: dict[str, str] = field(default_factory=dict)


def make_runtime(state: State) -> Runtime:
    """Return a Python that the service user can run, copied into the tier's folder where it must be."""
    packages = tuple(dict.fromkeys((Path(sysconfig.get_path("purelib")), Path(candlefish.__file__).parent.parent)))
    readable = all(_readable_by_service(path) for path in (Path(sys.executable), Path(sys.base_prefix), *packages))
    if readable:
        return Runtime((sys.executable,), _environment(state))
    copy = state.root / "python"
    _copy_packages(packages, copy)
    for folder in (copy, *copy.rglob("*")):
        state.own(folder)
    return Runtime((str(_readable_python()),), {**_environment(state), "PYTHONPATH": str(copy)})


def _environment(state: State) -> dict[str, str]:
    """Give the tier's programs a clean environment; CANDLEFISH_STATE marks them as this tier's."""
    return {
        "PATH": os.pathsep.join([*map(str, process.PROGRAM_FOLDERS), "/bin"]),
        "HOME": str(state.run),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "CANDLEFISH_STATE": str(state.root),
    }


def _readable_by_service(path: Path) -> bool:
    """Tell whether the service user can reach and read a path: each folder on the way lets others through."""
    if not process.is_root():
        return os.access(path, os.R_OK)
    resolved = path.resolve()
    through = all(parent.stat().st_mode & 0o001 for parent in (*path.absolute().parents, *resolved.parents))
    return through and bool(resolved.stat().st_mode & 0o004)


def _readable_python() -> Path:
    """Return a Python of the same minor version that the service user can run: compiled packages fit no other."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for folder in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"):
        candidate = Path(folder) / name
        if candidate.exists() and _readable_by_service(candidate):
            return candidate
    raise EngineError(
        f"the user {process.SERVICE_USER} can't read {sys.executable}, and there is no other {name}",
        detail=f"the tier's programs run as {process.SERVICE_USER}, because PostgreSQL refuses root",
        hint=f"install {name} for everybody (Debian: apt-get install {name}), or use an environment that all may read",
    )


def _copy_packages(packages: tuple[Path, ...], target: Path) -> None:
    """Copy the folders of packages into one, newest source wins; a copy that is up to date is kept."""
    stamp = target / ".copied-from"
    mark = "\n".join(f"{path} {_newest(path)}" for path in packages)
    if stamp.exists() and stamp.read_text() == mark:
        return
    shutil.rmtree(target, ignore_errors=True)
    skip = shutil.ignore_patterns("*.pth", "tests", "test")
    for path in packages:
        shutil.copytree(path, target, ignore=skip, dirs_exist_ok=True)
    stamp.write_text(mark)


def _newest(path: Path) -> float:
    files = [*path.glob("*"), *(path / "candlefish").rglob("*.py")]
    return max((file.stat().st_mtime for file in files), default=0.0)
