"""What `terraform output -json` printed becomes the endpoints, or an error that names the output."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from candlefish import process
from candlefish.aws.endpoints import Authorities, Login, Secrets, make_endpoints
from candlefish.aws.outputs import TierOutputs, fetch_outputs, parse_outputs
from candlefish.client.redis.address import parse_redis_url
from candlefish.endpoints import Endpoints
from candlefish.engines.secrets import Secrets as LocalSecrets
from candlefish.engines.state import State
from candlefish.engines.tier import Tier
from candlefish.engines.urls import make_endpoints as make_local_endpoints
from candlefish.errors import BinaryMissing, UsageError
from candlefish.plan import make_plan
from candlefish.plan.machine import Machine
from candlefish.spec.load import load

ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:candlefish/{}-AbCdEf"
VALUES: dict[str, Any] = {
    "region": "us-east-1",
    "database": "candlefish",
    "db_instance_address": "candlefish.abc.us-east-1.rds.amazonaws.com",
    "db_instance_endpoint": "candlefish.abc.us-east-1.rds.amazonaws.com:5432",
    "db_replica_addresses": [
        "candlefish-1.abc.us-east-1.rds.amazonaws.com",
        "candlefish-2.abc.us-east-1.rds.amazonaws.com",
    ],
    "pgbouncer_host": "candlefish-0123.elb.us-east-1.amazonaws.com",
    "pgbouncer_port": 6432,
    "redis_endpoint": "master.candlefish.abc.use1.cache.amazonaws.com:6379",
    "redis_reader_endpoint": "replica.candlefish.abc.use1.cache.amazonaws.com:6379",
    "redis_cluster_mode": False,
    "admin_secret_arn": ARN.format("admin"),
    "app_secret_arn": ARN.format("app"),
    "monitor_secret_arn": ARN.format("monitor"),
    "redis_secret_arn": ARN.format("redis"),
}
SECRETS = Secrets(Login("candlefish_admin", "admin"), Login("candlefish_app_2", "p@ss/w:rd?#%"), "to<ken>&#")


def printed(values: dict[str, Any]) -> str:
    """Give what `terraform output -json` prints for these values."""
    return json.dumps({name: {"sensitive": False, "type": "any", "value": value} for name, value in values.items()})


def parsed(**changes: Any) -> TierOutputs:
    return parse_outputs(printed({**VALUES, **changes}), "outputs.json")


def test_the_outputs_of_the_module_are_read_and_others_left_alone() -> None:
    outputs = parsed(something_of_mine={"a": 1})
    assert outputs.pgbouncer_port == 6432
    assert outputs.db_replica_addresses == VALUES["db_replica_addresses"]


@pytest.mark.parametrize("name", sorted(TierOutputs.model_fields))
def test_a_missing_output_is_named(name: str) -> None:
    values = {key: value for key, value in VALUES.items() if key != name}
    with pytest.raises(UsageError, match=rf"outputs of outputs\.json lack {name}\n") as refused:
        parse_outputs(printed(values), "outputs.json")
    assert "terraform apply" in refused.value.hint


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pgbouncer_port", "6432"),
        ("pgbouncer_port", 0),
        ("pgbouncer_port", 6432.5),
        ("db_replica_addresses", "one"),
        ("db_replica_addresses", [1]),
        ("redis_cluster_mode", "false"),
        ("redis_endpoint", "without-a-port.cache.amazonaws.com"),
        ("redis_endpoint", ":6379"),
        ("db_instance_endpoint", 5432),
        ("app_secret_arn", "arn:aws:kms:us-east-1:123456789012:key/1"),
        ("region", ""),
        ("region", "us-east-1a"),
        ("database", ["candlefish"]),
    ],
)
def test_an_output_of_the_wrong_type_is_named(name: str, value: object) -> None:
    with pytest.raises(UsageError, match="are not those of the module") as refused:
        parsed(**{name: value})
    assert name in refused.value.detail


def test_a_folder_that_was_never_applied_is_told_from_one_that_lacks_something() -> None:
    with pytest.raises(UsageError, match="nothing was applied there"):
        parse_outputs("{}", "production")


@pytest.mark.parametrize("text", ["", "no outputs", "[]", '{"region": "us-east-1"}', '"{}"', "null"])
def test_what_terraform_did_not_print_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not what `terraform output -json` prints"):
        parse_outputs(text, "outputs.json")


def local_endpoints(*, light: bool) -> Endpoints:
    plan = make_plan(load(None, {"light": light}), Machine(4, 32 << 30, 65_536, is_root=True))
    secrets = LocalSecrets(**{field.name: "secret" for field in fields(LocalSecrets)})
    tier = Tier(State(Path("nowhere")), plan, secrets)
    return make_local_endpoints(tier, "candlefish", plan.postgres.nodes[0], plan.redis.nodes[0])


@pytest.mark.parametrize(("replicas", "light"), [(2, False), (0, True)])
def test_the_names_are_those_of_a_local_tier(replicas: int, light: bool) -> None:
    """Two replicas against three nodes, none against one: the same variables, databases and number of read URLs."""
    here = local_endpoints(light=light).to_env()
    there = make_endpoints(parsed(db_replica_addresses=["replica"] * replicas), SECRETS).to_env()
    assert list(here) == list(there)
    for name in here:
        if name.endswith(("_URL", "_URLS")) and "_ADMIN_" not in name and "_SENTINEL_" not in name:
            paths = [[urlsplit(url).path for url in side[name].split(",")] for side in (here, there)]
            assert paths[0] == paths[1], name


def test_without_replicas_there_is_one_read_url() -> None:
    endpoints = make_endpoints(parsed(db_replica_addresses=[]), SECRETS)
    assert [urlsplit(url).path for url in endpoints.read_urls] == ["/candlefish_read_1"]


def test_passwords_are_percent_encoded_and_the_user_is_the_one_of_the_secret() -> None:
    endpoints = make_endpoints(parsed(), SECRETS)
    for url in (endpoints.main_url, *endpoints.read_urls, endpoints.session_url, endpoints.analytics_url):
        parts = urlsplit(url)
        assert (parts.username, unquote(parts.password or "")) == ("candlefish_app_2", "p@ss/w:rd?#%")
        assert (parts.hostname, parts.port) == (VALUES["pgbouncer_host"], 6432)
    redis = parse_redis_url(endpoints.redis_url)
    assert (redis.password, redis.tls, redis.port) == ("to<ken>&#", True, 6379)
    assert endpoints.redis_auth_token == "to<ken>&#"


def test_every_connection_is_encrypted_and_verified_where_an_authority_is_given() -> None:
    plain = make_endpoints(parsed(), SECRETS)
    assert urlsplit(plain.main_url).query == urlsplit(plain.admin_url).query == "sslmode=require"
    verified = make_endpoints(parsed(), SECRETS, Authorities(pooler="/etc/our, ca.pem", database="/etc/rds.pem"))
    assert urlsplit(verified.main_url).query == "sslmode=verify-full&sslrootcert=/etc/our%2C%20ca.pem"
    assert urlsplit(verified.admin_url).query == "sslmode=verify-full&sslrootcert=/etc/rds.pem"
    assert len(verified.to_env()["CANDLEFISH_READ_URLS"].split(",")) == 2  # a comma in a path does not cut a URL in two


def test_the_administrator_goes_past_the_pooler() -> None:
    parts = urlsplit(make_endpoints(parsed(), SECRETS).admin_url)
    assert parts.netloc == f"candlefish_admin:admin@{VALUES['db_instance_endpoint']}"
    assert parts.path == "/candlefish"


def test_without_terraform_the_error_says_how_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(process, "PROGRAM_FOLDERS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BinaryMissing, match="terraform is not on this machine") as refused:
        fetch_outputs(tmp_path)
    assert "as a file" in refused.value.hint
