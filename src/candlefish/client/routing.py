"""Which pool a statement goes to. Read-your-writes by LSN will stand here too."""

from collections.abc import Sequence
from time import monotonic

from candlefish.client.postgres.pool import Pool

LEFT_OUT_S = 1.0
"""How long a replica that failed is not asked: about the pooler's server_login_retry."""


class Router:
    """Send writes to the primary and reads to the least busy replica that works."""

    def __init__(self, primary: Pool, replicas: Sequence[Pool]) -> None:
        self.primary = primary
        self.replicas = tuple(replicas)
        self._left_out_until = [0.0] * len(self.replicas)
        self._turn = 0

    def pick_read(self) -> Pool:
        """Return the working replica with the fewest statements in flight (in turn where equal), or the primary."""
        replicas = self.replicas
        count = len(replicas)
        best: Pool | None = None
        now = monotonic() if count else 0.0
        self._turn += 1
        for step in range(count):
            index = (self._turn + step) % count
            pool = replicas[index]
            if self._left_out_until[index] <= now and (best is None or pool.in_use < best.in_use):
                best = pool
        return best or self.primary

    def leave_out(self, pool: Pool) -> None:
        """Do not ask a replica for LEFT_OUT_S; the first read after that tries it again."""
        self._left_out_until[self.replicas.index(pool)] = monotonic() + LEFT_OUT_S
