"""A tier as a whole: up, down, destroy, and the databases that it serves."""

import contextlib
import json
import shutil
from collections.abc import Callable
from types import TracebackType
from typing import Any

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.engines import changes, databases, etcd, orphans, patroni, pgbouncer, ready, redis, requirements
from candlefish.engines.configure import FOLLOW, write_configs
from candlefish.engines.runtime import make_runtime
from candlefish.engines.secrets import load_secrets
from candlefish.engines.state import State
from candlefish.engines.supervisor import Supervisor
from candlefish.engines.tier import Tier, load_tier, render_record
from candlefish.engines.urls import make_endpoints
from candlefish.errors import EngineError, TierNotRunning, UsageError
from candlefish.plan.model import Plan, PostgresNode

Progress = Callable[[str], None]

PRIMARY_S, REPLICAS_S, REDIS_S, POOLER_S = 90.0, 180.0, 60.0, 30.0
"""Seconds to wait for each part: ten times what it takes here at rest, for slower machines."""

FAILOVER_S = 30.0
"""Seconds that a failover may take: 2 to 21 s, measured."""

SETTLE_S = 3.0
"""Seconds that a program may take until it does something: Patroni needs one until it makes its data folder."""

STRUCTURE = ("port_base", "postgres.nodes", "redis.nodes", "light", "pgbouncer.port", "database")
"""What can't change while a tier runs."""


def quiet(_message: str) -> None:
    """Report no progress."""


