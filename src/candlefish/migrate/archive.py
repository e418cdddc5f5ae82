"""Restore an archive (custom, directory or tar) with pg_restore, and read from what it says how that went."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from candlefish import process
from candlefish.errors import EngineError, UsageError
from candlefish.migrate.extensions import install_hint, missing_extension, role_hint
from candlefish.migrate.model import NotTaken, Outcome
from candlefish.migrate.plain import shown
from candlefish.migrate.policy import is_harmless

OPTIONS = ("--no-owner", "--no-privileges", "--no-subscriptions", "--no-tablespaces", "--verbose")
"""What a tier has its own of. Verbose: each item is named when its turn comes, which is the progress."""

_VERSION = re.compile(r"Dumped from database version: (\S+)")
_EXTENSION = re.compile(r"^\d+; \d+ \d+ EXTENSION - (\S+)", re.MULTILINE)
_ITEM = re.compile(r"^pg_restore: (?:processing item|launching item|finished item) (\d+) ")
_MADE = re.compile(r"^pg_restore: (?:creating|executing|processing data for) (.+)$")
_ENTRY = re.compile(r"^pg_restore: from TOC entry \d+; \d+ \d+ (.+)$")
_ERROR = re.compile(r"^pg_restore: error: (.+)$")
_SERVER_ERROR = re.compile(r"ERROR:  ?(.+)$")
_COMMAND = "Command was: "
_IGNORED = "pg_restore: warning: errors ignored on restore"


class RestoreLog:
    """Read pg_restore's lines: how many items are done, and what failed."""

    def __init__(self) -> None:
        self.outcome = Outcome()
        self._items: set[str] = set()  # by number: named when there are several jobs
        self._made: set[str] = set()  # by name: named always, but not each item is
        self.fatal = ""
        self._entry = ""
        self._reason = ""

    @property
    def done(self) -> int:
        """How many items have had their turn."""
        return max(len(self._items), len(self._made))

    def read(self, line: str) -> None:
        """Take one line."""
        if item := _ITEM.match(line):
            self._items.add(item[1])
        elif made := _MADE.match(line):
            self._made.add(made[0])
        elif entry := _ENTRY.match(line):
            self._settle("")
            self._entry = entry[1]
        elif error := _ERROR.match(line):
            self._settle("")
            self._reason = error[1]
            self.fatal = "; ".join(part for part in (self.fatal, error[1]) if part)
        elif line.startswith(_COMMAND):
            self._settle(line.removeprefix(_COMMAND))
        elif line.startswith(_IGNORED):
            self.fatal = ""

    def finish(self) -> Outcome:
        """Return what happened, after the last line."""
        self._settle("")
        return self.outcome

    def _settle(self, command: str) -> None:
        """Note the error at hand, if there is one; `command` is the first line of what failed."""
        if not self._reason:
            return
        match = _SERVER_ERROR.search(self._reason)
        reason = match[1] if match else self._reason
        subject = shown(command.encode()) if command else self._entry
        is_data = self._reason.startswith("COPY failed")
        if extension := missing_extension(reason):
            self.outcome.fail(NotTaken("extension", extension, reason, hint=install_hint(extension)))
        elif "already exists" in reason and is_harmless(command.encode(), "42P06"):
            self.outcome.leave_out("drops of what was not there")
        else:
            self.outcome.fail(
                NotTaken("data" if is_data else "statement", self._entry or subject, reason, hint=role_hint(reason))
            )
        self._reason = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What an archive says of itself."""

    items: int
    version: str
    extensions: tuple[str, ...]


def fetch_listing(path: Path) -> Listing:
    """Return an archive's number of items, the version of the server it came from, and its extensions."""
    done = process.run([process.find_binary("pg_restore"), "--list", path])
    if done.returncode:
        raise UsageError(
            f"pg_restore could not read {path}",
            detail=done.stderr.strip(),
            hint="make the dump, or the copy of it, again",
        )
    version = _VERSION.search(done.stdout)
    items = sum(1 for line in done.stdout.splitlines() if line and not line.startswith(";"))
    return Listing(items, version[1] if version else "", tuple(_EXTENSION.findall(done.stdout)))


def restore(
    path: Path, conninfo: str, *, password: Mapping[str, str], jobs: int, on_items: Callable[[int], None]
) -> Outcome:
    """Restore an archive into a database with `jobs` connections; `on_items` is told how many items are done.

    Raises EngineError when pg_restore gives up before its end.
    """
    log = RestoreLog()

    def read(line: str) -> None:
        log.read(line)
        on_items(log.done)

    # pg_restore reads a tar with one connection only.
    parallel = [] if path.is_file() and jobs == 1 else [f"--jobs={jobs}"]
    argv: list[str | Path] = [
        process.find_binary("pg_restore"),
        *OPTIONS,
        *parallel,
        f"--dbname={conninfo}",
        path,
    ]
    code = process.stream(argv, on_line=read, env={**password, "LC_ALL": "C"})
    outcome = log.finish()
    if code and log.fatal:
        raise EngineError(
            f"pg_restore gave up on {path}",
            detail=log.fatal,
            hint="nothing was changed; see `candlefish status`",
        )
    return outcome
