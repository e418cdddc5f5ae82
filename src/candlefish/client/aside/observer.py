"""`Observer`: counts the lookups, and tells whoever asked to be told."""

from collections.abc import Callable
from time import perf_counter

from candlefish.client.aside.counts import Counts
from candlefish.client.aside.freshness import Freshness
from candlefish.client.aside.lookup import AWAY, Found

OnLookup = Callable[[str, bool, float], None]
"""Called with the key, whether it was a hit, and the seconds that the lookup took."""


NoteLookup = Callable[[str, bool, int], None]
"""The method `note_lookup` of an `OnLookup` that would rather know how long a value is than how long its lookup took:
called at hits with the key, True, and the bytes that Redis keeps."""


class Observer:
    """Note each lookup; `asked` is when it began, and is needed only where someone is told."""

    def __init__(self, counts: Counts, tell: OnLookup | None) -> None:
        self.tells = tell is not None
        self._counts = counts
        self._tell = tell
        self._note_lookup: NoteLookup | None = getattr(tell, "note_lookup", None)

    def note_hit(self, key: str, size_bytes: int, asked: float) -> None:
        """Note a value of so many bytes."""
        counts = self._counts
        counts.hits += 1
        counts.bytes_read += size_bytes
        if self._tell is not None:
            if self._note_lookup is not None:
                self._note_lookup(key, True, size_bytes)
            else:
                self._tell(key, True, perf_counter() - asked)

    def note(self, key: str, found: Found, asked: float, served: frozenset[Freshness]) -> bool:
        """Note what was found; return whether it is served at once."""
        if found.freshness in served:
            self._counts.stale += found.freshness is Freshness.STALE
            self.note_hit(key, found.size_bytes, asked)
            return True
        self._counts.misses += 1
        self._counts.errors += found is AWAY
        if self._tell is not None:
            self._tell(key, False, perf_counter() - asked)
        return False
