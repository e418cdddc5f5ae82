"""The follower: sees who is primary and which replicas are fit, and tells PgBouncer; writes down what happened.

python -m candlefish.engines.follow STATE_FOLDER
"""

import asyncio
import json
import logging
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from candlefish.engines import databases, events, patroni, pgbouncer
from candlefish.engines.observe import LagClock, NodeView, Observer, choose_primary, choose_rotation
from candlefish.engines.redis import fetch_primary
from candlefish.engines.repair import SilenceClock, is_beyond_repair
from candlefish.engines.state import State
from candlefish.engines.supervisor import Supervisor
from candlefish.engines.tier import Tier, load_tier
from candlefish.errors import EngineError
from candlefish.plan.model import PostgresNode
from candlefish.plan.objectives import REPLICA_LAG_LIMIT_S
from candlefish.plan.pgbouncer import Routes

LOOK_S = 0.2
"""Seconds between two looks at the nodes: a dead replica costs reads for about this long."""

CENSUS_S = 1.0
"""Seconds between two looks at the programs and at Redis, which heal without the follower."""

SLOT_S = 10.0
"""Seconds between two moves of the logical slots that nobody reads yet, so that they keep no WAL."""

log = logging.getLogger("follow")


@dataclass(slots=True)
class Follower:
    """Everything the follower remembers between two looks."""

    tier: Tier
    supervisor: Supervisor
    observers: list[Observer]
    primary: str
    rotation: tuple[str, ...] = ()
    answering: dict[str, bool] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    redis_primary: str = ""
    written: tuple[Routes, tuple[str, ...]] | None = None
    clock: LagClock = field(default_factory=LagClock)
    silence: SilenceClock = field(default_factory=SilenceClock)

    async def run(self) -> None:
        """Look until the process is ended."""
        await asyncio.gather(
            self._follow_nodes(), self._take_census(), self._repair_replicas(), self._move_idle_slots()
        )

    async def _follow_nodes(self) -> None:
        while True:
            views = await asyncio.gather(*(observer.look() for observer in self.observers))
            self._note(views)
            now = time.monotonic()
            primary = choose_primary(views, self.primary)
            for view in views:
                if view.name == primary and view.answers:
                    self.clock.note(now, view.lsn)
            lag_s = {view.name: self.clock.lag_s(now, view.lsn) for view in views}
            self._apply(primary, choose_rotation(views, primary, lag_s, self.rotation, REPLICA_LAG_LIMIT_S))
            self._save(views, lag_s)
            await asyncio.sleep(LOOK_S)

    def _note(self, views: list[NodeView]) -> None:
        for view in views:
            before = self.answering.get(view.name)
            if before is not None and before != view.answers:
                self._record(view.name, "answers again" if view.answers else "does not answer")
            self.answering[view.name] = view.answers

    def _apply(self, primary: str, rotation: tuple[str, ...]) -> None:
        """Write the new routes and have PgBouncer read them, when anything changed."""
        if primary != self.primary:
            self._record(primary, f"is primary now, in place of {self.primary}")
        for name in {*rotation} ^ {*self.rotation}:
            self._record(name, "serves reads" if name in rotation else "serves no reads")
        self.primary, self.rotation = primary, rotation
        served = databases.list_databases(self.tier.state, self.tier.plan.postgres.database)
        wanted = (make_routes(self.tier, primary, rotation), served)
        if wanted != self.written:
            changed = pgbouncer.write_config(self.tier, *wanted)
            if changed or self.written is None:  # an earlier follower may have died between writing and telling
                pgbouncer.reload(self.supervisor)
            self.written = wanted

    def _save(self, views: list[NodeView], lag_s: dict[str, float]) -> None:
        """Leave what `status` shows; the file changes only when a role, a route or a lag does."""
        seen = {
            "primary": self.primary,
            "rotation": list(self.rotation),
            "lag_s": {view.name: round(lag_s[view.name], 1) for view in views if view.is_replica},
        }
        self.tier.state.write(self.tier.state.routes, json.dumps(seen) + "\n")

    async def _take_census(self) -> None:
        """Write down which programs were started again and where the Redis primary went."""
        plan, password = self.tier.plan.redis, self.tier.secrets.redis
        while True:
            processes = await asyncio.to_thread(self.supervisor.processes)
            for name, info in processes.items():
                before = self.pids.get(name, info.pid)
                if info.pid and before != info.pid:
                    reason = events.load_exit_reason(self.tier.state, name)
                    self._record(name, f"{reason}; started again (pid {before}, now {info.pid})")
                if info.pid:
                    self.pids[name] = info.pid
            primary = await asyncio.to_thread(fetch_primary, plan, password)
            if primary and primary.name != self.redis_primary:
                if self.redis_primary:
                    self._record(primary.name, f"is the Redis primary now, in place of {self.redis_primary}")
                self.redis_primary = primary.name
            self.tier.state.write(self.tier.state.pids, json.dumps(self.pids) + "\n")
            await asyncio.sleep(CENSUS_S)

    async def _repair_replicas(self) -> None:
        """Have a replica that Patroni can't bring back copied anew."""
        plan = self.tier.plan.postgres
        while True:
            await asyncio.sleep(CENSUS_S)
            now = time.monotonic()
            self.silence.note(now, self.answering)
            if all(self.answering.values()) or not self.answering.get(self.primary, False):
                continue  # nothing to repair, or nothing to copy from
            members = await asyncio.to_thread(patroni.fetch_members, plan)
            for node in plan.nodes:
                if is_beyond_repair(self.silence.silent_s(now, node.name), members.get(node.name, {})):
                    self.silence.forget(node.name)
                    await self._copy_anew(node)

    async def _copy_anew(self, node: PostgresNode) -> None:
        try:
            await asyncio.to_thread(patroni.reinitialize, node, self.tier.secrets)
        except EngineError as error:
            log.warning("%s", error)
            return
        self._record(node.name, "could not be brought back; it is copied anew from the primary")

    async def _move_idle_slots(self) -> None:
        """Advance permanent slots without a reader: otherwise they keep WAL until they are lost."""
        while True:
            await asyncio.sleep(SLOT_S)
            node = next(node for node in self.tier.plan.postgres.nodes if node.name == self.primary)
            try:
                await asyncio.to_thread(advance_idle_slots, self.tier, node.name)
            except EngineError as error:
                log.info("the idle slots were not moved: %s", error)

    def _record(self, subject: str, message: str) -> None:
        log.info("%s %s", subject, message)
        events.record(self.tier.state, subject, message)


