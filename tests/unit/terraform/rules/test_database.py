import pytest
from tests.unit.terraform.rules.fragments import POSTGRES, STATIC, Values, found, parameters, plan

MAIN, REPLICA = "aws_db_instance.main", "aws_db_instance.replica"
GROUP = "aws_db_parameter_group.main"


def with_parameters(**values: str) -> Values:
    changed = {**POSTGRES, **{name.replace("__", "."): value for name, value in values.items()}}
    return plan({GROUP: {"parameter": parameters(changed, *STATIC)}})


@pytest.mark.parametrize(
    ("address", "changes", "rule", "argument"),
    [
        (MAIN, {"iops": 12000}, "rds-storage", "iops"),
        (MAIN, {"storage_throughput": 500}, "rds-storage", "storage_throughput"),
        (MAIN, {"allocated_storage": 400, "iops": 3000}, "rds-storage", "iops"),
        (MAIN, {"storage_type": "gp2", "iops": 3000}, "rds-storage", "iops"),
        (MAIN, {"storage_type": "io2"}, "rds-storage", "iops"),
        (MAIN, {"allocated_storage": 5}, "rds-storage", "allocated_storage"),
        (MAIN, {"storage_type": "io2", "iops": 3000, "storage_throughput": 9}, "rds-storage", "storage_throughput"),
        (REPLICA, {"username": "owner"}, "rds-replica", "username"),
        (REPLICA, {"db_name": "tier"}, "rds-replica", "db_name"),
        (MAIN, {"backup_retention_period": 0}, "rds-replica", "backup_retention_period"),
        (MAIN, {"manage_master_user_password": True}, "rds-replica", "manage_master_user_password"),
        (MAIN, {"multi_az": False}, "rds-durability", "multi_az"),
        (MAIN, {"backup_retention_period": 36}, "rds-durability", "backup_retention_period"),
        (MAIN, {"deletion_protection": None}, "rds-durability", "deletion_protection"),
        (MAIN, {"skip_final_snapshot": True}, "rds-durability", "skip_final_snapshot"),
        (MAIN, {"final_snapshot_identifier": None}, "rds-durability", "final_snapshot_identifier"),
        (MAIN, {"final_snapshot_identifier": "tier--final"}, "rds-durability", "final_snapshot_identifier"),
        (MAIN, {"publicly_accessible": True}, "rds-exposure", "publicly_accessible"),
        (MAIN, {"storage_encrypted": None}, "rds-exposure", "storage_encrypted"),
        (MAIN, {"performance_insights_retention_period": 30}, "rds-insights", "performance_insights_retention_period"),
        (MAIN, {"database_insights_mode": "advanced"}, "rds-insights", "performance_insights_retention_period"),
        (MAIN, {"engine_version": "16.4"}, "rds-parameter-family", "parameter_group_name"),
        (MAIN, {"backup_window": "04:00-05:00"}, "windows", "backup_window"),
        (MAIN, {"backup_window": "03:00-03:20"}, "windows", "backup_window"),
        (MAIN, {"backup_window": "3 o'clock"}, "windows", "backup_window"),
        (MAIN, {"maintenance_window": "sun:04:30-sun:04:50"}, "windows", "maintenance_window"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_instance_is_found(address: str, changes: Values, rule: str, argument: str) -> None:
    assert (rule, f"{address}.{argument}") in found(plan({address: changes}))


@pytest.mark.parametrize(
    "changes",
    [
        {"allocated_storage": 400, "iops": 12000, "storage_throughput": 500},
        {"storage_type": "io2", "iops": 3000},
        {"performance_insights_retention_period": 465, "database_insights_mode": "advanced"},
        {"engine_version": "15.13"},
        {"backup_window": "23:30-00:30", "maintenance_window": "mon:00:30-mon:01:30"},
    ],
)
def test_what_rds_takes_is_let_through(changes: Values) -> None:
    assert found(plan({MAIN: changes})) == set()


def test_a_window_that_goes_over_midnight_overlaps_the_next_day() -> None:
    windows = {"backup_window": "23:30-00:45", "maintenance_window": "mon:00:30-mon:01:30"}
    assert found(plan({MAIN: windows})) == {("windows", f"{MAIN}.backup_window")}


def test_a_window_at_the_end_of_the_week_overlaps_its_beginning() -> None:
    windows = {"backup_window": "00:10-00:50", "maintenance_window": "sun:23:30-mon:00:30"}
    assert found(plan({MAIN: windows})) == {("windows", f"{MAIN}.backup_window")}


def test_an_instance_has_fifteen_replicas_at_most() -> None:
    replicas = {f"aws_db_instance.r{number}": {"replicate_source_db": "tier", "skip_final_snapshot": True,
                                               "storage_encrypted": True} for number in range(15)}  # fmt: skip
    assert ("rds-replica", MAIN) in found(plan(replicas))
    del replicas["aws_db_instance.r0"]
    assert ("rds-replica", MAIN) not in found(plan(replicas))


def test_a_password_of_a_replica_is_seen_where_it_is_write_only() -> None:
    written = {REPLICA: {"password_wo": {"references": ["ephemeral.secret"]}}}
    cache = {"aws_elasticache_replication_group.redis": {"auth_token_wo": {"references": ["ephemeral.secret"]}}}
    assert found(plan(written={**written, **cache})) == {("rds-replica", f"{REPLICA}.password_wo")}


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("wal_log_hints", "1", "rds-parameter-name"),
        ("fsync", "0", "rds-parameter-name"),
        ("listen_addresses", "*", "rds-parameter-name"),
        ("shared_bufers", "1000", "rds-parameter-name"),
        ("statement_timeout", "5min", "rds-parameter-value"),
        ("track_io_timing", "on", "rds-parameter-value"),
        ("track_functions", "some", "rds-parameter-value"),
        ("max_wal_senders", "-1", "rds-parameter-value"),
        ("work_mem", "16384.5", "rds-parameter-value"),
        ("shared_buffers", "{DBInstanceClassMemory/32768", "rds-parameter-value"),
        ("shared_buffers", "{DBInstanceClassMemory*0.25/8192}", "rds-parameter-value"),
        ("shared_buffers", "{DBInstanceMemory/32768}", "rds-parameter-value"),
        ("shared_buffers", "MIN({DBInstanceClassMemory/32768},100)", "rds-parameter-value"),
        ("shared_buffers", "{DBInstanceClassMemory/4}", "rds-parameter-size"),
        ("shared_buffers", "{DBInstanceClassMemory*19/163840}", "rds-parameter-size"),
        ("shared_buffers", "8589934592", "rds-parameter-value"),
        ("shared_buffers", "8192", "rds-parameter-size"),
        ("effective_cache_size", "{DBInstanceClassMemory*5/32768}", "rds-parameter-size"),
        ("work_mem", "67108864", "rds-parameter-size"),
        ("max_wal_size", "2097152", "rds-parameter-size"),
        ("statement_timeout", "300", "rds-parameter-timeout"),
        ("rds__force_ssl", "0", "rds-parameter-family"),
    ],
)
def test_a_mistake_in_a_parameter_is_found(name: str, value: str, rule: str) -> None:
    subject = f'{GROUP}.parameter["{name.replace("__", ".")}"]'
    assert (rule, subject) in found(with_parameters(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shared_buffers", "LEAST({DBInstanceClassMemory/32768},1048576)"),
        ("shared_buffers", "1048576"),
        ("max_connections", "LEAST({DBInstanceClassMemory/9531392},5000)"),
        ("statement_timeout", "0"),
        ("work_mem", "65536"),
        ("max_wal_size", "10240"),
        ("cron__database_name", "tier"),
        ("log_min_duration_statement", "100"),
        ("log_min_duration_statement", "-1"),
    ],
)
def test_what_a_parameter_may_be_is_let_through(name: str, value: str) -> None:
    rules = {rule for rule, subject in found(with_parameters(**{name: value})) if name.replace("__", ".") in subject}
    assert rules <= {"rds-parameter-static"}  # a name that the fragment does not call static


@pytest.mark.parametrize("name", ["max_connections", "shared_preload_libraries", "rds.logical_replication"])
def test_a_static_parameter_waits_for_a_restart(name: str) -> None:
    values = {**POSTGRES, name: POSTGRES.get(name, "1")}
    at_once = plan({GROUP: {"parameter": parameters(values)}})
    assert ("rds-parameter-static", f'{GROUP}.parameter["{name}"]') in found(at_once)
    assert found(plan({GROUP: {"parameter": parameters(values, *STATIC, name)}})) == set()


def test_a_static_parameter_without_a_method_is_applied_at_once() -> None:
    blocks = [{"name": "max_connections", "value": "500", "apply_method": None}]
    assert ("rds-parameter-static", f'{GROUP}.parameter["max_connections"]') in found(
        plan({GROUP: {"parameter": blocks}})
    )


@pytest.mark.parametrize("value", ["100", None])
def test_a_replica_has_no_less_than_its_primary(value: str | None) -> None:
    values = {name: one for name, one in {**POSTGRES, "max_connections": value}.items() if one is not None}
    fewer = plan({"aws_db_parameter_group.replica": {"parameter": parameters(values, *STATIC)}})
    assert found(fewer) == {("rds-replica-parameters", 'aws_db_parameter_group.replica.parameter["max_connections"]')}
