"""The cache follower of the tier: its rules, its program, and how it stands. What it does is in `candlefish.changes`.

Its spec is `[cache]`: without rules there is no such program.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from candlefish.engines import databases
from candlefish.engines.runtime import Runtime
from candlefish.engines.state import State
from candlefish.engines.supervisor import Program
from candlefish.engines.tier import Tier
from candlefish.errors import EngineError, UsageError
from candlefish.plan.model import Plan, PostgresNode
from candlefish.plan.postgres import LOGICAL_SLOTS
from candlefish.results import Finding

NAME = "changes"

SILENT_S = 5.0
"""Seconds after which a follower that tells nothing of itself is behind: it tells each second."""

LAG_LIMIT_S = 5.0
"""Seconds; a cache that hears of changes later than this is out of date as far as a user can see."""


def rules_file(state: State) -> Path:
    """Return where the tier keeps its copy of the rules: the program may not be able to read the user's file."""
    return state.config / "rules.toml"


def make_programs(plan: Plan, state: State, runtime: Runtime) -> tuple[Program, ...]:
    """Give the follower's command line, where the spec names rules."""
    if not plan.spec.cache.rules:
        return ()
    argv = (*runtime.python, "-m", "candlefish.changes", str(state.root))
    return (Program(NAME, argv, priority=70, env=runtime.env),)


def write_rules(plan: Plan, state: State) -> bool:
    """Copy the rules that the spec names; return whether they are others than before. Raise UsageError."""
    target = rules_file(state)
    if not plan.spec.cache.rules:
        changed = target.exists()
        target.unlink(missing_ok=True)
        return changed
    try:
        text = Path(plan.spec.cache.rules).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"could not read the rules in {plan.spec.cache.rules}",
            detail=str(error),
            hint="cache.rules in candlefish.toml names a file, from the folder of candlefish.toml",
        ) from error
    return state.write(target, text)


@dataclass(frozen=True, slots=True)
class ChangesStatus:
    """How the cache follower stands: what it told last (it has counted since it began), and its slot.

    `lag_s` is the age of the oldest change that it has in hand, or how long it has been silent; `lag_bytes` is the WAL
    beyond what is confirmed, `kept_bytes` what the slot keeps.
    """

    lag_s: float
    lag_bytes: int
    kept_bytes: int
    wal_status: str
    rows: int
    keys: int
    tags: int
    gaps: int
    everything: int
    restarts: int
    redis_is_up: bool
    problem: str


def fetch_status(tier: Tier, primary: PostgresNode | None) -> ChangesStatus | None:
    """Return how the follower stands; None for a tier without one."""
    if not tier.plan.spec.cache.rules:
        return None
    told = tier.state.read_json(tier.state.changes) or {}
    lag_bytes, kept_bytes, wal_status = _fetch_slot(tier, primary) or (told.get("lag_bytes", 0), 0, "unknown")
    silent_s = (datetime.now(UTC) - datetime.fromisoformat(told["at"])).total_seconds() if "at" in told else 0.0
    return ChangesStatus(
        lag_s=silent_s if silent_s > SILENT_S else told.get("lag_s", 0.0),
        lag_bytes=lag_bytes, kept_bytes=kept_bytes, wal_status=wal_status,
        redis_is_up=told.get("redis_is_up", False), problem=told.get("problem", "" if told else "has not begun yet"),
        **{name: told.get(name, 0) for name in ("rows", "keys", "tags", "gaps", "everything", "restarts")},
    )  # fmt: skip


def find_problems(status: ChangesStatus) -> tuple[Finding, ...]:
    """Return what is wrong: nothing is, when the cache is told of changes within the promised time."""
    hint = f"candlefish logs {NAME}"
    if status.problem:
        return (Finding(NAME, "warning", status.problem, hint),)
    if status.wal_status in ("unreserved", "lost"):
        return (Finding(NAME, "critical", f"is too far behind: its WAL is {status.wal_status}", hint),)
    if not status.redis_is_up:
        return (Finding(NAME, "warning", "can't reach Redis: what changes stays in the cache", hint),)
    if status.lag_s > LAG_LIMIT_S:
        return (Finding(NAME, "warning", f"is {status.lag_s:.1f} s behind the database", hint),)
    return ()


def _fetch_slot(tier: Tier, primary: PostgresNode | None) -> tuple[int, int, str] | None:
    if primary is None:
        return None
    try:
        with databases.connect(primary, tier.secrets) as connection:
            row = connection.execute(
                "select (pg_current_wal_lsn() - confirmed_flush_lsn)::int8, (pg_current_wal_lsn() - restart_lsn)::int8,"
                " coalesce(wal_status, 'unknown') from pg_replication_slots where slot_name = %s",
                [LOGICAL_SLOTS[0]],
            ).fetchone()
    except EngineError:
        return None
    if row is None:
        return None
    return (max(0, int(str(row[0] or 0))), int(str(row[1] or 0)), str(row[2]))
