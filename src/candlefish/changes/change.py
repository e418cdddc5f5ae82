"""What comes out of the stream: `Change`, a committed transaction as invalidations, and `Gap`, a hole in the stream."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Invalidations:
    """The keys and tags that a transaction made stale, without repetition, in the order of their first change.

    With `everything` they could not all be named, and `reason` says why: nothing that is cached may be kept.
    """

    keys: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    everything: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One committed transaction that changed `rows` rows; `end_lsn` is what to confirm once it has been dealt with.

    `xid` is the id without its epoch (32 bits); `timeline` is that of the server which sent it, or 0.
    """

    xid: int
    commit_lsn: int
    end_lsn: int
    committed_at: datetime
    rows: int
    invalidations: Invalidations
    timeline: int = 0


@dataclass(frozen=True, slots=True)
class Gap:
    """Changes were missed, for this reason: nothing that is cached may be kept."""

    reason: str
