"""A replica that Patroni can't bring back: when it is given up, and copied anew from the primary.

Seen here: after two failovers within a minute under a bulk load a replica refused its own WAL for ever ("belongs to
timeline 2, but previous recovered WAL file came from timeline 3"), and Patroni went on restarting it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

GIVE_UP_S = 45.0
"""Seconds of silence after which a replica that is not being started is beyond what Patroni heals (8 s, measured)."""

GIVE_UP_STARTING_S = 300.0
"""The same for one that replays WAL: crash recovery between two checkpoints (15 min) takes less."""

BUSY = (
    "creating replica",
    "running custom bootstrap script",
    "starting after custom bootstrap",
    "initializing new cluster",
)
"""States in which Patroni is at work on the data."""


@dataclass(slots=True)
class SilenceClock:
    """Since when each node has not answered."""

    _since: dict[str, float] = field(default_factory=dict)

    def note(self, now: float, answers: Mapping[str, bool]) -> None:
        """Remember who answers now."""
        for name, answered in answers.items():
            if answered:
                self._since.pop(name, None)
            else:
                self._since.setdefault(name, now)

    def forget(self, name: str) -> None:
        """Start over with a node, because something was done about it."""
        self._since.pop(name, None)

    def silent_s(self, now: float, name: str) -> float:
        """Return the seconds that a node has been silent; 0 for one that answers."""
        return now - self._since.get(name, now)


def is_beyond_repair(silent_s: float, member: Mapping[str, Any]) -> bool:
    """Tell whether a replica has to be copied anew; `member` is what Patroni's cluster says of it.

    One whose Patroni is gone is no member, and one that leads is never touched.
    """
    state = str(member.get("state", ""))
    if member.get("role") not in ("replica", "sync_standby", "quorum_standby") or state in BUSY:
        return False
    return silent_s > (GIVE_UP_STARTING_S if state == "starting" else GIVE_UP_S)
