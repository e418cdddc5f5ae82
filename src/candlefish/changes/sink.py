"""Where invalidations go: what the follower needs of a cache."""

from collections.abc import Sequence
from typing import Protocol

from candlefish.changes.change import Change


class Sink(Protocol):
    """Make a cache forget what the database has changed. Both may be asked for the same changes more than once."""

    async def invalidate(self, changes: Sequence[Change]) -> None:
        """Forget the keys and tags of these transactions (all there is, where `everything` says so)."""

    async def gap(self) -> None:
        """Forget everything: changes were missed."""
