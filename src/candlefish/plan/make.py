"""The plan: (spec, machine) -> every number of the tier, with its reason. Pure."""

from candlefish.plan import patroni
from candlefish.plan.machine import Machine
from candlefish.plan.memory import MIB, POSTGRES_BYTES, Memory, share_memory, usable_memory
from candlefish.plan.model import EtcdPlan, Plan, PostgresNode, PostgresPlan, RedisPlan, Setting
from candlefish.plan.pgbouncer import Pools, plan_pgbouncer, size_pools
from candlefish.plan.ports import LOOPBACK, node_host, port
from candlefish.plan.postgres import LOGICAL_SLOTS, NodeSize, size_settings
from candlefish.plan.redis import plan_redis, sentinel_count
from candlefish.spec.model import Spec
from candlefish.units import render_bytes, render_ratio


def make_plan(spec: Spec, machine: Machine) -> Plan:
    """Return the plan of a tier on a machine."""
    memory = share_memory(spec, machine, sentinel_count(spec))
    cores = min(spec.machine.cores or machine.cores, machine.cores)
    pools = size_pools(spec, machine.open_files_hard)
    postgres = _plan_postgres(spec, memory, NodeSize(memory.postgres_share_bytes, cores, pools.busy, machine.system))
    redis = plan_redis(spec, memory.redis_share_bytes, cores)
    required = memory.programs_bytes + spec.postgres.nodes * (
        POSTGRES_BYTES + int(memory.postgres_share_bytes * spec.postgres.shared_buffers_ratio)
    )
    return Plan(
        name=spec.name,
        spec=spec,
        machine=machine,
        postgres=postgres,
        pgbouncer=plan_pgbouncer(spec, pools),
        redis=redis,
        etcd=EtcdPlan("etcd", LOOPBACK, port(spec, "etcd_client"), port(spec, "etcd_peer")),
        open_files=pools.open_files,
        required_memory_bytes=required,
        sizes=(*_sizes(spec, machine, memory, pools, cores, required), *_agreement(postgres, redis)),
    )


def _plan_postgres(spec: Spec, memory: Memory, size: NodeSize) -> PostgresPlan:
    nodes = tuple(
        PostgresNode(f"pg{i + 1}", node_host(i), port(spec, "postgres"), port(spec, "patroni"))
        for i in range(spec.postgres.nodes)
    )
    return PostgresPlan(
        nodes=nodes,
        settings=size_settings(spec, size),
        agreement=patroni.SETTINGS,
        memory_share_bytes=memory.postgres_share_bytes,
        max_connections=spec.postgres.max_connections,
        synchronous=spec.postgres.synchronous if len(nodes) > 1 else "off",
        slots=LOGICAL_SLOTS,
        database=spec.database,
    )


def _sizes(
    spec: Spec, machine: Machine, memory: Memory, pools: Pools, cores: int, required: int
) -> tuple[Setting, ...]:
    usable, declared = usable_memory(spec, machine), spec.machine.memory
    source = "declared" if declared == usable else "this machine has"
    redis = "declared" if spec.redis.maxmemory else f"a fifth of the rest, over {spec.redis.nodes} Redis"
    return (
        Setting("cores", str(cores), f"this machine has {machine.cores}, shared by all programs"),
        Setting(
            "memory", _mb(memory.total_bytes),
            f"{render_ratio(spec.machine.memory_ratio)} of {render_bytes(usable)} ({source})", "MB",
        ),
        Setting("memory.programs", _mb(memory.programs_bytes), "what the programs take before they hold data", "MB"),
        Setting(
            "memory.postgres_node", _mb(memory.postgres_share_bytes),
            f"four fifths of the rest, over {spec.postgres.nodes} PostgreSQL", "MB",
        ),
        Setting("memory.redis_node", _mb(memory.redis_share_bytes), redis, "MB"),
        Setting("memory.required", _mb(required), "programs and shared buffers: with less it is not started", "MB"),
        Setting("open_files", str(pools.open_files), pools.open_files_reason),
    )  # fmt: skip


def _agreement(postgres: PostgresPlan, redis: RedisPlan) -> tuple[Setting, ...]:
    reasons = {
        "off": "no commit waits for another node",
        "on": "a commit waits for a standby, as long as there is one",
        "strict": "there is no commit without a standby",
    }
    alone = "; there is one node" if len(postgres.nodes) == 1 else ""
    return (
        Setting("synchronous", postgres.synchronous, reasons[postgres.synchronous] + alone),
        Setting(
            "logical_slots", ",".join(postgres.slots), "from bootstrap on: a first one later restarts all replicas"
        ),
        Setting("sentinel_quorum", str(redis.quorum if redis.sentinels else 0), "Sentinels that must miss the primary"),
    )


def _mb(size_bytes: int) -> str:
    return str(size_bytes // MIB)
