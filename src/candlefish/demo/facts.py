"""What stands beside the figures: the machine, the engines, the data's size, the use of each index."""

import os
import platform
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

import psutil

from candlefish import process
from candlefish.demo.result import IndexUse, Surroundings
from candlefish.engines import databases, pgbouncer, redis
from candlefish.engines.stack import Stack
from candlefish.engines.tier import Tier

_INDEXES = r"""
select coalesce(pg_partition_root(s.indexrelid), s.indexrelid)::regclass::text as name,
       coalesce(pg_partition_root(s.relid), s.relid)::regclass::text as table_name,
       min(case when am.amname <> 'btree' then upper(am.amname)
                when i.indpred is not null then 'partial'
                when i.indisunique then 'unique'
                when i.indnkeyatts > 1 then 'composite'
                when exists (select from pg_attribute a where a.attrelid = s.relid and a.attnum = i.indkey[0]
                             and a.attname like '%\_id') then 'foreign key'
                else 'btree' end),
       sum(s.idx_scan)::bigint,
       coalesce(max(obj_description(coalesce(pg_partition_root(s.indexrelid), s.indexrelid), 'pg_class')), '')
from pg_stat_user_indexes s
join pg_index i on i.indexrelid = s.indexrelid
join pg_class c on c.oid = s.indexrelid
join pg_am am on am.oid = c.relam
where not i.indisprimary and s.schemaname = 'public'
group by 1, 2
order by 1
"""


def fetch_index_use(stack: Stack) -> tuple[IndexUse, ...]:
    """Return every index beside the primary keys, its scans summed over all servers and partitions."""
    tier, database = stack.tier, stack.plan.postgres.database
    scans: dict[str, int] = defaultdict(int)
    rows: dict[str, Sequence[object]] = {}
    for node in tier.plan.postgres.nodes:
        with databases.connect(node, tier.secrets, database) as connection:
            for row in connection.execute(_INDEXES).fetchall():
                rows.setdefault(str(row[0]), row)
                scans[str(row[0])] += int(str(row[3]))
    return tuple(_index_use(row, scans[name]) for name, row in rows.items())


def _index_use(row: Sequence[object], scans: int) -> IndexUse:
    """Take kind and purpose from the index's comment ("partial; serves login"), the kind else from its definition."""
    name, table, kind, _, comment = map(str, row)
    said, found, serves = comment.partition("; serves ")
    return IndexUse(name, table, said if found else kind, scans, serves=serves)


def fetch_size_bytes(stack: Stack) -> int:
    """Return the size of the database on one server."""
    primary, database = stack.require_primary(), stack.plan.postgres.database
    with databases.connect(primary, stack.tier.secrets, database) as connection:
        row = connection.execute("select pg_database_size(current_database())").fetchone()
    return int(str(row[0])) if row else 0


def fetch_root_pids(stack: Stack) -> tuple[int, ...]:
    """Return the processes from which all of the tier's programs descend.

    The postmasters stand beside supervisord: they outlive a Patroni that was restarted.
    """
    state = stack.state
    files = [state.run / "supervisord.pid"]
    files += [state.data / node.name / "postmaster.pid" for node in stack.plan.postgres.nodes]
    return tuple(int(file.read_text().split()[0]) for file in files if file.exists())


def read_surroundings(tier: Tier) -> Surroundings:
    """Describe the machine and the engines, before anything is measured."""
    return Surroundings(
        measured_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        cores=psutil.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        system=f"{platform.system()} {platform.machine()}",
        engines=_engine_versions(tier),
        tier=tier.plan.name,
        light=tier.plan.spec.light,
        load_average=round(os.getloadavg()[0], 2),
    )


def _engine_versions(tier: Tier) -> tuple[tuple[str, str], ...]:
    with databases.connect(tier.plan.postgres.nodes[0], tier.secrets) as connection:
        row = connection.execute("select split_part(current_setting('server_version'), ' ', 1)").fetchone()
    pooler = pgbouncer.fetch_console(tier, "SHOW VERSION")[0]["version"]
    info = redis.fetch_info(tier.plan.redis.nodes[0], tier.secrets.redis) or {}
    etcd = process.run([process.find_binary("etcd"), "--version"], timeout_s=5).stdout.split("\n")[0]
    return (
        ("PostgreSQL", str(row[0]) if row else "?"),
        ("PgBouncer", str(pooler).removeprefix("PgBouncer ")),
        ("Redis", str(info.get("redis_version", "?"))),
        ("etcd", etcd.removeprefix("etcd Version: ")),
    )
