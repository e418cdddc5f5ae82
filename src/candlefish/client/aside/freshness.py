"""How fresh an entry is by the clock and the policy, and so what may be done with it."""

from enum import Enum, auto
from math import log
from random import random
from time import time
from typing import NamedTuple

from candlefish.client.aside.entry import TIMED, Header
from candlefish.client.aside.policy import Policy

MS = 1000


class Freshness(Enum):
    """What an entry is good for."""

    FRESH = auto()
    EARLY = auto()
    """Fresh, and to be loaded anew now (XFetch)."""
    STALE = auto()
    """To be served at once, and loaded anew meanwhile."""
    SPARE = auto()
    """To be served only when loading fails or takes long."""
    GONE = auto()


IN_TIME = frozenset({Freshness.FRESH, Freshness.EARLY})
SERVED = IN_TIME | {Freshness.STALE}
"""What a lookup answers with at once, without and with a loader that can replace it."""


def now_ms() -> int:
    """Return the time since 1970, by which entries are timed: the clocks of an application's machines have to agree."""
    return round(time() * MS)


def judge(header: Header, policy: Policy, now_ms: int) -> Freshness:
    """Say what an entry is good for now."""
    if not header.flags & TIMED:
        return Freshness.FRESH
    late_ms = now_ms - header.until_ms
    if late_ms < 0:
        return Freshness.EARLY if is_early(header, policy.early_refresh, now_ms, 1 - random()) else Freshness.FRESH
    if late_ms < policy.stale_while_revalidate_s * MS:
        return Freshness.STALE
    return Freshness.SPARE if late_ms < policy.stale_on_error_s * MS else Freshness.GONE


def is_early(header: Header, beta: float, now_ms: int, chance: float) -> bool:
    """Decide by a random `chance` in (0, 1] whether to load anew before the time ends.

    XFetch: Vattani, Chierichetti, Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", VLDB 2015.
    """
    return now_ms - header.load_ms * beta * log(chance) >= header.until_ms


class Times(NamedTuple):
    """Until when an entry is fresh, in ms since 1970, its TTL in Redis in ms, and whether lookups judge it by them."""

    until_ms: int
    ttl_ms: int
    timed: bool


def time_entry(policy: Policy, ttl_s: float, now_ms: int) -> Times:
    """Give the times of an entry that is kept now; the TTL is shortened by the policy's jitter."""
    fresh_ms = max(1, round(ttl_s * (1 - policy.jitter_ratio * random()) * MS))
    timed = policy.times_entries
    return Times(now_ms + fresh_ms, fresh_ms + round(policy.stale_s * MS) if timed else fresh_ms, timed)