class Stack:
    """The tier of one plan on this machine; as a context manager it is brought up, and left running."""

    def __init__(self, plan: Plan, state: State, progress: Progress = quiet) -> None:
        self.state = state
        self.plan = plan
        self.supervisor = Supervisor(state)
        self._progress = progress

    def __enter__(self) -> "Stack":
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the tier running."""

    @property
    def tier(self) -> Tier:
        """The tier with its passwords."""
        return Tier(self.state, self.plan, load_secrets(self.state))

    # -- up ------------------------------------------------------------------------------------------

    def up(self) -> None:
        """Bring the tier up, or heal it; a tier that is whole is left as it is.

        Raises EngineError that names the culprit; what this call started is stopped again then.
        """
        requirements.require_binaries()
        self.state.create()
        started_here = not self.supervisor.is_running()
        if started_here:
            requirements.require_ports(self.plan, self.state)
        try:
            if started_here:
                self._start_supervisor()
            else:
                self._apply_changes()
            self._start_programs()
            self._wait_until_whole()
        except BaseException:
            if started_here:
                self._progress("stopping what was started")
                self._stop_everything()
            raise

    def _start_supervisor(self) -> None:
        """End what an earlier supervisord left, write every file, start supervisord."""
        ended = orphans.clear_orphans(self.state)
        if ended:
            self._progress(f"ended {len(ended)} programs that an earlier supervisord left: {', '.join(sorted(ended))}")
        else:
            requirements.require_memory(self.plan)
            self.state.pids.unlink(missing_ok=True)  # a start after `down` is no restart that anybody has to hear of
        runtime = make_runtime(self.state)
        write_configs(self.tier, runtime, fresh_cache=not orphans.has_redis(self.state))
        changes.write_rules(self.plan, self.state)
        self.state.write(self.state.record, render_record(self.plan))
        self._progress("starting supervisord")
        self.supervisor.start(runtime, self.plan.open_files)

    def _apply_changes(self) -> None:
        """Hand a running tier what changed in its spec; raise UsageError for what can't change while it runs."""
        before = self.state.load_record()["spec"]
        now = self.plan.spec.model_dump(mode="json")
        rules_changed = changes.write_rules(self.plan, self.state)
        if rules_changed or before.get("cache") != now["cache"]:
            self.supervisor.stop_program(changes.NAME)  # it holds the old rules; started again below
        if before == now:
            return
        fixed = [path for path in STRUCTURE if _value(before, path) != _value(now, path)]
        if fixed:
            raise UsageError(
                f"the tier {self.plan.name} runs, and {', '.join(fixed)} can't change while it does",
                detail="; ".join(f"{path} is {_value(before, path)}, asked for {_value(now, path)}" for path in fixed),
                hint="run `candlefish down`, then `candlefish up`; or give the new tier a name and ports of its own",
            )
        self._progress("applying the changed spec")
        tier = self.tier
        write_configs(tier, make_runtime(self.state), fresh_cache=False)
        patroni.reconfigure(self.plan.postgres, tier.secrets)
        redis.reconfigure(self.plan.redis, tier.secrets.redis)
        self.state.write(self.state.record, render_record(self.plan))  # last: what failed before is tried again
        self.supervisor.read_programs()
        self.supervisor.stop_program(FOLLOW)  # it holds the old plan; started again below
        pgbouncer.reload(self.supervisor)

    def _start_programs(self) -> None:
        """Start what does not run, etcd first: Patroni must not see it without its password."""
        states = {name: info.state for name, info in self.supervisor.processes().items()}
        if states.get(self.plan.etcd.name) != "running":
            self._progress("starting etcd")
            self.supervisor.start_program(self.plan.etcd.name)
        self._wait_for(
            "etcd",
            lambda: etcd.is_healthy(self.plan.etcd),
            timeout_s=POOLER_S,
            programs=(self.plan.etcd.name,),
        )
        secrets = self.tier.secrets
        etcd.require_authentication(self.plan.etcd, secrets.etcd)
        if not any(states.get(node.name) == "running" for node in self.plan.postgres.nodes):
            # Patroni reads the settings from its file only once, when the cluster is made; later from etcd.
            shared = json.dumps(patroni.dynamic_config(self.plan.postgres))
            etcd.replace_value(self.plan.etcd, secrets.etcd, f"/service/{self.state.name}/config", shared)
        idle = [name for name, state in states.items() if state not in ("running", "starting") and name != "etcd"]
        if idle:
            self._progress(f"starting {', '.join(sorted(idle))}")
        self._give_first_node_a_start(idle)
        for name in idle:
            self.supervisor.start_program(name)

    def _give_first_node_a_start(self, idle: list[str]) -> None:
        """Let the first node of a new tier begin alone: the others would only wait for it, on the same cores."""
        first = self.plan.postgres.nodes[0].name
        if first in idle and not any((self.state.data / node.name).exists() for node in self.plan.postgres.nodes):
            self.supervisor.start_program(first)
            process.wait_until((self.state.data / first).exists, timeout_s=SETTLE_S)

    def _wait_until_whole(self) -> None:
        """Wait for each part in turn, and make roles and databases as soon as there is a primary."""
        plan, secrets = self.plan.postgres, self.tier.secrets
        names = tuple(node.name for node in plan.nodes)
        self._progress("waiting for the PostgreSQL primary")
        self._wait_for(
            "the PostgreSQL primary", lambda: self.primary() is not None, timeout_s=PRIMARY_S, programs=names
        )
        primary = self.require_primary()
        databases.ensure_roles(primary, secrets)
        databases.ensure_database(primary, secrets, plan.database)
        if len(plan.nodes) > 1:
            self._progress("waiting for the replicas")
            self._wait_for(
                "the replicas", lambda: ready.replicas_stream(self.tier, primary), timeout_s=REPLICAS_S, programs=names
            )
        cache = tuple(node.name for node in self.plan.redis.nodes)
        self._wait_for("Redis", lambda: ready.redis_is_whole(self.tier), timeout_s=REDIS_S, programs=cache)
        self._progress("waiting for the pooler")
        for database in self.databases():
            for endpoint in ("main", "read"):
                self._wait_for(
                    f"{database}_{endpoint} in PgBouncer",
                    lambda name=f"{database}_{endpoint}": ready.answers(self.tier, name),  # type: ignore[misc]
                    timeout_s=POOLER_S,
                    programs=(pgbouncer.NAME, FOLLOW),
                )

    def _wait_for(
        self, what: str, condition: Callable[[], bool], *, timeout_s: float, programs: tuple[str, ...]
    ) -> None:
        ready.wait_for(what, condition, self.supervisor, timeout_s=timeout_s, programs=programs)

    # -- down ----------------------------------------------------------------------------------------

    def down(self) -> bool:
        """Stop every program of the tier, and keep its data; return False when nothing ran."""
        ran = self.supervisor.is_running() or any(orphans.find_orphans(self.state))
        self._stop_everything()
        return ran

    def _stop_everything(self) -> None:
        """Stop the clients' side first, replicas before the primary, and etcd last, so that nobody fails over."""
        if self.supervisor.is_running():
            leader = self.primary()
            nodes = [node.name for node in self.plan.postgres.nodes if leader is None or node.name != leader.name]
            last = [leader.name] if leader else []
            with contextlib.suppress(OSError):
                for name in (changes.NAME, FOLLOW, pgbouncer.NAME, *nodes, *last):
                    self.supervisor.stop_program(name)
                self.supervisor.shutdown()
        orphans.end_all(self.state)

    def destroy(self) -> None:
        """Stop the tier and delete its folder with all data."""
        self.down()
        shutil.rmtree(self.state.root, ignore_errors=False)

    # -- what a running tier gives -------------------------------------------------------------------

    def require_running(self) -> None:
        """Raise TierNotRunning when the tier is down."""
        if not self.supervisor.is_running():
            raise TierNotRunning(
                f"the tier {self.plan.name} is down", hint=f"run `candlefish up{name_option(self.plan.name)}`"
            )

    def primary(self) -> PostgresNode | None:
        """Return the node that is primary now: it leads, and takes writes."""
        leader = patroni.fetch_leader(self.plan.postgres)
        return leader if leader and databases.is_writable(leader, self.tier.secrets) else None

    def require_primary(self) -> PostgresNode:
        """Return the node that is primary, waiting out a failover; raise EngineError when none comes."""
        seen: list[PostgresNode] = []

        def has_primary() -> bool:
            seen.extend(node for node in (self.primary(),) if node)
            return bool(seen)

        if not process.wait_until(has_primary, timeout_s=FAILOVER_S):
            raise EngineError(
                f"no PostgreSQL node became primary within {FAILOVER_S:g} s", hint="see `candlefish status`"
            )
        return seen[0]

    def endpoints(self, database: str = "") -> Endpoints:
        """Return where a database of the tier answers; raise UsageError for one that the pooler does not serve."""
        name = database or self.plan.postgres.database
        if name not in self.databases():
            raise UsageError(
                f"the tier {self.plan.name} serves no database {name!r}",
                detail="it serves " + ", ".join(self.databases()),
                hint=f"bring it in: `candlefish load DUMP_OR_DSN --database {name}`",
            )
        tier = self.tier
        cache = redis.fetch_primary(self.plan.redis, tier.secrets.redis) or self.plan.redis.nodes[0]
        return make_endpoints(tier, name, self.primary() or self.plan.postgres.nodes[0], cache)

    def databases(self) -> tuple[str, ...]:
        """Return the databases that the pooler serves, the tier's own first."""
        return databases.list_databases(self.state, self.plan.postgres.database)

    def add_database(self, name: str) -> None:
        """Make a database (when it is missing), serve it under the endpoints of its name, and wait for all of them."""
        databases.ensure_database(self.require_primary(), self.tier.secrets, name)
        databases.save_databases(self.state, (*self.databases(), name))
        for node in self.plan.postgres.nodes:
            self._wait_for(
                f"the database {name} on {node.name}",
                lambda node=node: databases.has_database(node, self.tier.secrets, name),  # type: ignore[misc]
                timeout_s=POOLER_S,
                programs=(node.name,),
            )
        self._wait_for(
            f"{name}_main in PgBouncer",
            lambda: ready.answers(self.tier, f"{name}_main"),
            timeout_s=POOLER_S,
            programs=(pgbouncer.NAME, FOLLOW),
        )

    def forget_database(self, name: str) -> None:
        """Serve a database no more; the database itself stays."""
        databases.save_databases(self.state, tuple(other for other in self.databases() if other != name))


def name_option(name: str) -> str:
    """Return the words that a hint needs for a tier with a name of its own."""
    return "" if name == "candlefish" else f" --name {name}"


def open_stack(state: State, progress: Progress = quiet) -> Stack:
    """Return the stack of a tier as it was last brought up; raise TierNotRunning when there is none."""
    return Stack(load_tier(state).plan, state, progress)


def _value(spec: dict[str, Any], path: str) -> Any:
    for key in path.split("."):
        spec = spec[key]
    return spec
