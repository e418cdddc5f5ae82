"""`Counts`: what a cache counts while it works; `CacheStats` is the copy that is handed out."""

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Counts:
    """Plain numbers, named as in `CacheStats`."""

    hits: int = 0
    misses: int = 0
    loads: int = 0
    load_errors: int = 0
    joined: int = 0
    waits: int = 0
    stale: int = 0
    early: int = 0
    errors: int = 0
    refused_fills: int = 0
    bytes_read: int = 0
    bytes_written: int = 0

    def read(self) -> dict[str, int]:
        """Return the numbers by name."""
        return asdict(self)
