"""The command line of the container, and what it does without any server."""

import subprocess
import sys
from pathlib import Path

import pytest

from candlefish.errors import EngineError
from candlefish.pooler import __main__ as program
from candlefish.pooler.credentials import make_reader
from candlefish.pooler.environment import read_pooler
from candlefish.pooler.files import write_file

ENV = {"DB_HOST": "db.internal", "DB_NAME": "shop", "DB_TLS": "disable", "DB_USERNAME": "app"}


def test_a_mistake_is_one_error_and_the_exit_code_of_its_kind(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DB_HOST", raising=False)
    for command in ("run", "bootstrap", "rotate"):
        assert program.main([command]) == 2
        assert "DB_HOST is not set" in capsys.readouterr().err


def test_health_without_a_pooler_is_false(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RUN_DIR", str(tmp_path))
    assert program.main(["health"]) == 1
    (tmp_path / "access.json").write_text("{")
    assert program.main(["health"]) == 1


def test_the_health_check_starts_light() -> None:
    check = (
        "import sys, runpy; sys.argv = ['x', 'health']\ntry: runpy.run_module('candlefish.pooler', run_name='__main__')"
    )
    code = f"{check}\nexcept SystemExit: print(*{{'boto3', 'botocore', 'asyncpg'}} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"RUN_DIR": "/nowhere"})
    assert done.stdout.splitlines()[1:] == [""], done.stderr


def test_a_file_that_holds_a_secret_loses_its_last_newline_and_is_read_each_time(tmp_path: Path) -> None:
    path = tmp_path / "password"
    path.write_text("first\n")
    read = make_reader(read_pooler(ENV | {"DB_PASSWORD_FILE": str(path)}))
    assert read().current.password == "first"
    path.write_text("second")
    assert read().current.password == "second"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    read = make_reader(read_pooler(ENV | {"DB_PASSWORD_FILE": str(tmp_path / "password")}))
    with pytest.raises(EngineError, match=f"could not read the secret in {tmp_path}"):
        read()


@pytest.mark.parametrize("password", ["two\nlines", "tab\there", "\0"])
def test_a_password_that_pgbouncer_can_not_take_is_refused_and_not_shown(tmp_path: Path, password: str) -> None:
    path = tmp_path / "password"
    path.write_text(password)
    with pytest.raises(EngineError, match="DB_PASSWORD_FILE holds a password") as refused:
        make_reader(read_pooler(ENV | {"DB_PASSWORD_FILE": str(path)}))()
    assert password not in str(refused.value)


def test_monitoring_and_the_application_are_two_users() -> None:
    env = ENV | {"DB_PASSWORD": "a", "MONITOR_PASSWORD": "b", "MONITOR_USERNAME": "app"}
    with pytest.raises(EngineError, match="are both app"):
        make_reader(read_pooler(env))()


def test_without_a_monitoring_user_the_container_has_one_of_its_own() -> None:
    read = make_reader(read_pooler(ENV | {"DB_PASSWORD": "a"}))
    assert read().monitor == read().monitor
    assert read().monitor.username == "candlefish_monitor"
    assert len(read().monitor.password) == 32


def test_certificates_come_from_files_or_variables(tmp_path: Path) -> None:
    (tmp_path / "crt").write_text("CERT\n")
    env = ENV | {"DB_PASSWORD": "a", "TLS_CERTIFICATE_FILE": str(tmp_path / "crt"), "TLS_PRIVATE_KEY": "KEY"}
    certificate = make_reader(read_pooler(env))().certificate
    assert certificate is not None
    assert (certificate.certificate, certificate.key) == ("CERT", "KEY")


def test_a_file_is_replaced_whole_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "users.txt"
    path.write_text("a longer text than the next one")
    path.chmod(0o644)
    write_file(path, "next")
    assert (path.read_text(), oct(path.stat().st_mode & 0o777)) == ("next", "0o600")
    assert [entry.name for entry in tmp_path.iterdir()] == ["users.txt"]
