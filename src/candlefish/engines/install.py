"""The tier's programs from the distribution's packages, their own services neither started nor enabled."""

import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from candlefish.engines.binaries import (
    PREPARED_STATEMENTS_SINCE,
    Need,
    engines_folder,
    find_missing,
    find_pgbouncer,
)
from candlefish.engines.build import BUILD_PACKAGES, build_pgbouncer, make_compile, make_fetch
from candlefish.errors import BinaryMissing, EngineError
from candlefish.process import is_root, run, stream

SCRIPT = Path(__file__).with_name("install.sh")
"""What root runs: apt-get, and the precautions around it, which it undoes even when candlefish is killed."""

SERVICES = {
    "postgresql-15": "postgresql",
    "pgbouncer": "pgbouncer",
    "redis-server": "redis-server",
    "etcd-server": "etcd",
}
"""The services that the packages bring, for the person who installs them by hand."""

_BREW_EXTENSIONS = (
    "pg_cron, pg_partman and HypoPG are not built for PostgreSQL 15 by Homebrew: build each from its "
    'source with `make install PG_CONFIG="$(brew --prefix postgresql@15)/bin/pg_config"`'
)

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Installed:
    """What a set-up did: what it installed, the PgBouncer that the tier will use, what fell short."""

    packages: tuple[str, ...]
    pgbouncer: str
    pgbouncer_version: tuple[int, int]
    note: str = ""


def install_engines(*, report: Report, xdg_state_home: str = "", update: bool = False) -> Installed:
    """Install what is missing, and a newer PgBouncer where the distribution's is too old.

    With `update`, PgBouncer is built again, to take its security updates. Raises BinaryMissing, whose hint
    is the command to run, where candlefish may not install; EngineError where the installation fails.
    """
    packages = packages_of(find_missing())
    if packages:
        install_packages(packages, report=report)
        _require_nothing_missing()
    note = ""
    path, version = find_pgbouncer(xdg_state_home)
    if version < PREPARED_STATEMENTS_SINCE or (update and engines_folder(xdg_state_home) in path.parents):
        note = _build(xdg_state_home, version, report)
        path, version = find_pgbouncer(xdg_state_home)
    return Installed(packages, str(path), version, note)


def render_plan(*, xdg_state_home: str = "") -> str:
    """Write the commands that `install_engines` would run now."""
    packages = packages_of(find_missing())
    lines = [shlex.join(_as_root((), packages)) if packages else "# every program and extension is here"]
    if "pgbouncer" in packages or find_pgbouncer(xdg_state_home)[1] < PREPARED_STATEMENTS_SINCE:
        folder = engines_folder(xdg_state_home)
        since = _version_text(PREPARED_STATEMENTS_SINCE)
        lines.append(f"# where the distribution's PgBouncer is older than {since}:")
        lines.append(shlex.join(_as_root((), BUILD_PACKAGES)))
        prefix = folder / "pgbouncer-VERSION"
        work = folder / ".build"
        steps = (*make_fetch(work), *make_compile(work, "pgbouncer_VERSION.dsc", prefix))
        lines += [f"cd {step.cwd} && {shlex.join(step.argv)}" for step in steps]
    return "\n".join(lines)


def packages_of(needs: Iterable[Need]) -> tuple[str, ...]:
    """Return the apt packages that have what is needed, each once."""
    return tuple(dict.fromkeys(need.apt for need in needs))


def install_packages(packages: tuple[str, ...], *, report: Report) -> None:
    """Install packages; raise BinaryMissing where that is not allowed, EngineError where it fails."""
    root = root_prefix()
    if root is None:
        raise BinaryMissing(
            f"missing, and candlefish may not install it from here: {' '.join(packages)}",
            hint=how_to_install(packages, sys.platform),
        )
    said: list[str] = []

    def on_line(line: str) -> None:
        said.append(line)
        words = line.split()
        if words[:2] == ["Setting", "up"] and words[2].split(":")[0] in packages:
            report(f"installed {words[2]} {words[3]}")

    report(f"installing {' '.join(packages)}")
    code = stream(_as_root(root, packages), on_line=on_line)
    if code:
        raise EngineError(
            f"could not install {' '.join(packages)}: apt-get ended with code {code}",
            detail="\n        ".join(said[-6:]),
            hint=_hint_after("\n".join(said)),
        )


def root_prefix() -> tuple[str, ...] | None:
    """Return what to put before a command to run apt-get as root; None where that is not possible unasked."""
    if not shutil.which("apt-get"):
        return None
    if is_root():
        return ()
    if shutil.which("sudo") and run(["sudo", "-n", "true"], timeout_s=10).returncode == 0:
        return ("sudo", "-n")
    return None


def how_to_install(packages: tuple[str, ...], system: str) -> str:
    """Return what a person has to run to get the missing packages."""
    if system == "darwin":
        return f"brew install postgresql@15 pgbouncer redis etcd\n      {_BREW_EXTENSIONS}"
    services = " ".join(service for package, service in SERVICES.items() if package in packages)
    lines = [
        "sudo .venv/bin/candlefish setup   (keeps the packages' own services from starting); or by hand:",
        f"sudo apt-get update && sudo apt-get install --no-install-recommends {' '.join(packages)}",
    ]
    if services:
        lines.append(f"sudo systemctl disable --now {services}")
    return "\n      ".join(lines)


def _as_root(root: tuple[str, ...], packages: Iterable[str]) -> tuple[str, ...]:
    return (*root, "sh", str(SCRIPT), *packages)


def _require_nothing_missing() -> None:
    missing = find_missing()
    if missing:
        names = ", ".join(need.name for need in missing)
        raise BinaryMissing(f"still missing after the installation: {names}")


def _build(xdg_state_home: str, found: tuple[int, int], report: Report) -> str:
    """Build PgBouncer; return why not where it cannot be had, because the tier runs on the older one too."""
    try:
        packages = tuple(package for package in BUILD_PACKAGES if not _is_installed(package))
        if packages:
            install_packages(packages, report=report)
        report(f"built {build_pgbouncer(engines_folder(xdg_state_home), report=report)}")
    except EngineError as error:
        why = f"{error.message} ({error.detail.strip()})" if error.detail else error.message
        return (
            f"the tier runs on PgBouncer {_version_text(found)}, without the prepared statements that "
            f"{_version_text(PREPARED_STATEMENTS_SINCE)} brings: {why}"
        )
    return ""


def _is_installed(package: str) -> bool:
    status = run(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], timeout_s=10)
    return status.returncode == 0 and status.stdout == "installed"


def _version_text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _hint_after(said: str) -> str:
    """Say what helps against a failure that is known."""
    if re.search("Unable to locate package postgresql-15|'postgresql-15' has no installation candidate", said):
        return (
            "this distribution has no PostgreSQL 15; the PostgreSQL project's own repository has it: "
            "sudo apt-get install postgresql-common && sudo sh /usr/share/postgresql-common/pgdg/*.sh"
        )
    return "mend that and run the command again"
