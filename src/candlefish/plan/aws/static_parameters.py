"""The parameters that only a restart changes: a parameter group takes them as `pending-reboot`, all others at once."""

_POSTGRES = """
archive_mode autovacuum_freeze_max_age autovacuum_max_workers autovacuum_multixact_freeze_max_age bonjour
bonjour_name cluster_name config_file data_directory data_sync_retry dynamic_shared_memory_type event_source
external_pid_file hba_file hot_standby huge_page_size huge_pages ident_file jit_provider listen_addresses
logging_collector max_connections max_files_per_process max_locks_per_transaction max_logical_replication_workers
max_pred_locks_per_transaction max_prepared_transactions max_replication_slots max_wal_senders max_worker_processes
min_dynamic_shared_memory old_snapshot_threshold port recovery_target recovery_target_action
recovery_target_inclusive recovery_target_lsn recovery_target_name recovery_target_time recovery_target_timeline
recovery_target_xid shared_buffers shared_memory_type shared_preload_libraries superuser_reserved_connections
track_activity_query_size track_commit_timestamp unix_socket_directories unix_socket_group unix_socket_permissions
wal_buffers wal_decode_buffer_size wal_level wal_log_hints
"""
"""PostgreSQL 15: `context` is postmaster in pg_settings (`postgres --describe-config`)."""

_EXTENSIONS = """
cron.database_name cron.host cron.log_run cron.log_statement cron.max_running_jobs cron.use_background_workers
pg_stat_statements.max
"""
"""The same, with pg_cron and pg_stat_statements loaded."""

STATIC = frozenset(f"{_POSTGRES} {_EXTENSIONS} rds.logical_replication".split())
"""rds.logical_replication: RDS User Guide, "Setting up logical replication for your DB instance"."""

STATIC_ON_RDS = frozenset({"rds.restrict_password_commands", "temp_file_limit"})
"""What RDS calls static though PostgreSQL does not (RDS User Guide, "Working with parameters on your RDS for PostgreSQL
DB instance")."""

DEFAULT_ON_RDS = {
    "autovacuum_naptime": "15",
    "checkpoint_completion_target": "0.9",
    "rds.force_ssl": "1",
    "synchronous_commit": "on",
}
"""Values that RDS for PostgreSQL 15 has anyway. AWS reports such a parameter as not changed, `pending-reboot` whatever
was asked, and a module that asks for `immediate` differs in every plan (Terraform AWS provider, aws_db_parameter_group,
"Problematic Plan Changes"). Which values these are is from memory."""
