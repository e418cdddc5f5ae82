"""A tier as AWS would give it: Terraform's outputs, a Secrets Manager, and the engines behind TLS."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from candlefish import process
from candlefish.errors import BinaryMissing

CANDLEFISH = Path(sys.executable).parent / "candlefish"
REGION = "eu-central-1"
PORTS = iter(range(int(os.environ.get("CANDLEFISH_TEST_PORT_BASE", "8400")) + 12_000, 32_768))

ADDRESSES: dict[str, Any] = {
    "region": REGION,
    "database": "candlefish",
    "db_instance_address": "candlefish.abc.eu-central-1.rds.amazonaws.com",
    "db_instance_endpoint": "candlefish.abc.eu-central-1.rds.amazonaws.com:5432",
    "db_replica_addresses": ["one.eu-central-1.rds.amazonaws.com", "two.eu-central-1.rds.amazonaws.com"],
    "pgbouncer_host": "candlefish-0123.elb.eu-central-1.amazonaws.com",
    "pgbouncer_port": 6432,
    "redis_endpoint": "master.candlefish.abc.euc1.cache.amazonaws.com:6379",
    "redis_cluster_mode": False,
}
ADMIN, APP, TOKEN = "admin-Password-1", "app-Password-2", "token-0123456789-abc"

Run = Callable[..., subprocess.CompletedProcess[str]]


def find_port() -> int:
    """Return a port below those of outgoing connections on which nobody listens."""
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("every port is taken")


@dataclass(frozen=True)
class Aws:
    """Moto as a process: the environment that leads to it, and its clients."""

    env: dict[str, str]

    def client(self, service: str) -> Any:
        """Give a boto3 client of it."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            region_name=REGION,
            endpoint_url=self.env["AWS_ENDPOINT_URL"],
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
        )

    def put_secret(self, name: str, value: object) -> str:
        """Keep a secret, or a new version of it, and return its ARN."""
        client = self.client("secretsmanager")
        text = value if isinstance(value, str) else json.dumps(value)
        try:
            return str(client.create_secret(Name=name, SecretString=text)["ARN"])
        except client.exceptions.ResourceExistsException:
            return str(client.put_secret_value(SecretId=name, SecretString=text)["ARN"])

    def allow_without_asking(self, actions: float) -> None:
        """Let IAM be asked after so many more calls."""
        request = urllib.request.Request(
            f"{self.env['AWS_ENDPOINT_URL']}/moto-api/reset-auth",
            data=str(actions).encode(),
            headers={"Content-Type": "text/plain"},
        )
        urllib.request.urlopen(request).close()


@pytest.fixture(scope="session")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aws]:
    """Give moto, started as a server of its own."""
    port = find_port()
    log = tmp_path_factory.mktemp("moto") / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=out, stderr=out
        )
    try:
        await_port(port, server, log)
        yield Aws(
            {
                "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            }
        )
    finally:
        server.terminate()
        server.wait()


def without_aws() -> dict[str, str]:
    """Give the environment without a developer's own way to AWS."""
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def await_port(port: int, program: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until a program listens."""

    def listens() -> bool:
        assert program.poll() is None, log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    assert process.wait_until(listens, timeout_s=60), log.read_text()


@pytest.fixture
def outputs(aws: Aws) -> dict[str, Any]:
    """Give the outputs of a tier whose secrets are there."""
    return {
        **ADDRESSES,
        "admin_secret_arn": aws.put_secret("candlefish/admin", {"username": "candlefish_admin", "password": ADMIN}),
        "app_secret_arn": aws.put_secret("candlefish/app", {"username": "candlefish_app_2", "password": APP}),
        "redis_secret_arn": aws.put_secret("candlefish/redis", {"auth_token": TOKEN}),
    }


@pytest.fixture
def apply(tmp_path: Path) -> Callable[[dict[str, Any]], Path]:
    """Give a function that lets Terraform apply a configuration of nothing but outputs, and returns its folder."""
    try:
        terraform = process.find_binary("terraform")
    except BinaryMissing:
        pytest.skip("terraform is not on this machine")

    def run(values: dict[str, Any]) -> Path:
        folder = tmp_path / f"applied-{time.monotonic_ns()}"
        folder.mkdir()
        blocks = [f'output "{name}" {{\n  value = {json.dumps(value)}\n}}\n' for name, value in values.items()]
        (folder / "outputs.tf").write_text("\n".join(blocks))
        done = subprocess.run(
            [terraform, "apply", "-auto-approve", "-no-color"],
            cwd=folder,
            env={**os.environ, "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return folder

    return run


@pytest.fixture
def candlefish(aws: Aws, tmp_path: Path) -> Run:
    """Give a function that runs `candlefish WORDS...` with the way to AWS in its environment."""

    def run(*words: str | Path, stdin: str = "", **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CANDLEFISH, *words],
            cwd=tmp_path,
            env={**without_aws(), **aws.env, **env},
            capture_output=True,
            text=True,
            input=stdin,
            timeout=120,
        )

    return run
