"""A newer PgBouncer than the distribution's, built from Debian 13's source package.

From 1.21 on PgBouncer keeps prepared statements over transaction pooling: 10,054 against 4,036 reads a
second from one process, same machine. Debian 12 has 1.18. apt itself fetches the source package, with a
configuration made for this, so that signatures and checksums are verified and the machine's apt stays
as it is.
"""

import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from candlefish.errors import EngineError, StateNotWritable
from candlefish.process import is_root, run

SOURCE_SUITE = "trixie"
"""Debian 13: PgBouncer 1.24.1 with its security fixes as patches."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
"""The keys of Debian's archive, of the package debian-archive-keyring."""

BUILD_PACKAGES = (
    "gcc",
    "libc6-dev",  # only recommended by gcc, and we install without recommendations
    "make",
    "pkg-config",
    "libevent-dev",
    "libssl-dev",
    "libc-ares-dev",
    "dpkg-dev",
    "debian-archive-keyring",
)

STEP_TIMEOUT_S = 600.0
"""The longest step, `make`, takes 7 s on two cores: a step that takes 10 minutes hangs."""

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the build and the folder that it runs in."""

    argv: tuple[str, ...]
    cwd: Path


@dataclass(frozen=True, slots=True)
class Archive:
    """Where this machine's apt finds Debian, and Debian's security updates."""

    main: str
    security: str


def build_pgbouncer(folder: Path, *, report: Report) -> Path:
    """Build the newest PgBouncer of Debian 13 below `folder` and return its program.

    Raises EngineError when the sources cannot be had or do not compile, StateNotWritable for the folder.
    """
    archive = find_archive()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part in (folder.parent, folder):
            part.chmod(0o755)  # whoever runs the tier reads it, whatever the umask is
        with tempfile.TemporaryDirectory(prefix=".build-", dir=folder) as work:
            return _build(Path(work), folder, archive, report)
    except OSError as error:
        raise StateNotWritable(f"could not build PgBouncer in {folder}", detail=str(error)) from error


def find_archive() -> Archive:
    """Return the addresses that this machine's apt uses; raise EngineError where none is Debian's."""
    release = platform.freedesktop_os_release()
    codename = release.get("VERSION_CODENAME", "")
    listed = run(["apt-get", "indextargets", "--format", "$(CODENAME) $(REPO_URI)"], timeout_s=60).stdout
    uris = dict(line.split(maxsplit=1) for line in sorted(listed.splitlines()) if " " in line)
    if release.get("ID") != "debian" or codename not in uris:
        raise EngineError(
            "no Debian archive to take PgBouncer's source package from",
            detail=f"this is {release.get('PRETTY_NAME', 'an unknown system')}, and its apt lists "
            f"{', '.join(sorted(uris)) or 'nothing: `apt-get update` has not run'}",
        )
    return Archive(uris[codename], uris.get(f"{codename}-security", ""))


def render_sources(archive: Archive) -> str:
    """Write the apt sources that the build uses, in the deb822 format."""
    suites = {archive.main: f"{SOURCE_SUITE} {SOURCE_SUITE}-updates"}
    if archive.security:
        suites[archive.security] = f"{SOURCE_SUITE}-security"
    return "\n".join(
        f"Types: deb-src\nURIs: {uri}\nSuites: {names}\nComponents: main\nSigned-By: {KEYRING}\n"
        for uri, names in suites.items()
    )


def make_fetch(work: Path) -> tuple[Step, ...]:
    """List the commands that bring the source package into `work`/source, verified by apt."""
    own = {
        "Dir::Etc::sourcelist": work / "own.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": work / "lists",
        "Dir::Cache": work / "cache",
    }
    options = tuple(word for key, value in own.items() for word in ("-o", f"{key}={value}"))
    source = work / "source"
    return (
        Step(("apt-get", *options, "--error-on=any", "update"), source),
        Step(("apt-get", *options, "source", "--download-only", "--only-source", "pgbouncer"), source),
    )


def make_compile(work: Path, dsc: str, prefix: Path) -> tuple[Step, ...]:
    """List the commands that unpack (with Debian's patches), compile and install into `work`/out."""
    tree = work / "tree"
    return (
        Step(("dpkg-source", "--extract", dsc, str(tree)), work / "source"),
        Step(("./configure", f"--prefix={prefix}", "--with-cares", "--without-systemd"), tree),
        Step(("make", f"-j{os.cpu_count() or 1}"), tree),
        Step(("make", "install", f"DESTDIR={work / 'out'}"), tree),
    )


def _build(work: Path, folder: Path, archive: Archive, report: Report) -> Path:
    _prepare(work, archive)
    report("fetching the source package of PgBouncer from Debian 13")
    _run_all(make_fetch(work))
    dsc = next((work / "source").glob("*.dsc"))
    version = dsc.stem.removeprefix("pgbouncer_")
    prefix = folder / f"pgbouncer-{version}"
    report(f"building PgBouncer {version}")
    _run_all(make_compile(work, dsc.name, prefix))
    built = work / "out" / prefix.relative_to("/")
    _make_readable(built)
    if prefix.exists():
        prefix.rename(work / "replaced")
    built.rename(prefix)
    return prefix / "bin/pgbouncer"


def _prepare(work: Path, archive: Archive) -> None:
    """Make the folders that apt wants; its sandbox user writes downloads, so it must reach them."""
    work.chmod(0o755)
    for part in ("source", "lists/partial", "cache/archives/partial"):
        (work / part).mkdir(parents=True)
    if is_root():
        shutil.chown(work / "source", "_apt")
    (work / "own.sources").write_text(render_sources(archive))


def _run_all(steps: Sequence[Step]) -> None:
    for step in steps:
        done = run(step.argv, cwd=step.cwd, env={"LC_ALL": "C.UTF-8"}, timeout_s=STEP_TIMEOUT_S)
        if done.returncode:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-6:]
            raise EngineError(
                f"could not build PgBouncer: {' '.join(step.argv[:1])} ended with code {done.returncode}",
                detail="\n        ".join(said),
            )


def _make_readable(built: Path) -> None:
    for path in (built, *built.rglob("*")):
        runs = path.is_dir() or bool(path.stat().st_mode & 0o100)
        path.chmod(0o755 if runs else 0o644)
