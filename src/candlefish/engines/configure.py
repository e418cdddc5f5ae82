"""Every file that a tier's programs read, written from its plan."""

from candlefish.engines import changes, databases, etcd, patroni, pgbouncer, redis
from candlefish.engines.follow import make_routes
from candlefish.engines.runtime import Runtime
from candlefish.engines.supervisor import Program, render_config
from candlefish.engines.tier import Tier

FOLLOW = "follow"


def write_configs(tier: Tier, runtime: Runtime, *, fresh_cache: bool) -> None:
    """Write the configuration of every program; `fresh_cache` says that no Redis of the tier runs."""
    state, plan = tier.state, tier.plan
    redis.write_configs(plan.redis, state, tier.secrets, fresh=fresh_cache)
    for node in plan.postgres.nodes:
        state.write(state.config / f"{node.name}.yml", patroni.render_config(plan, node, state, tier.secrets))
    _write_pooler(tier)
    config = render_config(
        _make_programs(tier, runtime),
        state,
        open_files=plan.open_files,
        program_env={"CANDLEFISH_STATE": str(state.root)},
    )
    state.write(state.config / "supervisord.conf", config)


def _write_pooler(tier: Tier) -> None:
    """Route as the follower did last, or to the first node: the follower corrects it within a second."""
    seen = tier.state.read_json(tier.state.routes) or {}
    names = [node.name for node in tier.plan.postgres.nodes]
    primary = str(seen["primary"]) if seen.get("primary") in names else names[0]
    rotation = tuple(name for name in seen.get("rotation", ()) if name in names and name != primary)
    served = databases.list_databases(tier.state, tier.plan.postgres.database)
    pgbouncer.write_config(tier, make_routes(tier, primary, rotation), served)


def _make_programs(tier: Tier, runtime: Runtime) -> tuple[Program, ...]:
    state, plan = tier.state, tier.plan
    follow = (*runtime.python, "-m", "candlefish.engines.follow", str(state.root))
    return (
        etcd.make_program(plan.etcd, state),
        *(patroni.make_program(node, state, runtime) for node in plan.postgres.nodes),
        *redis.make_programs(plan.redis, state, runtime),
        pgbouncer.make_program(tier),
        Program(FOLLOW, follow, priority=60, env=runtime.env),
        *changes.make_programs(plan, state, runtime),
    )
