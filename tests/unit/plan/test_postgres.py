import pytest

from candlefish.plan.postgres import NodeSize, size_settings
from candlefish.spec import Spec
from candlefish.spec.model import PostgresSpec

GIB = 1024**3


def sized(spec: Spec | None = None, *, cores: int = 4, memory_gib: float = 4, system: str = "Linux") -> dict[str, str]:
    size = NodeSize(int(memory_gib * GIB), cores, 50, system)
    return {setting.name: setting.value for setting in size_settings(spec or Spec(), size)}


def test_buffers_are_a_quarter_and_the_cache_hint_three_quarters_of_the_share() -> None:
    settings = sized(memory_gib=4)
    assert (settings["shared_buffers"], settings["effective_cache_size"]) == ("1024MB", "3072MB")


def test_changes_can_be_streamed_from_the_first_start() -> None:
    settings = sized()
    assert settings["wal_level"] == "logical"
    assert int(settings["max_wal_senders"]) >= 10
    assert int(settings["max_replication_slots"]) >= int(settings["max_wal_senders"])


def test_schedules_and_statement_statistics_are_preloaded() -> None:
    settings = sized(Spec(database="shop"))
    assert settings["shared_preload_libraries"] == "pg_stat_statements,pg_cron"
    assert settings["cron.database_name"] == "shop"
    assert settings["cron.use_background_workers"] == "on"


@pytest.mark.parametrize(("cores", "per_query"), [(1, "1"), (2, "1"), (4, "2"), (16, "4"), (64, "4")])
def test_one_query_gets_half_of_the_cores_and_no_more_than_four(cores: int, per_query: str) -> None:
    assert sized(cores=cores)["max_parallel_workers_per_gather"] == per_query


def test_background_workers_are_enough_for_parallel_query_and_schedules() -> None:
    settings = sized(cores=8)
    assert int(settings["max_worker_processes"]) == int(settings["max_parallel_workers"]) + 6


def test_a_kernel_without_prefetch_gets_none_because_postgresql_would_not_start() -> None:
    assert (sized(system="Linux")["effective_io_concurrency"], sized(system="Darwin")["effective_io_concurrency"]) == (
        "200",
        "0",
    )


@pytest.mark.parametrize(
    ("declared", "written"), [("5min", "5min"), ("90s", "90s"), ("1500ms", "1500ms"), ("0s", "0ms"), ("2h", "120min")]
)
def test_a_declared_duration_is_written_as_postgresql_reads_it(declared: str, written: str) -> None:
    spec = Spec(postgres=PostgresSpec.model_validate({"statement_timeout": declared, "slow_query": "0s"}))
    assert sized(spec)["statement_timeout"] == written


def test_a_setting_of_the_spec_replaces_ours_and_says_where_it_comes_from() -> None:
    spec = Spec(postgres=PostgresSpec(settings={"work_mem": "99MB", "jit": True, "vacuum_cost_delay": 2}))
    found = {setting.name: setting for setting in size_settings(spec, NodeSize(GIB, 2, 50))}
    assert (found["work_mem"].value, found["jit"].value, found["vacuum_cost_delay"].value) == ("99MB", "on", "2")
    assert found["work_mem"].reason == "declared in [postgres.settings]"
