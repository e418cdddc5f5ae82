import json
from pathlib import Path

import pytest

from candlefish.errors import UsageError
from candlefish.pooler.bootstrap import read_roles
from candlefish.pooler.environment import (
    ANSWER_S,
    CLOSE_S,
    KILL_S,
    LONGEST_DRAIN_S,
    STOP_TIMEOUT_S,
    PoolerEnvironment,
    read_pooler,
)
from candlefish.pooler.rotate import read_rotation

LEAST = {
    "DB_HOST": "db.internal", "DB_NAME": "shop", "DB_TLS": "disable", "DB_USERNAME": "candlefish_app",
    "DB_PASSWORD": "secretWord",
}  # fmt: skip


def read(**env: str) -> PoolerEnvironment:
    return read_pooler(LEAST | env)


def problems(**env: str) -> str:
    with pytest.raises(UsageError) as wrong:
        read(**env)
    return wrong.value.detail


def test_what_is_not_set_has_the_documented_default() -> None:
    found = read()
    assert (found.server.port, found.port, found.listen) == (5432, 6432, "0.0.0.0")
    assert (found.drain_s, found.secret_poll_s, found.metrics_s) == (100, 60, 60)
    assert (found.folder, found.tier, found.monitor) == (Path("/run/candlefish"), "candlefish", None)


def test_the_database_is_verified_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    authorities = tmp_path / "ca.pem"
    assert f"DB_CA_FILE is {authorities}" in problems(DB_TLS="", DB_CA_FILE=str(authorities))
    authorities.write_text("")
    assert read(DB_TLS="", DB_CA_FILE=str(authorities)).server.tls == "verify-full"


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(UsageError) as wrong:
        read_pooler({"DB_PORT": "many", "DRAIN_S": "-1", "DB_TLS": "maybe", "PGBOUNCER_SETTINGS": "[]"})
    for name in ("DB_HOST", "DB_NAME", "DB_PORT", "DB_USERNAME", "DB_PASSWORD", "DRAIN_S", "DB_TLS", "PGBOUNCER_SET"):
        assert name in wrong.value.detail


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_HOST", "db host"), ("DB_HOST", "db\npool_mode=session"), ("DB_READ_HOSTS", "a.internal,b c"),
        ("DB_NAME", "Shop"), ("DB_NAME", "shop_main"), ("DB_NAME", "pgbouncer"), ("DB_USERNAME", "app;drop"),
        ("DB_PORT", "0"), ("DB_PORT", "70000"), ("DRAIN_S", "102"), ("LISTEN_PORT", "x"), ("SECRET_POLL_S", "0"),
        ("PGBOUNCER_SETTINGS", "{"), ("PGBOUNCER_SETTINGS", '{"a b": "1"}'), ("PGBOUNCER_SETTINGS", '{"a": [1]}'),
        ("PGBOUNCER_SETTINGS", json.dumps({"a": "1\nauth_type = any"})),
    ],
)  # fmt: skip
def test_a_wrong_value_is_named_with_its_variable(name: str, value: str) -> None:
    assert name in problems(**{name: value})


def test_no_password_is_shown_in_an_error_or_in_what_was_read() -> None:
    assert "secretWord" not in problems(DB_PORT="0")
    assert "secretWord" not in repr(read())


def test_settings_are_text_for_the_ini() -> None:
    found = read(PGBOUNCER_SETTINGS='{"default_pool_size": 7, "so_reuseport": true, "server_check_query": "select 1"}')
    assert found.settings == {"default_pool_size": "7", "so_reuseport": "1", "server_check_query": "select 1"}


def test_the_port_is_that_of_the_settings_unless_it_is_set_itself() -> None:
    assert read(PGBOUNCER_SETTINGS='{"listen_port": "7432"}').port == 7432
    assert read(PGBOUNCER_SETTINGS='{"listen_port": "7432"}', LISTEN_PORT="7433").port == 7433


def test_a_certificate_without_its_key_is_refused() -> None:
    assert "go together" in problems(TLS_CERTIFICATE="PEM")
    assert "go together" in problems(TLS_PRIVATE_KEY_FILE="/run/secrets/key")
    certificate = read(TLS_CERTIFICATE_FILE="/a", TLS_PRIVATE_KEY_FILE="/b").certificate
    assert certificate is not None
    assert certificate.key_file == "/b"


def test_a_named_secret_needs_no_user_and_no_password() -> None:
    found = read_pooler(
        {
            "DB_HOST": "h",
            "DB_NAME": "shop",
            "DB_TLS": "disable",
            "AWS_SECRET_NAME": "x/app",
            "AWS_TLS_SECRET_NAME": "x/tls",
        }
    )
    assert (found.app.secret, found.app.shown) == ("x/app", "the secret x/app")
    assert found.certificate is not None
    assert found.certificate.secret == "x/tls"


def test_read_hosts_are_a_list() -> None:
    assert read(DB_READ_HOSTS="a.internal, b.internal,").server.read_hosts == ("a.internal", "b.internal")


def test_the_longest_stop_ends_before_ecs_kills() -> None:
    assert LONGEST_DRAIN_S >= 100
    assert LONGEST_DRAIN_S + ANSWER_S + CLOSE_S + 2 * KILL_S < STOP_TIMEOUT_S


def test_bootstrap_needs_the_administrator_and_both_users() -> None:
    with pytest.raises(UsageError) as wrong:
        read_roles({"DB_HOST": "h", "DB_NAME": "shop", "DB_TLS": "disable"})
    for name in ("AWS_ADMIN_SECRET_NAME", "AWS_SECRET_NAME", "AWS_MONITOR_SECRET_NAME"):
        assert name in wrong.value.detail


def test_a_rotation_needs_secrets_of_aws_and_both_names_of_the_cache() -> None:
    with pytest.raises(UsageError) as wrong:
        read_rotation(LEAST | {"REDIS_REPLICATION_GROUP_ID": "harbour"})
    for name in ("AWS_ADMIN_SECRET_NAME", "AWS_SECRET_NAME", "AWS_REDIS_SECRET_NAME"):
        assert name in wrong.value.detail
