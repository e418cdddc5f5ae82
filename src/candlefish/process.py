"""The only module that starts a program: run one to its end, spawn one that stays, wait, stop, read its log."""

import contextlib
import os
import pwd
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

from candlefish.errors import BinaryMissing, EngineError

SERVICE_USER = "postgres"
"""Who the tier runs as when root starts it: PostgreSQL refuses root, and Debian's package makes this user."""

PROGRAM_FOLDERS = tuple(
    Path(folder)
    for folder in (
        "/usr/lib/postgresql/15/bin",  # Debian and Ubuntu
        "/opt/homebrew/opt/postgresql@15/bin",  # Homebrew, Apple silicon
        "/usr/local/opt/postgresql@15/bin",  # Homebrew, Intel
        "/usr/sbin",
        "/usr/bin",
        "/usr/local/bin",
        "/opt/homebrew/bin",
    )
)
"""Looked into before PATH: a PATH that leads to another major version must not decide which PostgreSQL runs."""

POLL_S = 0.1
"""Seconds between two looks at a condition that is waited for."""


_SPAWNED: "list[subprocess.Popen[bytes]]" = []
"""Programs that are meant to outlive this process: held, so that nobody warns that they still run."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A program that has ended: what was run, its exit code and what it wrote."""

    argv: tuple[str, ...]
    returncode: int
    stdout: str
    stderr: str


def is_root() -> bool:
    """Tell whether this process runs as root."""
    return os.geteuid() == 0


def service_user() -> str | None:
    """Return who the tier's programs run as, or None when that is whoever runs candlefish."""
    return SERVICE_USER if is_root() else None


def service_uid() -> int:
    """Return the numeric user that the tier's programs run as."""
    user = service_user()
    return pwd.getpwnam(user).pw_uid if user else os.geteuid()


