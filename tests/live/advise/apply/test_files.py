"""What the command says of files that it can't write, before it looks at any database."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from candlefish.cli.main import add_commands, app
from candlefish.errors import UsageError


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--alembic", "none/a.py"], "there is no folder"),
        (["--after", "x.y"], "names the migration before one"),
        (["--alembic", "a.py", "--django", "b.py", "--after", "x"], "names the migration before one"),
        (["--alembic", "a.py", "--after", "two words"], "is no revision of Alembic"),
        (["--django", "a.py", "--after", "0001_initial"], "is no migration of Django"),
    ],
)
def test_a_file_that_cannot_be_is_named(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    add_commands(("advise", "down"))
    result = CliRunner().invoke(app, ["advise", "postgresql://127.0.0.1:1/nothing", *words])
    assert isinstance(result.exception, UsageError)
    assert said in result.exception.message
    assert result.exception.hint
