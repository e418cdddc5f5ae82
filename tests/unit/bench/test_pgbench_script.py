from pathlib import Path

import pytest

from candlefish.bench.pgbench import parse_script
from candlefish.errors import UsageError


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "read@home.sql"
    path.write_text("\\set id random(1, 10)\nselect * from users where id = :id;\n")
    return path


def test_a_script_has_the_weight_behind_the_last_at(script: Path) -> None:
    assert (parse_script(f"{script}@9").path, parse_script(f"{script}@9").weight) == (script, 9)


def test_a_script_without_a_weight_has_weight_one(script: Path) -> None:
    assert (parse_script(str(script)).path, parse_script(str(script)).weight) == (script, 1)


@pytest.mark.parametrize("text", ["no-such.sql", "no-such.sql@3", "@", ""])
def test_a_script_that_does_not_exist_is_refused_by_name(text: str) -> None:
    with pytest.raises(UsageError, match="there is no script"):
        parse_script(text)


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("select 1;", "read"),
        ("begin;\n  UPDATE t SET v = 1;\ncommit;", "write"),
        ("select 'insert into';", "read"),
        ("copy t from stdin;", "write"),
    ],
)
def test_a_script_that_changes_data_is_a_write(tmp_path: Path, sql: str, kind: str) -> None:
    path = tmp_path / "script.sql"
    path.write_text(sql)
    assert parse_script(str(path)).kind == kind
