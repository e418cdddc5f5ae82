"""Replicas that are behind by a fixed time: each replays every commit so much later."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from candlefish import process
from candlefish.engines import databases, patroni
from candlefish.engines.stack import Stack
from candlefish.errors import EngineError
from candlefish.plan.model import PostgresNode
from harness.faults import postgres_replicas

DELAYED_S: Final = 60.0
"""Within which Patroni has told the replicas of a setting: it looks every ten seconds."""


@contextmanager
def replicas_behind(stack: Stack, lag_s: float) -> Iterator[None]:
    """Have every replica replay each commit `lag_s` later; raise EngineError when one does not take that."""
    _delay(stack, f"{round(lag_s * 1000)}ms")
    try:
        wait_until_behind(stack, lag_s)
        yield
    finally:
        _delay(stack, None)


def wait_until_behind(stack: Stack, lag_s: float) -> None:
    """Return when all that are replicas now are behind; raise EngineError when one is not."""
    delay_ms = round(lag_s * 1000)

    def behind() -> bool:
        return all(_delay_of(stack, node) == delay_ms for node in postgres_replicas(stack))

    if not process.wait_until(behind, timeout_s=DELAYED_S):
        raise EngineError(f"the replicas did not take a delay of {delay_ms} ms in {DELAYED_S:g} s")


def _delay(stack: Stack, delay: str | None) -> None:
    """Set it through Patroni, which takes it out of postgresql.auto.conf."""
    config = {"postgresql": {"recovery_conf": {"recovery_min_apply_delay": delay}}}
    patroni._tell(stack.require_primary(), "PATCH", "config", config, stack.tier.secrets)  # noqa: SLF001 - a fault


def _delay_of(stack: Stack, node: PostgresNode) -> int:
    with databases.connect(node, stack.tier.secrets) as connection:
        cursor = connection.execute("select setting from pg_settings where name = 'recovery_min_apply_delay'")
        return int(str(next(cursor)[0]))
