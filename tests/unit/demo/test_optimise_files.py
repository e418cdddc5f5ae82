import re

import pytest

from candlefish.demo.operations import WEIGHTS
from candlefish.demo.optimise import PARTS, SINGLE_FILE, connection_environment, render_single_file, script_paths
from candlefish.demo.scripts import read_script

PURPOSE = re.compile(r"'([A-Za-z ]+); serves ([a-z_, ]+?)(?:, and the concurrent refresh)?'")


def test_the_single_file_holds_all_numbered_ones() -> None:
    # after a change to one of them: python -c "from candlefish.demo.optimise import *; write_single_file()"
    assert read_script(SINGLE_FILE) == render_single_file()


def test_every_file_belongs_to_a_part() -> None:
    used = {path.name for path in script_paths()}
    assert used == {"00-settings.sql", "90-finish.sql", *(name for names in PARTS.values() for name in names)}


def test_a_part_alone_is_framed_by_settings_and_finish() -> None:
    names = [path.name for path in script_paths(["indexes"])]
    assert names == ["00-settings.sql", "10-indexes.sql", "30-series-indexes.sql", "90-finish.sql"]


def test_every_index_names_its_kind_and_operations_that_exist() -> None:
    purposes = PURPOSE.findall(read_script(SINGLE_FILE))
    assert len(purposes) >= 30
    assert {kind for kind, _ in purposes} >= {"foreign key", "composite", "BRIN", "GIN", "partial"}
    for _, served in purposes:
        assert set(served.split(", ")) <= set(WEIGHTS)


@pytest.mark.parametrize("name", ["10-indexes.sql", "20-partitions.sql", "30-series-indexes.sql"])
def test_no_index_of_a_table_in_use_is_built_under_a_lock_that_stops_writes(name: str) -> None:
    text = read_script(f"optimise/{name}")
    allowed = ("create index concurrently", "create index if not exists %I on only", "create index %I on %I %s")
    for statement in re.findall(r"create (?:unique )?index[^;]*", text):
        assert statement.startswith(allowed), statement


def test_a_url_becomes_environment_variables_with_its_escapes_undone() -> None:
    assert connection_environment("postgresql://me:p%40ss@127.0.1.1:7410/candle%20fish") == {
        "PGHOST": "127.0.1.1",
        "PGPORT": "7410",
        "PGUSER": "me",
        "PGPASSWORD": "p@ss",
        "PGDATABASE": "candle fish",
    }


def test_a_url_of_several_servers_keeps_them_all_and_whom_to_look_for() -> None:
    found = connection_environment("postgresql://me@127.0.1.1:7410,127.0.1.2:7410/app?target_session_attrs=read-write")
    assert found["PGHOST"] == "127.0.1.1,127.0.1.2"
    assert found["PGPORT"] == "7410,7410"
    assert found["PGTARGETSESSIONATTRS"] == "read-write"
