import configparser

import pytest

from candlefish.plan import Machine, make_plan
from candlefish.plan.model import Address
from candlefish.plan.pgbouncer import Files, Routes, render_ini
from candlefish.spec import Spec
from candlefish.spec.model import PgBouncerSpec

PRIMARY, SECOND, THIRD = Address("127.0.1.1", 7410), Address("127.0.1.2", 7410), Address("127.0.1.3", 7410)
WHOLE = Routes(PRIMARY, (SECOND, THIRD), (SECOND, THIRD))
FILES = Files("/etc/users.txt", "/run/pgbouncer.pid", "/run/tier")
OLD, NEW = (1, 18), (1, 24, 1)


def parsed(
    routes: Routes = WHOLE,
    databases: tuple[str, ...] = ("shop",),
    version: tuple[int, ...] = NEW,
    spec: Spec | None = None,
) -> configparser.ConfigParser:
    plan = make_plan(spec or Spec(), Machine(2, 8 << 30, 20_000, True)).pgbouncer
    ini = configparser.ConfigParser(interpolation=None)
    ini.read_string(render_ini(plan, routes, databases, files=FILES, version=version))
    return ini


def entry(ini: configparser.ConfigParser, name: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in ini["databases"][name].split())


def test_writes_go_to_the_primary_and_reads_to_the_replicas() -> None:
    ini = parsed()
    assert entry(ini, "shop_main")["host"] == "127.0.1.1"
    assert entry(ini, "shop_session")["host"] == "127.0.1.1"
    assert entry(ini, "shop_read")["host"] == "127.0.1.2,127.0.1.3"
    assert [entry(ini, f"shop_read_{number}")["host"] for number in (1, 2)] == ["127.0.1.2", "127.0.1.3"]
    assert entry(ini, "shop_analytics")["host"] == "127.0.1.3"


def test_each_endpoint_has_the_pool_mode_that_is_promised() -> None:
    ini = parsed()
    modes = {name: entry(ini, name)["pool_mode"] for name in ini["databases"]}
    assert modes == {
        "shop_main": "transaction", "shop_read": "transaction", "shop_read_1": "transaction",
        "shop_read_2": "transaction", "shop_session": "session", "shop_analytics": "statement",
    }  # fmt: skip


def test_a_replica_out_of_rotation_leaves_the_shared_endpoint_and_keeps_its_own() -> None:
    ini = parsed(Routes(PRIMARY, (SECOND, THIRD), (THIRD,)))
    assert entry(ini, "shop_read")["host"] == "127.0.1.3"
    assert entry(ini, "shop_read_1")["host"] == "127.0.1.2"


def test_without_a_replica_reads_go_to_the_primary() -> None:
    ini = parsed(Routes(PRIMARY, (None, None), ()))
    assert {entry(ini, name)["host"] for name in ini["databases"]} == {"127.0.1.1"}


def test_a_tier_of_one_node_has_the_same_names() -> None:
    names = set(parsed(Routes(PRIMARY, (), ()))["databases"])
    assert names == {"shop_main", "shop_read", "shop_read_1", "shop_session", "shop_analytics"}


def test_every_database_gets_endpoints_of_its_own() -> None:
    ini = parsed(databases=("shop", "pagila"))
    assert entry(ini, "pagila_read")["dbname"] == "pagila"
    assert len(ini["databases"]) == 12


def test_servers_with_different_ports_are_refused_because_only_the_first_port_would_be_used() -> None:
    with pytest.raises(ValueError, match="different ports"):
        parsed(Routes(PRIMARY, (SECOND,), (SECOND, Address("127.0.1.3", 7411))))


def test_prepared_statements_are_kept_where_the_pooler_can() -> None:
    assert parsed(version=NEW)["pgbouncer"]["max_prepared_statements"] == "200"
    assert parsed(version=(1, 21, 0))["pgbouncer"]["max_prepared_statements"] == "200"
    assert "max_prepared_statements" not in parsed(version=OLD)["pgbouncer"]


def test_only_connections_to_replicas_are_short_lived_where_the_pooler_can() -> None:
    ini = parsed(version=NEW)
    short = {name for name in ini["databases"] if "server_lifetime" in entry(ini, name)}
    assert short == {"shop_read", "shop_analytics"}
    assert "server_lifetime" not in ini["pgbouncer"]


def test_an_old_pooler_gets_the_short_life_for_all_and_no_word_it_does_not_know() -> None:
    ini = parsed(version=OLD)
    assert int(ini["pgbouncer"]["server_lifetime"]) < 60
    assert not any("server_lifetime" in entry(ini, name) for name in ini["databases"])


def test_paths_and_limits_are_written() -> None:
    pooler = parsed()["pgbouncer"]
    assert (pooler["auth_file"], pooler["pidfile"]) == ("/etc/users.txt", "/run/pgbouncer.pid")
    assert pooler["unix_socket_dir"] == "/run/tier"
    assert (pooler["max_client_conn"], pooler["default_pool_size"]) == ("10000", "25")
    assert pooler["max_db_connections"] == "100"
    assert pooler["auth_type"] == "scram-sha-256"
    assert pooler["listen_addr"] == "127.0.0.1"


def test_the_console_and_the_statistics_have_different_users() -> None:
    pooler = parsed()["pgbouncer"]
    assert pooler["admin_users"] != pooler["stats_users"]


def test_a_fraction_of_a_second_is_not_cut_to_no_limit() -> None:
    spec = Spec(pgbouncer=PgBouncerSpec.model_validate({"query_wait_timeout": "1500ms"}))
    assert parsed(spec=spec)["pgbouncer"]["query_wait_timeout"] == "1.5"
