"""How far a replica is behind in seconds, told by the client's own clock: no two clocks are compared."""

import math
from bisect import bisect_right
from collections import deque

HISTORY = 6000
"""Positions of the primary that are remembered: ten minutes of samples."""

GAP_S = 3.0
"""After how long without a sample what was known before counts for nothing: more than a slow answer takes."""


class LagClock:
    """Remember when the primary was where.

    A replica lags since the first moment at which the primary was seen ahead of it, up to the last moment at which the
    primary was seen: while the primary is away, lags stay as they were.
    """

    def __init__(self) -> None:
        self._moments: deque[float] = deque(maxlen=HISTORY)
        self._lsns: deque[int] = deque(maxlen=HISTORY)
        self._seen_at = -math.inf

    def note(self, at: float, primary_lsn: int) -> None:
        """Remember where the primary was at `at`; one that went back is another primary, and starts anew."""
        last = self._lsns[-1] if self._lsns else -1
        if at - self._seen_at > GAP_S or primary_lsn < last:
            self._moments.clear()
            self._lsns.clear()
        if not self._lsns or primary_lsn != last:
            self._moments.append(at)
            self._lsns.append(primary_lsn)
        self._seen_at = at

    def lag_s(self, replayed_lsn: int) -> float:
        """Return the seconds for which a replica has been behind; infinite when it is behind all that is known."""
        missing = bisect_right(self._lsns, replayed_lsn)
        if missing == len(self._lsns):
            return 0.0
        return self._seen_at - self._moments[missing] if missing else math.inf
