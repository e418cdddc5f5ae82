"""Calls of the same statement put together: how many, how long, and which of them stand for the others."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from candlefish.advise.statements import StatementKind
from candlefish.advise.workload.fingerprint import fingerprint, is_of_users, kind_of
from candlefish.advise.workload.log_calls import Call
from candlefish.advise.workload.split import pieces, split

MOST_EXAMPLES: Final = 60
"""Different calls of one statement that are kept to choose samples from: enough to know the typical duration."""

MOST_SAMPLES: Final = 3
"""Calls that stand for a statement: each is planned and run again and again."""


@dataclass(slots=True)
class Seen:
    """One statement. Calls that auto_explain told of are counted apart: they may be the same calls again."""

    id: str
    text: str
    kind: StatementKind
    calls: int = 0
    explained: int = 0
    timed: int = 0
    total_ms: float = 0.0
    examples: dict[Call, int] = field(default_factory=dict)
    """Calls as they were, without their duration, and how often each came."""
    durations: dict[Call, float] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)

    @property
    def role(self) -> str:
        """Return who called it most often, "" where nobody says."""
        return max(self.roles, key=lambda name: self.roles[name], default="")

    @property
    def count(self) -> int:
        """Return how often it was called."""
        return max(self.calls, self.explained)

    @property
    def mean_ms(self) -> float | None:
        """Return the mean duration, None where no call was timed."""
        return self.total_ms / self.timed if self.timed else None

    @property
    def weight(self) -> float:
        """Return the time that all calls took; untimed ones count a millisecond."""
        return self.count * (self.mean_ms if self.mean_ms is not None else 1.0)

    def add(self, call: Call) -> None:
        """Count one call."""
        if call.explained:
            self.explained += 1
        else:
            self.calls += 1
        if call.role:
            self.roles[call.role] = self.roles.get(call.role, 0) + 1
        if call.ms is not None:
            self.timed += 1
            self.total_ms += call.ms
        example = Call(call.text, call.values)
        if example in self.examples or len(self.examples) < MOST_EXAMPLES:
            self.examples[example] = self.examples.get(example, 0) + 1
            self.durations[example] = max(self.durations.get(example, 0.0), call.ms or 0.0)

    def typical(self) -> tuple[Call, ...]:
        """Return up to three calls that can be run: the median in duration, the most frequent, the slowest."""
        known = [one for one in self.examples if not needs_values(one)]
        if not known:
            return ()
        by_duration = sorted(known, key=lambda one: self.durations[one])
        frequent = max(known, key=lambda one: self.examples[one])
        chosen = (by_duration[len(by_duration) // 2], frequent, by_duration[-1], *by_duration)
        return tuple(dict.fromkeys(chosen))[:MOST_SAMPLES]


def needs_values(call: Call) -> bool:
    """Tell whether a call has a parameter whose value is not known."""
    known = {number for number, _ in call.values}
    return any(kind == "parameter" and int(found[1:]) not in known for kind, found in pieces(call.text))


def gather(calls: Iterable[Call]) -> dict[str, Seen]:
    """Return the statements that have a plan by fingerprint, but for those of the catalog, each of a text by itself."""
    found: dict[str, Seen] = {}
    known: dict[str, tuple[str, StatementKind] | None] = {}
    for call in calls:
        for part in _parts(call):
            if part.text not in known:
                kind = kind_of(part.text) if is_of_users(part.text) else None
                known[part.text] = None if kind is None else (fingerprint(part.text), kind)
            told = known[part.text]
            if told is not None:
                found.setdefault(told[0], Seen(told[0], part.text, told[1])).add(part)
    return found


def _parts(call: Call) -> list[Call]:
    """Return the statements of a call; the time of several is nobody's."""
    bodies = [body for _, body in split(call.text)]
    if len(bodies) == 1:
        return [replace(call, text=bodies[0])]
    return [replace(call, text=body, ms=None) for body in bodies]
