from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.plan import Machine, Plan, make_plan
from candlefish.spec import Spec
from candlefish.spec.model import MachineSpec, PgBouncerSpec, PostgresSpec, RedisSpec
from candlefish.spec.postgres_settings import check_setting, in_base_unit

MIB = 1024**2
GIB = 1024**3
LAPTOP = Machine(cores=2, memory_bytes=24 * GIB, open_files_hard=20_000, is_root=True)

machines = st.builds(
    Machine,
    cores=st.integers(1, 192),
    memory_bytes=st.integers(GIB // 4, 2048 * GIB),
    open_files_hard=st.integers(1024, 2**20),
    is_root=st.booleans(),
    system=st.sampled_from(["Linux", "Darwin"]),
)
specs = st.builds(
    Spec,
    postgres=st.builds(
        PostgresSpec,
        nodes=st.integers(1, 9),
        max_connections=st.integers(20, 5000),
        shared_buffers_ratio=st.floats(0.05, 0.4),
    ),
    pgbouncer=st.builds(
        PgBouncerSpec,
        max_client_connections=st.integers(10, 100_000),
        pool_size=st.integers(1, 200),
        max_server_connections=st.integers(1, 1000),
    ),
    redis=st.builds(RedisSpec, nodes=st.integers(1, 6)),
    machine=st.builds(MachineSpec, memory_ratio=st.floats(0.05, 0.9), cores=st.none() | st.integers(1, 64)),
)


def postgres_setting(plan: Plan, name: str) -> str:
    return next(setting.value for setting in plan.postgres.settings if setting.name == name)


def postgres_bytes(plan: Plan, name: str) -> float:
    unit = {"shared_buffers": 8192, "effective_cache_size": 8192}.get(name, 1024)
    return in_base_unit(name, postgres_setting(plan, name)) * unit


@given(specs, machines)
def test_on_any_machine_postgresql_takes_what_is_declared_of_its_share(spec: Spec, machine: Machine) -> None:
    plan = make_plan(spec, machine)
    share = plan.postgres.memory_share_bytes
    assert postgres_bytes(plan, "shared_buffers") == pytest.approx(share * spec.postgres.shared_buffers_ratio, abs=MIB)
    assert postgres_bytes(plan, "effective_cache_size") == pytest.approx(share * 0.75, abs=MIB)
    assert 4 * MIB <= postgres_bytes(plan, "work_mem") <= 64 * MIB


@given(specs, machines)
def test_on_any_machine_every_setting_is_one_that_postgresql_accepts(spec: Spec, machine: Machine) -> None:
    plan = make_plan(spec, machine)
    assert [message for s in plan.postgres.settings if (message := check_setting(s.name, s.value))] == []


@given(specs, machines)
def test_shares_never_exceed_the_tier_unless_they_are_the_least_that_works(spec: Spec, machine: Machine) -> None:
    plan = make_plan(spec, machine)
    total = machine.memory_bytes * spec.machine.memory_ratio
    postgres, redis = plan.postgres.memory_share_bytes, plan.redis.maxmemory_bytes
    if postgres > 256 * MIB and redis > 24 * MIB:
        assert postgres * spec.postgres.nodes + redis * spec.redis.nodes < total
        assert plan.required_memory_bytes < total


@given(specs, machines)
def test_all_pools_of_one_server_fit_into_its_connections(spec: Spec, machine: Machine) -> None:
    pooler = make_plan(spec, machine).pgbouncer
    assert 1 <= pooler.pool_size <= pooler.max_db_connections <= spec.pgbouncer.max_server_connections
    assert 4 * pooler.max_db_connections <= spec.postgres.max_connections


@given(specs, machines)
def test_open_files_stay_below_the_limit_and_hold_every_client(spec: Spec, machine: Machine) -> None:
    plan = make_plan(spec, machine)
    assert plan.open_files <= machine.open_files_hard
    assert 1 <= plan.pgbouncer.max_client_connections <= spec.pgbouncer.max_client_connections
    assert plan.pgbouncer.max_client_connections < plan.open_files


@given(specs, machines)
def test_a_plan_depends_on_nothing_but_spec_and_machine(spec: Spec, machine: Machine) -> None:
    assert make_plan(spec, machine) == make_plan(spec, machine)


@given(specs, machines)
def test_every_number_has_a_reason_and_a_name_of_its_own(spec: Spec, machine: Machine) -> None:
    settings = make_plan(spec, machine).explain()
    assert all(setting.reason and setting.value for setting in settings)
    assert len({setting.name for setting in settings}) == len(settings)


def test_more_memory_never_means_smaller_buffers() -> None:
    sizes = [
        postgres_bytes(make_plan(Spec(), replace(LAPTOP, memory_bytes=gib * GIB)), "shared_buffers")
        for gib in (1, 2, 4, 8, 16, 64, 256)
    ]
    assert sizes == sorted(sizes)


def test_the_declared_defaults_arrive_in_the_plan() -> None:
    plan = make_plan(Spec(), LAPTOP)
    assert [node.host for node in plan.postgres.nodes] == ["127.0.1.1", "127.0.1.2", "127.0.1.3"]
    assert len({node.port for node in plan.postgres.nodes}) == 1
    assert (plan.postgres.max_connections, plan.pgbouncer.max_client_connections) == (500, 10_000)
    assert (plan.pgbouncer.pool_size, plan.pgbouncer.max_db_connections, plan.pgbouncer.port) == (25, 100, 6432)
    assert (len(plan.redis.nodes), len(plan.redis.sentinels), plan.redis.quorum) == (3, 3, 2)
    assert postgres_setting(plan, "statement_timeout") == "5min"


def test_a_light_tier_has_one_node_of_each_and_no_sentinel() -> None:
    plan = make_plan(Spec(light=True), LAPTOP)
    assert (len(plan.postgres.nodes), len(plan.redis.nodes), plan.redis.sentinels) == (1, 1, ())
    assert plan.postgres.synchronous == "off"
    assert plan.redis.sentinel_settings == ()


def test_a_machine_too_small_for_the_tier_shows_in_what_is_required() -> None:
    small = replace(LAPTOP, memory_bytes=GIB // 2)
    plan = make_plan(Spec(), small)
    assert plan.required_memory_bytes > small.memory_bytes * 0.5


def test_declared_cores_and_memory_stand_in_for_those_of_the_machine() -> None:
    spec = Spec(machine=MachineSpec.model_validate({"cores": 1, "memory": "8GB"}))
    found = make_plan(spec, LAPTOP)
    assert found.postgres == make_plan(Spec(), replace(LAPTOP, cores=1, memory_bytes=8 * GIB)).postgres


def test_more_memory_than_the_machine_has_is_not_given_out() -> None:
    spec = Spec(machine=MachineSpec.model_validate({"memory": "900GB"}))
    assert make_plan(spec, LAPTOP).postgres == make_plan(Spec(), LAPTOP).postgres


def test_a_low_limit_of_open_files_lowers_the_clients_and_says_so() -> None:
    plan = make_plan(Spec(), replace(LAPTOP, open_files_hard=4096))
    assert plan.open_files == 4096
    assert plan.pgbouncer.max_client_connections < 4096
    reasons = {setting.name: setting.reason for setting in plan.explain()}
    assert "declared are 10,000, but this machine allows 4,096 open files" in reasons["pgbouncer.max_client_conn"]
    assert "hard limit" in reasons["open_files"]


def test_a_declared_cache_size_is_kept_and_taken_from_the_rest() -> None:
    spec = Spec(redis=RedisSpec.model_validate({"maxmemory": "512MB"}))
    plan = make_plan(spec, LAPTOP)
    assert plan.redis.maxmemory_bytes == 512 * MIB
    assert plan.postgres.memory_share_bytes > make_plan(Spec(), LAPTOP).postgres.memory_share_bytes
