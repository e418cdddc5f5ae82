"""Every PostgreSQL setting of a node, with its reason. The same code sizes the nodes here and the ones on AWS."""

from collections.abc import Iterator
from dataclasses import dataclass

from candlefish.plan.memory import MIB
from candlefish.plan.model import Setting
from candlefish.spec.model import PostgresSpec, Spec
from candlefish.units import render_bytes

GIB = 1024 * MIB

RESERVED_CONNECTIONS = 13
"""Kept for Patroni, replicas' copies, the follower and people: superuser_reserved_connections (10) and 3 monitors."""

WAL_SENDERS = 10
"""Replicas, their first copies, migrations and archives; PostgreSQL's default, each costs 1 connection slot."""

PARALLEL_QUERIES_SHARE = 2
"""One query takes at most cores / 2 helpers, so that a second one finds a core."""

BACKGROUND_WORKERS = 6
"""Besides parallel query: the replication launcher and five running pg_cron jobs (its own default with workers)."""

SORTS_PER_QUERY = 2
"""Sorts and hashes that a typical statement holds at once; each may take work_mem."""

MIN_WORK_MEM, MAX_WORK_MEM = 4 * MIB, 64 * MIB
"""PostgreSQL's default; and a bound above which one bad query could take a node's memory."""

MIN_MAINTENANCE, MAX_MAINTENANCE = 64 * MIB, 2 * GIB
"""PostgreSQL's default; and the most that VACUUM can use before version 17 (1 GB of dead row ids) twice over."""

LOGICAL_SLOTS = ("candlefish_changes",)
"""Declared at bootstrap because adding the first one later restarts every replica."""


@dataclass(frozen=True, slots=True)
class NodeSize:
    """What one server has: its share of memory, its cores, and how many statements run on it at once."""

    memory_bytes: int
    cores: int
    busy_connections: int
    system: str = "Linux"


def size_settings(spec: Spec, size: NodeSize) -> tuple[Setting, ...]:
    """Return the settings of a node; those of the spec's `postgres.settings` come last and replace ours."""
    own = {
        setting.name: setting
        for part in (_memory, _connections, _workers, _wal, _replication, _planner, _limits, _vacuum, _logging, _extensions)
        for setting in part(spec.postgres, size)
    }
    own["cron.database_name"] = Setting("cron.database_name", spec.database, "the tier's own database holds the schedule")
    declared = {
        name: Setting(name, _text(value), "set in [postgres.settings]") for name, value in spec.postgres.settings.items()
    }
    return tuple((own | declared).values())


def _text(value: str | int | float | bool) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)


def _mb(size_bytes: float) -> str:
    return f"{max(1, int(size_bytes) // MIB)}MB"


