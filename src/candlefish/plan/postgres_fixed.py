"""PostgreSQL settings that hold for every size of node, each with the reason for its value."""

from candlefish.plan.model import Setting

CONNECTIONS = (
    Setting("superuser_reserved_connections", "10", "Patroni, the follower and a person get in when all else is taken"),
    Setting("password_encryption", "scram-sha-256", "md5 can be replayed by whoever reads the hash"),
    Setting("tcp_keepalives_idle", "10s", "silence before a client is suspected to be dead"),
    Setting("tcp_keepalives_interval", "5s", "between two questions to it"),
    Setting("tcp_keepalives_count", "3", "questions without an answer: its connection is free after 25 s, not 2 h"),
)

WAL = (
    Setting("wal_level", "logical", "migrations and change streams need it, and changing it costs a restart"),
    Setting("max_wal_size", "2GB", "a bulk load of so much WAL forces no checkpoint"),
    Setting("min_wal_size", "512MB", "so many segments are used again, not made anew after each burst"),
    Setting("checkpoint_timeout", "15min", "fewer full-page writes; a failover does not wait for crash recovery"),
    Setting("checkpoint_completion_target", "0.9", "writes spread over nine tenths of the interval"),
    Setting("wal_log_hints", "on", "pg_rewind needs it to bring an old primary back without a new copy"),
    Setting("synchronous_commit", "on", "acknowledged is what lies on the disks of primary and synchronous standby"),
)

REPLICATION = (
    Setting("max_wal_senders", "10", "replicas, their first copies and change streams; PostgreSQL's default"),
    Setting("max_replication_slots", "10", "one for each sender"),
    Setting("wal_keep_size", "256MB", "a node that was away for less than that catches up without a slot"),
    Setting("max_slot_wal_keep_size", "4GB", "a slot whose reader is gone can't fill the disk"),
    Setting("hot_standby_feedback", "on", "vacuum on the primary cancels no read on a replica"),
    Setting("max_standby_streaming_delay", "5s", "a long read holds replay back no longer, so the lag stays small"),
    Setting("wal_receiver_status_interval", "1s", "the lag is known to the second"),
    Setting("wal_retrieve_retry_interval", "500ms", "a replica tries the new primary at once; the default waits 5 s"),
    Setting("wal_receiver_timeout", "10s", "a primary that fell silent is left; the default waits 60 s"),
    Setting("wal_sender_timeout", "10s", "a frozen synchronous standby holds up commits no longer; default 60 s"),
)

PLANNER = (
    Setting("random_page_cost", "1.1", "on SSDs a page anywhere costs hardly more than the next one"),
    Setting("jit", "off", "compiling takes longer than statements of milliseconds do"),
)

LIMITS = (
    Setting("idle_in_transaction_session_timeout", "1min", "an idle transaction holds one of few pooled connections"),
    Setting("max_locks_per_transaction", "128", "a statement over 52 weekly partitions locks each of them"),
)

VACUUM = (
    Setting("autovacuum_vacuum_scale_factor", "0.05", "large tables are cleaned at 5 % dead rows, not at 20 %"),
    Setting("autovacuum_analyze_scale_factor", "0.02", "the planner's estimates follow the data"),
    Setting("autovacuum_vacuum_insert_scale_factor", "0.05", "tables that only grow get index-only scans too"),
    Setting("autovacuum_vacuum_cost_limit", "2000", "ten times the default, which was set for spinning disks"),
    Setting("autovacuum_naptime", "15s", "a burst of changes is noticed sooner"),
)

LOGGING = (
    Setting("log_line_prefix", "%m [%p] %q%u@%d %a ", "time, process, user, database, program"),
    Setting("log_lock_waits", "on", "a wait of more than 1 s for a lock names both sides"),
    Setting("log_temp_files", "10MB", "sorts that did not fit into work_mem"),
    Setting("log_checkpoints", "on", "tells a stall by a checkpoint from any other"),
    Setting("log_autovacuum_min_duration", "1s", "long vacuums, and why they were long"),
    Setting("track_io_timing", "on", "how long each statement waited for the disk"),
    Setting("track_functions", "pl", "calls and time of each function"),
    Setting("track_activity_query_size", "4kB", "whole statements; the default cuts at 1 kB"),
)

EXTENSIONS = (
    Setting(
        "shared_preload_libraries", "pg_stat_statements,pg_cron",
        "statistics of every statement, and schedules; pg_partman runs as a pg_cron job, here as on RDS",
    ),
    Setting("pg_stat_statements.max", "10000", "distinct statements kept; the default of 5,000 forgets"),
    Setting("pg_stat_statements.track", "all", "statements inside functions too"),
    Setting("cron.use_background_workers", "on", "its jobs would otherwise log in as clients, with a password"),
)  # fmt: skip

ALL = (*CONNECTIONS, *WAL, *REPLICATION, *PLANNER, *LIMITS, *VACUUM, *LOGGING, *EXTENSIONS)
