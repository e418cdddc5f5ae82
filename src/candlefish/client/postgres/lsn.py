"""Positions in PostgreSQL's write-ahead log (WAL)."""

from typing import NamedTuple


class Position(NamedTuple):
    """An LSN on a timeline; a promotion begins the next timeline at or before the last LSN of the one before."""

    timeline: int
    lsn: int

    def covers(self, other: "Position") -> bool:
        """Tell whether a server that has replayed up to here has every commit up to `other` that was not lost.

        The LSN alone is not enough: after a failover, a replica of the old timeline may be past a position of the new
        one without having anything of it. A newer timeline holds all of the older one that survived.
        """
        return self.lsn >= other.lsn and self.timeline >= other.timeline


def format_lsn(lsn: int) -> str:
    """Return an LSN as PostgreSQL writes it, such as 0/3000148."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"
