import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from candlefish.errors import UsageError
from candlefish.plan.aws.explain import explain_aws
from candlefish.plan.aws.pooler import (
    FARGATE_OPEN_FILES,
    NLB_IDLE_S,
    Pooler,
    connections_alert,
    databases_on_servers,
    make_pooler,
)
from candlefish.plan.aws.rotation import schedule_rotation
from candlefish.plan.aws.scaling import scale_pooler
from candlefish.plan.model import Address, PgBouncerPlan
from candlefish.plan.objectives import find_objective
from candlefish.plan.pgbouncer import FIXED, Files, Routes, render_ini
from candlefish.spec import Spec
from candlefish.spec.limits import RESERVED_CONNECTIONS
from candlefish.spec.model import PgBouncerSpec, PostgresSpec
from candlefish.spec.model_aws import AwsSpec

specs = st.builds(
    lambda connections, replicas, tasks, more, servers, pool, clients: Spec(
        postgres=PostgresSpec(max_connections=connections, read_replicas=replicas),
        pgbouncer=PgBouncerSpec(max_server_connections=servers, pool_size=pool, max_client_connections=clients),
        aws=AwsSpec(pooler_tasks=tasks, pooler_max_tasks=tasks + more),
    ),
    connections=st.integers(20, 5000),
    replicas=st.integers(0, 15),
    tasks=st.integers(1, 20),
    more=st.integers(0, 20),
    servers=st.integers(1, 1000),
    pool=st.integers(1, 200),
    clients=st.integers(10, 100_000),
)


def buildable(spec: Spec) -> Pooler:
    try:
        return make_pooler(spec)
    except UsageError:
        assume(False)
        raise


def settings(spec: Spec | None = None) -> dict[str, str]:
    return {setting.name: setting.value for setting in make_pooler(spec or Spec()).settings}


@given(specs)
def test_all_tasks_of_a_deployment_at_full_autoscaling_never_reach_the_alarm_of_a_server(spec: Spec) -> None:
    pooler = buildable(spec)
    alert = connections_alert(spec)
    assert pooler.most_on_primary + RESERVED_CONNECTIONS <= alert
    assert pooler.most_on_replica + RESERVED_CONNECTIONS <= alert
    assert alert < spec.postgres.max_connections


@given(specs)
def test_no_database_has_more_server_connections_than_are_promised_and_declared(spec: Spec) -> None:
    pooler = buildable(spec)
    promised = find_objective("server_connections").target
    assert promised is not None
    assert pooler.most_on_database <= min(promised, spec.pgbouncer.max_server_connections)
    assert pooler.most_tasks == 2 * spec.aws.pooler_max_tasks
    assert pooler.most_on_database == pooler.most_tasks * pooler.max_db_connections


@given(specs)
def test_every_task_has_a_pool_that_fits_and_files_for_it(spec: Spec) -> None:
    pooler = buildable(spec)
    assert 1 <= pooler.pool_size <= pooler.max_db_connections
    given_settings = {setting.name: int(setting.value) for setting in pooler.settings if setting.value.isdigit()}
    assert given_settings["min_pool_size"] <= given_settings["default_pool_size"] == pooler.pool_size
    assert given_settings["max_client_conn"] < pooler.open_files <= FARGATE_OPEN_FILES


@given(specs)
def test_the_primary_counts_reads_too_where_there_is_no_replica(spec: Spec) -> None:
    primary, replica = databases_on_servers(spec)
    assert (primary, replica) == ((2, 3) if spec.postgres.read_replicas else (5, 0))


def test_the_default_tier_has_room_below_every_limit() -> None:
    pooler = make_pooler(Spec())
    assert (pooler.tasks, pooler.most_tasks, pooler.pool_size, pooler.max_db_connections) == (2, 8, 12, 12)
    assert (pooler.most_on_database, pooler.most_on_primary, pooler.most_on_replica) == (96, 192, 288)


def test_what_is_counted_are_the_databases_that_the_ini_leads_to_one_server() -> None:
    plan = PgBouncerPlan("0.0.0.0", 6432, make_pooler(Spec()).settings, 12, 12, 10_000)
    primary, replica = Address("primary", 5432), Address("replica", 5432)
    for spec, routes in (
        (Spec(postgres=PostgresSpec(read_replicas=1)), Routes(primary, (replica,), (replica,))),
        (Spec(postgres=PostgresSpec(read_replicas=0)), Routes(primary, (), ())),
    ):
        text = render_ini(plan, routes, ["shop"], files=Files("u", "p", "s"), version=(1, 25))
        lines = [line for line in text.splitlines() if line.startswith("shop_")]
        counted = tuple(sum(f"host={host} " in line for line in lines) for host in ("primary", "replica"))
        assert counted == databases_on_servers(spec)


def test_a_server_too_small_for_all_tasks_is_an_error_that_names_both() -> None:
    spec = Spec(postgres=PostgresSpec(max_connections=20))
    with pytest.raises(UsageError, match=r"8 tasks .* can't share 1 server connections") as caught:
        make_pooler(spec)
    assert "4 tasks are 8 during a deployment" in caught.value.detail
    assert [setting.value for setting in explain_aws(spec)] == ["not possible"]


def test_what_does_not_fit_is_said_in_the_reason() -> None:
    spec = Spec(pgbouncer=PgBouncerSpec(pool_size=50, max_server_connections=120))
    reasons = {setting.name: setting.reason for setting in make_pooler(spec).settings}
    assert reasons["default_pool_size"].startswith("50 over 2 tasks would be 25, but only 12 fit")
    assert "120 are declared, 100 are promised" in reasons["max_db_connections"]


def test_an_alert_of_a_small_server_is_the_same_part_of_its_connections() -> None:
    assert connections_alert(Spec()) == 400
    assert connections_alert(Spec(postgres=PostgresSpec(max_connections=100))) == 80
    assert connections_alert(Spec(postgres=PostgresSpec(max_connections=2000))) == 400


def test_everything_that_holds_here_holds_on_aws_but_for_what_its_network_wants() -> None:
    aws = settings()
    changed = {setting.name for setting in FIXED if aws[setting.name] != setting.value}
    assert changed == {"dns_max_ttl"}
    assert aws["listen_addr"] == "0.0.0.0"


def test_silent_clients_are_asked_before_the_load_balancer_forgets_them() -> None:
    aws = settings()
    asked = int(aws["tcp_keepidle"]) + int(aws["tcp_keepintvl"]) * int(aws["tcp_keepcnt"])
    assert aws["tcp_keepalive"] == "1"
    assert asked < NLB_IDLE_S


def test_one_of_two_tasks_can_take_over_the_clients_of_both() -> None:
    scaling = scale_pooler(Spec())
    assert scaling.clients * 2 == int(settings()["max_client_conn"])
    assert scaling.cpu_percent * 2 == 100


@given(st.integers(1, 365))
def test_a_rotation_never_comes_with_the_first_apply_and_as_often_as_declared(days: int) -> None:
    expression, _ = schedule_rotation(Spec(aws=AwsSpec(rotation_days=days)))
    _, hour, day, month, weekday, year = expression.removeprefix("cron(").removesuffix(")").split()
    assert (hour, weekday, year) == ("9", "?", "*")
    if month == "*":
        assert day == f"1/{days}"
    else:
        step = int(month.removeprefix("1/"))
        assert day == "1"
        assert 12 % step == 0
        assert step * 30 <= days


def test_a_quarter_is_every_third_month() -> None:
    assert schedule_rotation(Spec())[0] == "cron(0 9 1 1/3 ? *)"
