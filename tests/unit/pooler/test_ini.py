import configparser
from pathlib import Path

import pytest

from candlefish.plan.pgbouncer import FIXED
from candlefish.pooler.environment import read_pooler
from candlefish.pooler.ini import count_open_files, merge_settings, render

ENV = {
    "DB_HOST": "db.internal", "DB_NAME": "shop", "DB_TLS": "disable", "DB_USERNAME": "app", "DB_PASSWORD": "secretWord",
    "DB_READ_HOSTS": "one.internal,two.internal",
}  # fmt: skip


def parsed(*, leaving: bool = False, user: str = "app", **env: str) -> configparser.ConfigParser:
    ini = configparser.ConfigParser(interpolation=None)
    text = render(
        read_pooler(ENV | env), version=(1, 26), server_user=user, monitor="watcher",
        certificate=(Path("/run/tls.crt"), Path("/run/tls.key")), leaving=leaving,
    )  # fmt: skip
    assert "secretWord" not in text
    ini.read_string(text)
    return ini


def entry(ini: configparser.ConfigParser, name: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in ini["databases"][name].split())


def test_the_endpoints_are_those_of_the_local_tier() -> None:
    assert set(parsed()["databases"]) == {
        "shop_main", "shop_read", "shop_read_1", "shop_read_2", "shop_session", "shop_analytics",
    }  # fmt: skip
    assert entry(parsed(), "shop_read")["host"] == "one.internal,two.internal"
    assert set(parsed(DB_READ_HOSTS="")["databases"]) == {
        "shop_main", "shop_read", "shop_read_1", "shop_session", "shop_analytics",
    }  # fmt: skip


def test_every_endpoint_logs_in_as_the_current_user() -> None:
    ini = parsed(user="app_2")
    assert {entry(ini, name)["user"] for name in ini["databases"]} == {"app_2"}


def test_both_sides_are_encrypted_and_nobody_may_touch_the_console(tmp_path: Path) -> None:
    authorities = tmp_path / "ca.pem"
    authorities.touch()
    pooler = parsed(DB_TLS="verify-full", DB_CA_FILE=str(authorities))["pgbouncer"]
    assert (pooler["client_tls_sslmode"], pooler["client_tls_key_file"]) == ("require", "/run/tls.key")
    assert (pooler["server_tls_sslmode"], pooler["server_tls_ca_file"]) == ("verify-full", str(authorities))
    assert (pooler["admin_users"], pooler["stats_users"], pooler["auth_type"]) == ("", "watcher", "scram-sha-256")


def test_what_is_given_stands_over_the_plan_and_what_the_container_knows_over_both() -> None:
    given = '{"default_pool_size": "7", "query_timeout": "9", "listen_addr": "10.0.0.1", "auth_type": "any"}'
    pooler = parsed(PGBOUNCER_SETTINGS=given)["pgbouncer"]
    assert (pooler["default_pool_size"], pooler["query_timeout"]) == ("7", "9")
    assert (pooler["listen_addr"], pooler["auth_type"]) == ("0.0.0.0", "scram-sha-256")
    assert pooler["max_prepared_statements"] == "200"


def test_only_a_pooler_that_leaves_sends_idle_clients_away() -> None:
    assert "client_idle_timeout" not in parsed()["pgbouncer"]
    assert parsed(leaving=True)["pgbouncer"]["client_idle_timeout"] == "5"


def test_every_fixed_setting_of_the_plan_is_there() -> None:
    assert {setting.name for setting in FIXED} <= set(merge_settings(read_pooler(ENV)))


def test_open_files_are_counted_for_every_client_and_every_server_connection() -> None:
    given = '{"max_client_conn": "1000", "max_db_connections": "10"}'
    assert count_open_files(read_pooler(ENV | {"PGBOUNCER_SETTINGS": given})) == 1000 + 6 * 10 + 100


@pytest.mark.parametrize("leaving", [False, True])
def test_the_same_text_comes_for_the_same_environment(leaving: bool) -> None:
    assert parsed(leaving=leaving) == parsed(leaving=leaving)
