"""Failovers step by step, so that something can happen between two steps: a PostgreSQL primary, a Redis primary."""

from collections.abc import Callable
from typing import Any, Final

from candlefish import process
from candlefish.engines import redis
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError
from candlefish.plan.model import PostgresNode, RedisNode
from harness.deeds import Deeds
from harness.faults import kill_postgres, kill_redis, redis_primary

PROMOTED_S: Final = 60.0
"""Within which another node is the primary: PostgreSQL takes 2 to 21 s, Redis 3 s, measured."""

CUT_S: Final = 10.0
"""Within which the replicas have all that the primary has, and within which they have noticed that the link is cut."""

WRONG_PASSWORD: Final = "cut"


class Failovers:
    """What is done to one tier."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._secret = stack.tier.secrets.redis
        self._lost: PostgresNode | None = None

    def deeds(self) -> Deeds:
        """Return the steps by their names."""
        return {
            "kill postgres": self.kill_postgres,
            "await postgres": self.await_postgres,
            "cut redis": self.cut_redis,
            "kill redis": self.kill_redis,
        }

    def kill_postgres(self) -> None:
        """SIGKILL the primary and its Patroni."""
        self._lost = self._stack.require_primary()
        kill_postgres(self._stack, self._lost)

    def await_postgres(self) -> None:
        """Return when another node is the primary; raise EngineError when none becomes it."""
        if not process.wait_until(lambda: self._stack.primary() not in (None, self._lost), timeout_s=PROMOTED_S):
            raise EngineError(f"no PostgreSQL replica was promoted in {PROMOTED_S:g} s")

    def cut_redis(self) -> None:
        """Cut every replica off the primary when it has all that was written; it cannot come back by itself.

        A stopped replica would not do: what the primary has sent meanwhile waits in its socket.
        """
        primary = redis_primary(self._stack)
        replicas = [node for node in self._stack.plan.redis.nodes if node != primary]
        written = self._replication(primary)["master_repl_offset"]
        _require(
            lambda: all(self._replication(node).get("slave_repl_offset", 0) >= written for node in replicas),
            "the Redis replicas have not all that was written",
        )
        for node in replicas:
            self._set_password(node, WRONG_PASSWORD)
        with redis.connect(primary.host, primary.port, self._secret) as client:
            client.execute_command("CLIENT", "KILL", "TYPE", "replica")
        _require(
            lambda: all(self._replication(node).get("master_link_status") == "down" for node in replicas),
            "the Redis replicas still have their primary",
        )

    def kill_redis(self) -> None:
        """SIGKILL the primary, and return when a replica has been promoted; the others follow that one."""
        lost = redis_primary(self._stack)
        kill_redis(self._stack, lost)
        plan = self._stack.plan.redis
        sentinel = plan.sentinels[0]  # told at once: the sooner the promotion, the more leases outlive it
        redis.ask(
            sentinel.host, sentinel.port, self._secret,
            lambda client: client.execute_command("SENTINEL", "FAILOVER", plan.service),  # type: ignore[no-untyped-call]
        )  # fmt: skip

        def promoted() -> bool:
            named = redis.fetch_primary(plan, self._secret)
            return named not in (None, lost) and self._replication(named).get("role") == "master"

        if not process.wait_until(promoted, timeout_s=PROMOTED_S):
            raise EngineError(f"no Redis replica was promoted in {PROMOTED_S:g} s")
        for node in plan.nodes:
            self._set_password(node, self._secret)

    def _replication(self, node: RedisNode) -> dict[str, Any]:
        return redis.fetch_info(node, self._secret) or {}

    def _set_password(self, node: RedisNode, password: str) -> None:
        redis.ask(node.host, node.port, self._secret, lambda client: client.config_set("masterauth", password))


def _require(holds: Callable[[], bool], otherwise: str) -> None:
    if not process.wait_until(holds, timeout_s=CUT_S):
        raise EngineError(f"{otherwise} after {CUT_S:g} s")