def advance_idle_slots(tier: Tier, primary: str) -> None:
    """Move each permanent logical slot that has no reader to the present position of the primary.

    One with a publication of its name has a reader, which may be away for a moment and must miss nothing.
    """
    node = next(node for node in tier.plan.postgres.nodes if node.name == primary)
    with databases.connect(node, tier.secrets, tier.plan.postgres.database) as connection:
        connection.execute(
            "select pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) from pg_replication_slots"
            " where slot_name = any(%s) and not active"
            " and not exists (select from pg_publication where pubname = slot_name)"
            " and wal_status in ('reserved', 'extended') and confirmed_flush_lsn < pg_current_wal_lsn() - 16777216",
            [list(tier.plan.postgres.slots)],
        )


def make_routes(tier: Tier, primary: str, rotation: tuple[str, ...]) -> Routes:
    """Give the pooler's routes for a primary and the replicas that serve reads."""
    nodes = {node.name: node.address for node in tier.plan.postgres.nodes}
    return Routes(
        primary=nodes[primary],
        replicas=tuple(address for name, address in nodes.items() if name != primary),
        in_rotation=tuple(nodes[name] for name in rotation),
    )


def load_follower(state: State) -> Follower:
    """Start from what the last follower saw, so that nothing is told twice and nothing is missed."""
    tier = load_tier(state)
    seen = state.read_json(state.routes) or {}
    return Follower(
        tier=tier,
        supervisor=Supervisor(state),
        observers=[Observer(node, tier.secrets.monitor) for node in tier.plan.postgres.nodes],
        primary=seen.get("primary", tier.plan.postgres.nodes[0].name),
        rotation=tuple(seen.get("rotation", ())),
        pids=state.read_json(state.pids) or {},
    )


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(load_follower(State(Path(sys.argv[1]))).run())
