"""PostgreSQL settings that candlefish decides itself, and where a user decides instead."""

import re

INSTEAD = {
    "max_connections": "set postgres.max_connections",
    "statement_timeout": "set postgres.statement_timeout",
    "log_min_duration_statement": "set postgres.slow_query",
    "shared_buffers": "set postgres.shared_buffers_ratio",
    "effective_cache_size": "set postgres.effective_cache_size_ratio",
    "synchronous_standby_names": "set postgres.synchronous",
    "port": "set port_base",
}
"""Settings that a field of the spec stands for."""

_OWN = re.compile(
    r"""^(
        listen_addresses | unix_socket_\w+ | data_directory | config_file | hba_file | ident_file | external_pid_file
      | cluster_name | hot_standby | wal_level | wal_log_hints | primary_conninfo | primary_slot_name
      | promote_trigger_file | restore_command | recovery_target\w* | password_encryption | ssl | ssl_\w+
      | cron\.database_name | cron\.use_background_workers
    )$""",
    re.VERBOSE,
)
"""Addresses, files, roles and replication: candlefish, Patroni and pg_cron depend on them."""

PRELOADED = ("pg_stat_statements", "pg_cron")
"""Libraries that the tier needs; more may be added to them."""


def check_managed(name: str, value: object) -> str:
    """Return why a setting can't be set (so), or an empty text."""
    name = name.lower()
    if name in INSTEAD:
        return f"candlefish sets this itself: {INSTEAD[name]}"
    if _OWN.match(name):
        return "candlefish sets this itself: the tier depends on it"
    if name == "shared_preload_libraries":
        given = {library.strip() for library in str(value).split(",")}
        missing = [library for library in PRELOADED if library not in given]
        return f"the tier needs {' and '.join(missing)} in it too" if missing else ""
    return ""
