"""What one transaction has made stale so far: bounded, whatever the size of the transaction."""

from dataclasses import dataclass, field

from candlefish.changes.change import Invalidations

MAX_NAMES = 100_000
"""Keys and tags that one transaction may name. Above that all is stale: some 10 MB of names, and a cache that is told
of more of its keys one by one is busier with that than with being filled anew."""


@dataclass(slots=True)
class Stale:
    """Collect keys and tags, each once; once `everything` is stale no more are kept."""

    most: int = MAX_NAMES
    rows: int = 0
    keys: dict[str, None] = field(default_factory=dict)
    tags: dict[str, None] = field(default_factory=dict)
    everything: bool = False
    reason: str = ""

    def bound(self) -> None:
        """Give up naming them when there are too many."""
        if len(self.keys) + len(self.tags) > self.most:
            self.flood(f"one transaction made more than {self.most} keys stale")

    def flood(self, reason: str) -> None:
        """Note that not all can be named; the first reason is kept."""
        if not self.everything:
            self.everything, self.reason = True, reason
            self.keys.clear()
            self.tags.clear()

    def freeze(self) -> Invalidations:
        """Return what was collected: no names beside `everything`."""
        if self.everything:
            return Invalidations(everything=True, reason=self.reason)
        return Invalidations(tuple(self.keys), tuple(self.tags), self.everything, self.reason)
