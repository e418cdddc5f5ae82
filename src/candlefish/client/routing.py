"""Which pool a statement goes to: writes to the primary, reads to the least busy replica that is fit for them."""

from collections.abc import Collection, Sequence

from candlefish.client.postgres.lag import LagClock
from candlefish.client.postgres.marks import Marks
from candlefish.client.postgres.own_writes import OwnWrites
from candlefish.client.postgres.pool import Pool
from candlefish.client.postgres.sampler import Sampler
from candlefish.client.postgres.watched import Route, WatchedPrimary, WatchedReplica
from candlefish.client.stats import ReplicaStats

__all__ = ["Route", "Router"]

NEAR_S = 0.5
"""How long opening waits for replicas that answer to get where the primary was: before that, nothing is known of their
lag, and the first reads would go to the primary."""


class Router:
    """Send each read to a replica that is close enough to the primary, and has what the reader has written."""

    def __init__(
        self,
        primary: Pool,
        replicas: Sequence[Pool],
        *,
        lag_limit_s: float = 1.0,
        wait_for_replica_s: float = 0.0,
        remember_writes_s: float = 30.0,
    ) -> None:
        marks, clock = Marks(remember_writes_s), LagClock()
        self.primary = primary
        self.replicas = tuple(replicas)
        self._watched = {pool: WatchedReplica(pool, marks, clock, lag_limit_s) for pool in replicas}
        self._rotation: tuple[WatchedReplica, ...] = ()
        self._wait_for_replica_s = wait_for_replica_s
        self.to_primary = Route(primary, None)
        self._turn = 0
        self._sampler = Sampler([WatchedPrimary(primary, marks, clock), *self._watched.values()], self._rotate)
        self.own_writes = OwnWrites(marks, self._sampler.until)

    async def start(self) -> None:
        """Look at every server, and go on doing so while somebody reads or writes."""
        await self._sampler.start()
        if self._watched:
            await self._sampler.until(self._all_are_near, NEAR_S)

    async def close(self) -> None:
        """Look no more."""
        await self._sampler.close()

    def pick_read(self, tried: Collection[Pool] = ()) -> Route:
        """Return where a read of this context goes: not to `tried`, and to the primary when no replica is fit."""
        if not self._watched:
            return self.to_primary
        self._keep_watching()
        mark = self.own_writes.mark()
        fit: Sequence[WatchedReplica] = self._rotation
        if mark is not None or tried:
            fit = [replica for replica in fit if replica.pool not in tried and (mark is None or replica.has(mark))]
        if not fit:
            return self.to_primary
        self._turn += 1
        best = fit[self._turn % len(fit)]
        for replica in fit:
            if replica.pool.in_use < best.pool.in_use:
                best = replica
        return best.route if mark is None else Route(best.pool, mark.position)

    async def wait_for_replica(self) -> None:
        """Return when a replica has what this context has written, or after `wait_for_replica_s`."""
        mark = self.own_writes.mark()
        if mark is not None and self._rotation and self._wait_for_replica_s:
            await self._sampler.until(
                lambda: any(replica.has(mark) for replica in self._rotation), self._wait_for_replica_s
            )

    def note_write(self) -> None:
        """Let this context see from now on what it has written up to now."""
        self._keep_watching()
        self.own_writes.note()

    def note_read(self, pool: Pool) -> None:
        """Count a read that a replica has served."""
        if pool in self._watched:
            self._watched[pool].reads += 1

    def note_behind(self, pool: Pool) -> None:
        """Count a read that a replica could not serve, because it had not replayed what the reader wrote."""
        if pool in self._watched:
            self._watched[pool].note_behind()

    def leave_out(self, pool: Pool) -> None:
        """Send no more reads to a replica that lost one, until it has answered again."""
        if pool in self._watched:
            self._watched[pool].leave_out()
            self._rotate()

    def answers(self, pool: Pool) -> bool:
        """Tell whether a replica takes reads now: callers may still wait for one that was left meanwhile."""
        return pool in self._watched and self._watched[pool].answers()

    def replicas_stats(self) -> tuple[ReplicaStats, ...]:
        """Return what is known of each replica."""
        return tuple(replica.stats() for replica in self._watched.values())

    def _all_are_near(self) -> bool:
        return all(replica.in_rotation for replica in self._watched.values() if replica.replayed)

    def _rotate(self) -> None:
        self._rotation = tuple(replica for replica in self._watched.values() if replica.in_rotation)

    def _keep_watching(self) -> None:
        if not self._sampler.used and self._watched:
            self._sampler.use()
