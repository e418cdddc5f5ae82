"""psql works against every endpoint."""

from collections.abc import Callable

import pytest

from candlefish.endpoints import Endpoints

pytestmark = pytest.mark.live

Run = Callable[..., str]


def test_psql_reads_through_every_endpoint(run: Run, poolers: dict[str, str]) -> None:
    answers = {name: run("psql", "-XAt", url, "-c", "select pg_is_in_recovery()") for name, url in poolers.items()}
    primary = [name for name, answer in answers.items() if answer == "f\n"]
    assert primary == ["main", "session"]


def test_psql_runs_a_script_with_a_transaction_and_copy_through_main(run: Run, database: Endpoints) -> None:
    script = "begin;\ncreate table t (id int, word text);\ncopy t from stdin;\n1\tone\n2\ttwo\n\\.\ncommit;\n\\d t\n"
    run("psql", "-X", "-v", "ON_ERROR_STOP=1", database.main_url, input=script)
    assert run("psql", "-XAt", database.main_url, "-c", "copy t to stdout") == "1\tone\n2\ttwo\n"


def test_what_outlives_a_transaction_needs_the_session_endpoint(run: Run, database: Endpoints) -> None:
    script = "create temporary table t as select 7 id;\nset application_name = 'kept';\nlisten news;\n"
    asked = "select id from t;\nshow application_name;\nnotify news, 'heard';\n"
    seen = run("psql", "-XAt", "-v", "ON_ERROR_STOP=1", database.session_url, input=script + asked)
    assert "7\nkept\n" in seen
    assert "heard" in seen


def test_a_replica_refuses_to_write(run: Run, database: Endpoints) -> None:
    seen = run("psql", "-X", database.read_url, "-c", "create table t ()", check=False)
    assert "read-only transaction" in seen


def test_statement_pooling_forbids_a_transaction_of_several_statements(run: Run, database: Endpoints) -> None:
    seen = run("psql", "-X", database.analytics_url, input="begin;\nselect 1;\ncommit;\n", check=False)
    assert "transaction blocks not allowed in statement pooling mode" in seen
