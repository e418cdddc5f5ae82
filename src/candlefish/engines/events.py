"""What happened to the tier: one line of JSON for each change that the follower saw."""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from candlefish.engines.state import State
from candlefish.process import tail

MAXIMUM_BYTES = 1 << 20
"""Beyond 1 MB (about 8,000 events) the older half of the file is dropped."""

_EXIT = re.compile(r"exited: (\S+) \(([^;)]+)")


@dataclass(frozen=True, slots=True)
class Event:
    """One change: when (UTC, ISO 8601), to what, and what it was."""

    at: str
    subject: str
    message: str


def record(state: State, subject: str, message: str) -> None:
    """Append one event."""
    event = Event(datetime.now(UTC).isoformat(timespec="milliseconds"), subject, message)
    path = _path(state)
    if path.exists() and path.stat().st_size > MAXIMUM_BYTES:
        lines = path.read_text().splitlines(keepends=True)
        state.write(path, "".join(lines[len(lines) // 2 :]))
    with path.open("a") as file:
        file.write(json.dumps(asdict(event)) + "\n")
    path.chmod(0o600)


def load_events(state: State, last: int = 10) -> tuple[Event, ...]:
    """Return the newest events, oldest first."""
    return tuple(Event(**json.loads(line)) for line in tail(_path(state), last).splitlines())


def load_exit_reason(state: State, program: str) -> str:
    """Return how supervisord saw a program end last, for instance "terminated by SIGKILL"."""
    seen = [match for match in _EXIT.finditer(tail(state.logs / "supervisord.log", 200)) if match[1] == program]
    return seen[-1][2] if seen else "ended"


def _path(state: State) -> Path:
    return state.logs / "events.jsonl"
