"""The hand-written optimisation of the reference application: plain SQL files, run by psql, online and repeatable."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from psycopg.pq import Conninfo

from candlefish import process
from candlefish.demo.scripts import FOLDER, read_script, script_path
from candlefish.errors import EngineError

PRELUDE, FINISH = "00-settings.sql", "90-finish.sql"

PARTS = {
    "indexes": ("10-indexes.sql", "30-series-indexes.sql"),
    "partitions": ("20-partitions.sql",),
    "views": ("40-views.sql",),
    "functions": ("50-functions.sql",),
    "usage": ("60-usage.sql",),
}
"""What can be applied alone; all of it is applied in the order of the files' numbers.

"indexes" on its own indexes the tables as they are. With "partitions" in the same run, the two time series get their
indexes while they are converted, and the file that follows finds them there.
"""

SINGLE_FILE = "optimization-scripts.sql"
"""All numbered files in one, for whoever has psql and nothing else of candlefish."""

Progress = Callable[[str], None]

_STEP = re.compile(r"^(indexes|partitions|views|functions|usage|finish)(: |$)")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the optimisation, as its file announces it, and how long it took (seconds)."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OptimisationSummary:
    """The steps in order, and what psql warned of on the way."""

    steps: tuple[Step, ...]
    warnings: tuple[str, ...]
    seconds: float


def optimise(
    admin_url: str, *, parts: Sequence[str] = tuple(PARTS), progress: Progress = lambda _: None
) -> OptimisationSummary:
    """Apply the optimisation, or parts of it, while the database is in use; what is there already stays.

    Raises EngineError with psql's own words when a statement fails; it may then be run again.
    """
    log = _Log(progress)
    argv = [str(process.find_binary("psql")), "--no-psqlrc", "--no-password"]
    for path in script_paths(parts):
        argv += ["--file", str(path)]
    code = process.stream(argv, on_line=log.line, env=connection_environment(admin_url))
    log.close()
    if code != 0:
        raise EngineError(
            "the optimisation stopped at a statement that failed",
            detail="\n        ".join(log.words[-6:]),
            hint="what is done stays done: mend the cause, then run it again",
        )
    return OptimisationSummary(tuple(log.steps), tuple(log.warnings), time.monotonic() - log.started)


def script_paths(parts: Sequence[str] = tuple(PARTS)) -> tuple[Path, ...]:
    """Return the files that psql runs for these parts, in their order."""
    chosen = sorted(name for part in parts for name in PARTS[part])
    return tuple(script_path(f"optimise/{name}") for name in (PRELUDE, *chosen, FINISH))


def render_single_file() -> str:
    """Return all numbered files as one text: what `optimization-scripts.sql` has to be."""
    names = sorted(entry.name for entry in FOLDER.joinpath("optimise").iterdir() if entry.name.endswith(".sql"))
    return "\n".join(read_script(f"optimise/{name}").rstrip() + "\n" for name in names)


def write_single_file() -> Path:
    """Write `optimization-scripts.sql` anew from the numbered files, after one of them was changed."""
    path = script_path(SINGLE_FILE)
    path.write_text(render_single_file(), encoding="utf-8")
    return path


def connection_environment(url: str) -> dict[str, str]:
    """Return a URL as libpq's environment variables: a password among the arguments could be read by others."""
    options = Conninfo.parse(url.encode())
    return {
        option.envvar.decode(): option.val.decode()
        for option in options
        if option.envvar is not None and option.val is not None
    }


class _Log:
    """What psql writes, sorted into steps, warnings and the rest."""

    def __init__(self, progress: Progress) -> None:
        self.started = time.monotonic()
        self.steps: list[Step] = []
        self.warnings: list[str] = []
        self.words: list[str] = []
        self._progress = progress
        self._name = ""
        self._since = self.started

    def line(self, text: str) -> None:
        if _STEP.match(text):
            self.close()
            self._name = text
            self._progress(text)
        elif text.strip():
            self.words.append(text)
            if "WARNING:" in text:
                self.warnings.append(text.split("WARNING:", 1)[1].strip())

    def close(self) -> None:
        now = time.monotonic()
        if self._name:
            self.steps.append(Step(self._name, now - self._since))
        self._name, self._since = "", now
