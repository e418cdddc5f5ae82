"""PgBouncer on ECS: how many tasks, and what each of them may hold so that all together stay within the promises."""

from dataclasses import dataclass

from candlefish.plan.model import Setting
from candlefish.plan.pgbouncer import SPARE_FILES, size_pools
from candlefish.spec.model import Spec

POOLER_VCPU, POOLER_GB = 0.5, 1.0
"""PgBouncer has one thread, and holds 10,000 clients in 64 MB (measured here); 1 GB is the smallest for 0.5 vCPU."""

FARGATE_OPEN_FILES = 65_535
"""The hard limit of a Fargate task (AWS, "Fargate task definition parameters": ulimits)."""

DEPLOYMENT_MAX_RATIO = 2.0
"""Tasks during a deployment, against those before it: new ones serve before old ones go."""


@dataclass(frozen=True, slots=True)
class Pooler:
    """The service: tasks, the most there can be at once, the size of each, and PgBouncer's settings in each.

    `pool_size` and `max_db_connections` are those of one task.
    """

    tasks: int
    max_tasks: int
    most_tasks: int
    vcpu: float
    memory_gb: float
    open_files: int
    pool_size: int
    max_db_connections: int
    settings: tuple[Setting, ...]


def make_pooler(spec: Spec) -> Pooler:
    """Return the service, its pools counted for the most tasks that can run at once."""
    pools = size_pools(spec, FARGATE_OPEN_FILES)
    tasks, most = spec.aws.pooler_tasks, int(spec.aws.pooler_max_tasks * DEPLOYMENT_MAX_RATIO)
    max_db = max(1, pools.max_server // most)
    size = max(1, min(pools.size // tasks, max_db))
    return Pooler(
        tasks=tasks,
        max_tasks=spec.aws.pooler_max_tasks,
        most_tasks=most,
        vcpu=POOLER_VCPU,
        memory_gb=POOLER_GB,
        open_files=pools.max_clients + pools.max_server + SPARE_FILES,
        pool_size=size,
        max_db_connections=max_db,
        settings=(
            Setting("max_client_conn", str(pools.max_clients), "each task can serve all clients alone"),
            Setting("default_pool_size", str(size), f"{pools.size} over {tasks} tasks"),
            Setting("max_db_connections", str(max_db), f"{pools.max_server} over {most} tasks, the most at once"),
        ),
    )