def find_binary(name: str) -> Path:
    """Return the path of a program of the tier; raise BinaryMissing when there is none."""
    for folder in PROGRAM_FOLDERS:
        if (folder / name).is_file():
            return folder / name
    found = shutil.which(name)
    if found is None:
        raise BinaryMissing(
            f"the program {name} is not on this machine",
            detail="looked in " + ", ".join(str(f) for f in PROGRAM_FOLDERS) + " and in PATH",
            hint="run `candlefish setup`, which installs what is missing or says how",
        )
    return Path(found)


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    timeout_s: float | None = None,
    input: str | None = None,
    cwd: Path | None = None,
) -> Completed:
    """Run a program to its end and return what it wrote; `env` is added to this process's environment.

    Raises EngineError when it takes longer than `timeout_s`, BinaryMissing when it is not there.
    """
    words = tuple(str(word) for word in argv)
    try:
        done = subprocess.run(
            words,
            env={**os.environ, **(env or {})},
            user=user,
            group=_group_of(user),
            extra_groups=[] if user else None,
            timeout=timeout_s,
            input=input,
            cwd=cwd,
            capture_output=True,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise BinaryMissing(f"could not run {words[0]}: {error.strerror}", hint="run `candlefish setup`") from error
    except subprocess.TimeoutExpired as error:
        raise EngineError(
            f"{Path(words[0]).name} did not end within {timeout_s:g} s", detail=" ".join(words)
        ) from error
    return Completed(words, done.returncode, done.stdout, done.stderr)


def run_interactive(argv: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> int:
    """Run a program on the terminal of this process and return its exit code."""
    return subprocess.call([str(word) for word in argv], env={**os.environ, **(env or {})})


def stream(
    argv: Sequence[str | Path],
    *,
    on_line: Callable[[str], None],
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    stdin: BinaryIO | None = None,
    cwd: Path | None = None,
) -> int:
    """Run a program to its end, hand each line that it writes (stdout and stderr) to `on_line`, return its code."""
    with subprocess.Popen(
        [str(word) for word in argv],
        env={**os.environ, **(env or {})},
        user=user,
        group=_group_of(user),
        extra_groups=[] if user else None,
        stdin=stdin if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        cwd=cwd,
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            on_line(line.rstrip("\n"))
        return child.wait()


@dataclass(frozen=True, slots=True)
class Child:
    """A program that runs beside this process and ends with it."""

    pid: int
    _program: "subprocess.Popen[str]"
    _reader: threading.Thread

    def ended(self) -> int | None:
        """Return the exit code, negative for a signal; None while it runs."""
        return self._program.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when the program has ended."""
        self._program.send_signal(number)

    def finish(self, timeout_s: float) -> int | None:
        """Wait until the program has ended and its last line was handed over; return the exit code, None if not."""
        self._reader.join(timeout_s)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._program.wait(timeout_s)
        return self.ended()


def start(
    argv: Sequence[str | Path], *, on_line: Callable[[str], None], on_end: Callable[[], None], open_files: int
) -> Child:
    """Start a program and hand each line that it writes (stdout and stderr) to `on_line`, from a thread.

    It has a session of its own: a Ctrl-C on the terminal reaches this process alone, which decides.
    """
    raise_open_files_limit(open_files)
    program = subprocess.Popen(
        [str(word) for word in argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )

    def read() -> None:
        assert program.stdout is not None
        with program.stdout:
            for line in program.stdout:
                on_line(line.rstrip("\n"))
        on_end()

    reader = threading.Thread(target=read, name=f"log of {program.pid}", daemon=True)
    reader.start()
    return Child(program.pid, program, reader)


def reap_strays(keep: int) -> None:
    """Reap ended processes that this one inherited (as PID 1 of a container) and did not start; not `keep`."""
    with contextlib.suppress(ChildProcessError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == keep:
                return
            os.waitpid(ended.si_pid, 0)


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str],
    user: str | None,
    cwd: Path,
    open_files: int,
) -> int:
    """Start a program that outlives this process, in a session of its own, and return its pid."""
    raise_open_files_limit(open_files)
    with log.open("ab") as out:
        child = subprocess.Popen(
            [str(word) for word in argv],
            env=dict(env),
            user=user,
            group=_group_of(user),
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            cwd=cwd,
            start_new_session=True,
            umask=0o077,
        )
    _SPAWNED.append(child)
    return child.pid


def raise_open_files_limit(open_files: int) -> None:
    """Raise this process's limit of open files, as far as its rights go, for the programs it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= open_files:
        return
    if hard < open_files and is_root():
        with contextlib.suppress(ValueError, OSError):  # a container may forbid it: the plan was told the old limit
            resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
            return
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(open_files, hard), hard))


def wait_until(condition: Callable[[], bool], *, timeout_s: float, poll_s: float = POLL_S) -> bool:
    """Wait until the condition holds; return False when it does not within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(poll_s)
    return True


def is_alive(pid: int) -> bool:
    """Tell whether a process runs (one that has ended and waits to be reaped does not)."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stop(pid: int, *, with_signal: signal.Signals = signal.SIGTERM, grace_s: float = 10.0) -> None:
    """End a process: the signal first, SIGKILL after `grace_s`; return when it is gone."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, with_signal)
        if not wait_until(lambda: not is_alive(pid), timeout_s=grace_s):
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda: not is_alive(pid), timeout_s=grace_s)


def tail(path: Path, lines: int = 5) -> str:
    """Return the last lines of a log, or an empty text when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64 * 1024))
            text = file.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def find_listener(host: str, port: int) -> psutil.Process | None:
    """Return the process that listens on an address, or on all addresses of that port."""
    for connection in psutil.net_connections("tcp"):
        if connection.status != psutil.CONN_LISTEN or not connection.laddr:
            continue
        if connection.laddr.port == port and connection.laddr.ip in (host, "0.0.0.0", "::") and connection.pid:
            with contextlib.suppress(psutil.NoSuchProcess):
                return psutil.Process(connection.pid)
    return None


def _group_of(user: str | None) -> int | None:
    return pwd.getpwnam(user).pw_gid if user else None
