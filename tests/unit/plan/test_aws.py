import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.plan.aws.database import AT_LEAST_AS_PRIMARY, memory_formula, rds_parameters, replica_parameters
from candlefish.plan.aws.explain import explain_aws
from candlefish.spec import Spec
from candlefish.spec.instances import DATABASE_CLASSES
from candlefish.spec.model import PostgresSpec


def explained(spec: Spec | None = None) -> dict[str, str]:
    return {setting.name: setting.value for setting in explain_aws(spec or Spec())}


def test_memory_is_given_as_the_formulas_that_rds_documents() -> None:
    parameters = explained()
    assert parameters["rds.parameter.shared_buffers"] == "{DBInstanceClassMemory/32768}"
    assert parameters["rds.parameter.effective_cache_size"] == "{DBInstanceClassMemory*3/32768}"


@given(st.integers(5, 80))
def test_a_formula_gives_the_ratio_in_pages(percent: int) -> None:
    match = re.fullmatch(r"\{DBInstanceClassMemory(?:\*(\d+))?/(\d+)\}", memory_formula(percent / 100))
    assert match is not None
    assert int(match[1] or 1) / int(match[2]) * 8192 == pytest.approx(percent / 100)


def test_parameters_are_counted_in_the_units_of_rds() -> None:
    parameters = explained()
    assert parameters["rds.parameter.statement_timeout"] == "300000"
    assert parameters["rds.parameter.max_wal_size"] == "2048"
    assert parameters["rds.parameter.checkpoint_timeout"] == "900"
    assert parameters["rds.parameter.log_lock_waits"] == "1"
    assert parameters["rds.parameter.rds.logical_replication"] == "1"


def test_what_rds_decides_itself_is_left_out() -> None:
    names = {setting.name for setting in rds_parameters(Spec(), "db.r6g.xlarge")}
    assert names.isdisjoint({"wal_level", "wal_log_hints", "listen_addresses", "ssl", "superuser_reserved_connections"})


@pytest.mark.parametrize("replica", sorted(DATABASE_CLASSES))
def test_no_replica_has_less_than_its_primary_of_what_replay_needs(replica: str) -> None:
    spec = Spec(postgres=PostgresSpec(replica_class=replica))
    primary = {setting.name: setting.value for setting in rds_parameters(spec, spec.postgres.instance_class)}
    standby = {setting.name: setting.value for setting in replica_parameters(spec)}
    assert all(float(standby[name]) >= float(primary[name]) for name in AT_LEAST_AS_PRIMARY)


def test_small_gp3_volumes_tell_the_iops_that_cannot_be_chosen() -> None:
    reasons = {setting.name: setting.reason for setting in explain_aws(Spec())}
    assert reasons["rds.storage"] == "gp3, 3,000 IOPS, 125 MiB/s"


def test_without_read_replicas_none_is_explained() -> None:
    names = explained(Spec(postgres=PostgresSpec(read_replicas=0)))
    assert [name for name in names if name.startswith("replica.")] == ["replica.count"]


def test_every_number_has_a_reason() -> None:
    assert all(setting.reason and setting.value for setting in explain_aws(Spec()))