def _ms(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"


def _memory(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    share = render_bytes(size.memory_bytes)
    buffers = size.memory_bytes * postgres.shared_buffers_ratio
    yield Setting("shared_buffers", _mb(buffers), f"{postgres.shared_buffers_ratio:.0%} of the node's {share}")
    ratio = postgres.effective_cache_size_ratio
    yield Setting(
        "effective_cache_size", _mb(size.memory_bytes * ratio),
        f"{ratio:.0%} of the node's {share}: what PostgreSQL and the kernel may keep cached, a hint to the planner",
    )  # fmt: skip
    free = size.memory_bytes - buffers
    work_mem = min(MAX_WORK_MEM, max(MIN_WORK_MEM, free / 2 / (size.busy_connections * SORTS_PER_QUERY)))
    yield Setting(
        "work_mem", _mb(work_mem),
        f"half of what shared_buffers leaves, over {size.busy_connections} busy connections with "
        f"{SORTS_PER_QUERY} sorts or hashes each; from {_mb(MIN_WORK_MEM)} to {_mb(MAX_WORK_MEM)}",
    )  # fmt: skip
    maintenance = min(MAX_MAINTENANCE, max(MIN_MAINTENANCE, size.memory_bytes / 16))
    yield Setting(
        "maintenance_work_mem", _mb(maintenance), "a sixteenth of the node's share: index builds and vacuum sort in it"
    )
    yield Setting("huge_pages", "try", "fewer page-table entries where the kernel has some set aside")


def _connections(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    yield Setting(
        "max_connections", str(postgres.max_connections),
        "declared; the same on all nodes, because a replica with fewer than its primary stops replaying",
    )  # fmt: skip
    yield Setting("superuser_reserved_connections", "10", "Patroni, the follower and an administrator still get in when all else is taken")
    yield Setting("password_encryption", "scram-sha-256", "md5 can be replayed by whoever reads the hash")
    yield Setting("tcp_keepalives_idle", "10", "seconds of silence before a dead client is suspected")
    yield Setting("tcp_keepalives_interval", "5", "seconds between two questions to it")
    yield Setting("tcp_keepalives_count", "3", "questions without an answer: its connection is free after 25 s, not 2 h")


def _workers(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    per_query = max(1, min(4, size.cores // PARALLEL_QUERIES_SHARE))
    yield Setting(
        "max_worker_processes", str(size.cores + BACKGROUND_WORKERS),
        f"{size.cores} parallel workers, one for each core, and {BACKGROUND_WORKERS} for pg_cron jobs and replication",
    )  # fmt: skip
    yield Setting("max_parallel_workers", str(size.cores), "one for each core")
    yield Setting("max_parallel_workers_per_gather", str(per_query), f"half of {size.cores} cores, from 1 to 4")
    yield Setting("max_parallel_maintenance_workers", str(per_query), "the same for an index build")


def _wal(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    yield Setting("wal_level", "logical", "migrations and change streams need it, and changing it costs a restart")
    yield Setting("max_wal_size", "2GB", "a bulk load of that much WAL forces no checkpoint")
    yield Setting("min_wal_size", "512MB", "so many segments are reused, not made anew after each burst")
    yield Setting("checkpoint_timeout", "15min", "fewer full-page writes; failover does not wait for crash recovery")
    yield Setting("checkpoint_completion_target", "0.9", "writes spread over nine tenths of the interval")
    yield Setting("wal_log_hints", "on", "pg_rewind needs it to bring an old primary back without a new copy")
    yield Setting("synchronous_commit", "on", "an acknowledged write is on the disks of primary and synchronous standby")


def _replication(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    yield Setting("max_wal_senders", str(WAL_SENDERS), "replicas, their first copies and change streams")
    yield Setting("max_replication_slots", str(WAL_SENDERS), "one for each sender")
    yield Setting("wal_keep_size", "256MB", "a node that comes back within that much WAL needs no slot to catch up")
    yield Setting("max_slot_wal_keep_size", "4GB", "a slot whose reader is gone can't fill the disk")
    yield Setting("hot_standby_feedback", "on", "a read on a replica isn't cancelled by vacuum on the primary")
    yield Setting("max_standby_streaming_delay", "5s", "a long read holds replay back no longer, so lag stays small")
    yield Setting("wal_receiver_status_interval", "1s", "lag is known to the second")
    yield Setting("wal_retrieve_retry_interval", "500ms", "a replica finds the new primary at once; the default waits 5 s")
    yield Setting("wal_receiver_timeout", "10s", "a primary that went silent is left")
    yield Setting("wal_sender_timeout", "10s", "a frozen synchronous standby holds commits no longer; the default is 60 s")


def _planner(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    yield Setting("random_page_cost", "1.1", "SSD: a random page costs hardly more than the next one")
    # Systems without posix_fadvise (macOS) refuse to start with anything but 0.
    prefetch = "200" if size.system == "Linux" else "0"
    yield Setting("effective_io_concurrency", prefetch, "reads that an SSD answers at once; 0 where the kernel can't prefetch")
    yield Setting("jit", "off", "compiling costs more than statements of milliseconds take")


def _limits(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    yield Setting("statement_timeout", _ms(postgres.statement_timeout), "declared; loading, index builds and refreshes set 0")
    yield Setting("idle_in_transaction_session_timeout", "60s", "an idle transaction holds one of few pooled connections")
    yield Setting("max_locks_per_transaction", "128", "a statement over a year of weekly partitions locks each and its indexes")


def _vacuum(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    yield Setting("autovacuum_vacuum_scale_factor", "0.05", "large tables are cleaned at 5 % dead rows, not 20 %")
    yield Setting("autovacuum_analyze_scale_factor", "0.02", "estimates follow the data")
    yield Setting("autovacuum_vacuum_insert_scale_factor", "0.05", "append-only tables get their visibility map: index-only scans")
    yield Setting("autovacuum_vacuum_cost_limit", "2000", "ten times the default, which was set for spinning disks")
    yield Setting("autovacuum_naptime", "15s", "a burst of changes is noticed sooner")


def _logging(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    yield Setting("log_min_duration_statement", _ms(postgres.slow_query), "declared: slower statements are logged")
    yield Setting("log_line_prefix", "%m [%p] %q%u@%d %a ", "time, process, who, where, which program")
    yield Setting("log_lock_waits", "on", "a wait of more than 1 s for a lock names both sides")
    yield Setting("log_temp_files", "10MB", "sorts that did not fit work_mem")
    yield Setting("log_checkpoints", "on", "tells a stall by a checkpoint from others")
    yield Setting("log_autovacuum_min_duration", "1s", "long vacuums and why")
    yield Setting("track_io_timing", "on", "time waiting for disk, for each statement")
    yield Setting("track_functions", "pl", "calls and time of the functions of the schema")
    yield Setting("track_activity_query_size", "4096", "whole statements, in bytes; the default cuts at 1,024")


def _extensions(postgres: PostgresSpec, size: NodeSize) -> Iterator[Setting]:
    yield Setting(
        "shared_preload_libraries", "pg_stat_statements,pg_cron",
        "statistics of every statement, and schedules; pg_partman runs as a pg_cron job, here as on RDS",
    )  # fmt: skip
    yield Setting("pg_stat_statements.max", "10000", "distinct statements kept; the default of 5,000 forgets")
    yield Setting("pg_stat_statements.track", "all", "statements inside functions too")
    yield Setting("cron.use_background_workers", "on", "as clients its jobs would have to log in with a password")
