"""RDS: parameters in the units and forms that it takes, and storage that it has."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.plan.aws.database import (
    AT_LEAST_AS_PRIMARY,
    NOT_ON_RDS,
    differing_replica_parameters,
    memory_formula,
    rds_parameters,
    replica_parameters,
    size_storage,
    static_parameters,
    storage_text,
)
from candlefish.plan.aws.static_parameters import DEFAULT_ON_RDS, STATIC, STATIC_ON_RDS
from candlefish.spec import Spec
from candlefish.spec.instances import DATABASE_CLASSES
from candlefish.spec.model import PostgresSpec
from candlefish.spec.postgres_settings import known_settings


def values(spec: Spec | None = None, instance_class: str = "db.r6g.xlarge") -> dict[str, str]:
    return {setting.name: setting.value for setting in rds_parameters(spec or Spec(), instance_class)}


def test_memory_is_given_as_the_formulas_that_rds_documents() -> None:
    assert values()["shared_buffers"] == "{DBInstanceClassMemory/32768}"
    assert values()["effective_cache_size"] == "{DBInstanceClassMemory*3/32768}"


@given(st.integers(5, 80))
def test_a_formula_gives_the_ratio_in_pages(percent: int) -> None:
    match = re.fullmatch(r"\{DBInstanceClassMemory(?:\*(\d+))?/(\d+)\}", memory_formula(percent / 100))
    assert match is not None
    assert int(match[1] or 1) / int(match[2]) * 8192 == pytest.approx(percent / 100)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("statement_timeout", "300000"),
        ("max_wal_size", "2048"),
        ("checkpoint_timeout", "900"),
        ("log_temp_files", "10240"),
        ("track_activity_query_size", "4096"),
        ("autovacuum_vacuum_scale_factor", "0.05"),
        ("log_lock_waits", "1"),
        ("jit", "0"),
        ("rds.logical_replication", "1"),
        ("rds.force_ssl", "1"),
    ],
)
def test_a_parameter_is_counted_in_the_unit_of_rds(name: str, value: str) -> None:
    assert values()[name] == value


@pytest.mark.parametrize("instance_class", sorted(DATABASE_CLASSES))
def test_every_number_lies_within_what_postgresql_takes(instance_class: str) -> None:
    for name, value in values(instance_class=instance_class).items():
        known = known_settings().get(name)
        if known is not None and known.type in ("integer", "real") and not value.startswith("{"):
            assert float(known.minimum) <= float(value) <= float(known.maximum), name


def test_what_rds_decides_itself_is_left_out() -> None:
    assert values().keys().isdisjoint({*NOT_ON_RDS, "wal_level", "listen_addresses", "ssl"})


def test_an_own_setting_reaches_the_group_in_the_unit_of_rds() -> None:
    spec = Spec(postgres=PostgresSpec(settings={"work_mem": "32MB", "huge_page_size": "2MB", "enable_hashjoin": False}))
    assert values(spec)["work_mem"] == "32768"
    assert values(spec)["enable_hashjoin"] == "0"
    assert "huge_page_size" in static_parameters(spec)


def test_what_needs_a_restart_waits_for_one() -> None:
    waiting = set(static_parameters(Spec()))
    assert {"max_connections", "shared_buffers", "shared_preload_libraries", "cron.database_name"} <= waiting
    assert waiting <= STATIC | STATIC_ON_RDS | set(DEFAULT_ON_RDS)
    assert waiting.isdisjoint({"work_mem", "statement_timeout", "pg_stat_statements.track"})


def test_a_value_that_rds_gives_anyway_is_asked_for_as_aws_reports_it() -> None:
    settings = {setting.name: setting.value for setting in rds_parameters(Spec(), "db.r6g.xlarge")}
    same = {name for name, value in DEFAULT_ON_RDS.items() if settings.get(name) == value}
    assert "rds.force_ssl" in same
    assert same <= set(static_parameters(Spec()))
    other = Spec(postgres=PostgresSpec(settings={"autovacuum_naptime": "30s"}))
    assert "autovacuum_naptime" not in static_parameters(other)


@pytest.mark.parametrize("replica", sorted(DATABASE_CLASSES))
def test_no_replica_has_less_than_its_primary_of_what_replay_needs(replica: str) -> None:
    spec = Spec(postgres=PostgresSpec(replica_class=replica, settings={"max_prepared_transactions": 10}))
    primary = values(spec, spec.postgres.instance_class)
    standby = {setting.name: setting.value for setting in replica_parameters(spec)}
    assert all(float(standby[name]) >= float(primary[name]) for name in AT_LEAST_AS_PRIMARY)


def test_replicas_of_the_same_class_differ_in_nothing() -> None:
    spec = Spec(postgres=PostgresSpec(replica_class="db.r6g.xlarge"))
    assert differing_replica_parameters(spec) == ()


def test_a_smaller_replica_differs_in_memory_and_helpers_alone() -> None:
    names = {setting.name for setting in differing_replica_parameters(Spec())}
    assert names
    assert all("work_mem" in name or "parallel" in name for name in names)


def test_the_libraries_of_the_tier_are_preloaded_and_the_schedule_has_its_database() -> None:
    found = values(Spec(database="shop"))
    assert found["shared_preload_libraries"] == "pg_stat_statements,pg_cron"
    assert found["cron.database_name"] == "shop"


@pytest.mark.parametrize(
    ("declared", "most"),
    [({"storage_gb": 100}, 200), ({"storage_gb": 40_000}, 65_536), ({"storage_gb": 65_000}, None)],
)
def test_storage_grows_by_itself_as_far_as_rds_lets_it(declared: dict[str, int], most: int | None) -> None:
    assert size_storage(Spec.model_validate({"postgres": declared})).max_gb == most


def test_iops_are_only_given_where_they_are_declared() -> None:
    assert size_storage(Spec()).iops is None
    assert size_storage(Spec.model_validate({"postgres": {"storage_gb": 400, "iops": 13_000}})).iops == 13_000


@pytest.mark.parametrize(
    ("declared", "text"),
    [
        ({}, "gp3, 3,000 IOPS, 125 MiB/s"),
        ({"storage_gb": 400}, "gp3, 12,000 IOPS, 500 MiB/s"),
        ({"storage_gb": 400, "iops": 20_000}, "gp3, 20,000 IOPS as declared"),
        ({"storage_gb": 1000, "storage_type": "gp2"}, "gp2, 3,000 IOPS: three for each GB"),
    ],
)
def test_storage_says_what_it_gives(declared: dict[str, object], text: str) -> None:
    assert storage_text(Spec.model_validate({"postgres": declared})) == text
