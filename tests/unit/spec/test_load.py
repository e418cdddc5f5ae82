from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from candlefish.errors import SpecError, UsageError
from candlefish.spec import Spec, load
from candlefish.spec.load import find_problems
from candlefish.spec.model import PostgresSpec, RedisSpec


def test_an_empty_file_is_the_whole_tier(load_text: Callable[..., Spec]) -> None:
    assert load_text("") == Spec()


def test_without_a_file_every_field_has_its_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load() == Spec()


def test_the_file_of_the_working_directory_is_read_without_being_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "candlefish.toml").write_text('name = "here"')
    monkeypatch.chdir(tmp_path)
    assert load().name == "here"


def test_a_named_file_that_is_missing_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file") as caught:
        load(tmp_path / "missing.toml")
    assert caught.value.hint
    assert caught.value.exit_code == 2


def test_a_folder_in_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a directory"):
        load(tmp_path)


def test_bytes_that_are_no_text_are_an_error_with_their_position(tmp_path: Path) -> None:
    file = tmp_path / "candlefish.toml"
    file.write_bytes(b'name = "\xff"')
    with pytest.raises(SpecError) as caught:
        load(file)
    assert caught.value.problems == (f"{file}: byte 8: invalid start byte",)


def test_what_the_command_line_says_wins_over_the_file(load_text: Callable[..., Spec]) -> None:
    spec = load_text('name = "file"\nport_base = 9000', {"name": "line", "port_base": None, "postgres.nodes": 2})
    assert (spec.name, spec.port_base, spec.postgres.nodes) == ("line", 9000, 2)


def test_a_nested_override_leaves_the_rest_of_its_table_alone(load_text: Callable[..., Spec]) -> None:
    spec = load_text("[postgres]\nnodes = 2\nmax_connections = 300", {"postgres": {"nodes": 4}})
    assert (spec.postgres.nodes, spec.postgres.max_connections) == (4, 300)


def test_a_mistake_on_the_command_line_is_reported_as_such(problems_of: Callable[..., tuple[str, ...]]) -> None:
    (problem,) = problems_of("", {"port_base": 50_000})
    assert problem.startswith("command line: port_base: 50000 is not possible")


def test_light_on_the_command_line_wins_over_the_nodes_of_the_file(load_text: Callable[..., Spec]) -> None:
    text = '[postgres]\nnodes = 3\nsynchronous = "strict"\n[redis]\nnodes = 3'
    spec = load_text(text, {"light": True})
    assert (spec.postgres.nodes, spec.redis.nodes) == (1, 1)


def test_light_means_one_node_of_each_engine() -> None:
    spec = Spec(light=True)
    assert (spec.postgres.nodes, spec.redis.nodes) == (1, 1)


def test_a_spec_outlives_the_way_through_json(load_text: Callable[..., Spec]) -> None:
    text = """
        [postgres]
        statement_timeout = "90s"
        slow_query = "1500ms"
        storage_gb = "1TB"
        settings = { work_mem = "8MB", jit = true }
        [redis]
        maxmemory = "300MB"
        [machine]
        memory = "8GB"
    """
    spec = load_text(text)
    assert Spec.model_validate(spec.model_dump(mode="json")) == spec


def test_durations_and_sizes_take_units(load_text: Callable[..., Spec]) -> None:
    spec = load_text('[postgres]\nstatement_timeout = "5min"\nstorage_gb = "2TB"\n[redis]\nmaxmemory = "1.5GB"')
    assert spec.postgres.statement_timeout == 300.0
    assert spec.postgres.storage_gb == 2048
    assert spec.redis.maxmemory == 1536 * 1024**2


def test_every_problem_is_reported_at_once_in_the_order_of_the_lines(
    problems_of: Callable[..., tuple[str, ...]],
) -> None:
    text = """\
name = "Bad Name"
lite = true

[postgres]
nodes = 0
stroage_gb = 100
statement_timeout = 300
storage_gb = "19GB"

[pgbouncer]
pool_size = 200
max_server_connections = 100

[postgres.settings]
work_memm = "4MB"

[redis]
maxmemory_policy = "lru"
"""
    problems = problems_of(text)
    assert [problem.split(" ")[0:2] for problem in problems] == [
        ["candlefish.toml:1:", "name:"],
        ["candlefish.toml:2:", "lite:"],
        ["candlefish.toml:5:", "postgres.nodes:"],
        ["candlefish.toml:6:", "postgres.stroage_gb:"],
        ["candlefish.toml:7:", "postgres.statement_timeout:"],
        ["candlefish.toml:8:", "postgres.storage_gb:"],
        ["candlefish.toml:11:", "pgbouncer.pool_size:"],
        ["candlefish.toml:15:", "postgres.settings.work_memm:"],
        ["candlefish.toml:18:", "redis.maxmemory_policy:"],
    ]


def test_a_contradiction_with_a_key_that_is_wrong_itself_is_not_reported_too(
    problems_of: Callable[..., tuple[str, ...]],
) -> None:
    assert len(problems_of('[pgbouncer]\npool_size = 200\nmax_server_connections = "many"')) == 1


def test_the_message_counts_the_problems_and_the_detail_lists_them(load_text: Callable[..., Spec]) -> None:
    with pytest.raises(SpecError, match=r"^2 problems in ") as caught:
        load_text("a = 1\nb = 2")
    assert caught.value.detail.count("unknown key") == 2


def test_a_dotted_setting_needs_no_quotes(load_text: Callable[..., Spec]) -> None:
    text = '[postgres.settings]\npg_stat_statements.max = 500\n"cron.max_running_jobs" = 3'
    assert load_text(text).postgres.settings == {"pg_stat_statements.max": 500, "cron.max_running_jobs": 3}


def test_a_wrong_dotted_setting_is_found_in_its_line(problems_of: Callable[..., tuple[str, ...]]) -> None:
    (problem,) = problems_of("[postgres.settings]\njit = true\npg_stat_statements.max = 5")
    assert problem == "candlefish.toml:3: postgres.settings.pg_stat_statements.max: 5 is too small: at least 100"


KEYS = st.sampled_from(
    [*Spec.model_fields, *PostgresSpec.model_fields, *RedisSpec.model_fields, "settings", "x", "a.b"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text("ab1. ") | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
)


@given(st.dictionaries(KEYS, VALUES, max_size=8))
def test_whatever_stands_in_a_file_is_told_as_problems(data: dict[str, Any]) -> None:
    problems = find_problems(data)
    assert all(problem.message and problem.key for problem in problems)
    if not problems:
        assert Spec.model_validate(data).name


SYNTAX = {
    "a value without quotes": ("name = candlefish", 1, "invalid value"),
    "a key without a value": ("\nname =", 2, "invalid value"),
    "a table that is not closed": ('name = "a"\n[postgres', 2, "expected ']'"),
    "a key twice": ("[postgres]\nnodes = 1\nnodes = 2", 3, "cannot overwrite a value"),
    "a table twice": ("[redis]\nnodes = 1\n[redis]\nnodes = 2", 3, "cannot declare"),
    "an unclosed text": ('name = "candlefish', 1, "illegal character|unterminated string"),
}


@pytest.mark.parametrize(("text", "line", "message"), SYNTAX.values(), ids=SYNTAX.keys())
def test_text_that_is_no_toml_is_reported_with_its_line(
    problems_of: Callable[..., tuple[str, ...]], text: str, line: int, message: str
) -> None:
    (problem,) = problems_of(text)
    place, what = problem.split(": ", 1)
    assert place == f"candlefish.toml:{line}"
    assert any(part in what for part in message.split("|"))
