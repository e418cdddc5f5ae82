"""`candlefish env --from-terraform` on outputs that Terraform wrote and secrets that a Secrets Manager holds."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.live.aws.conftest import ADMIN, APP, TOKEN, Aws, Run, find_port

pytestmark = pytest.mark.live

Apply = Callable[[dict[str, Any]], Path]


def assert_one_error(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    """Check the exit code, that nothing was printed, the words, and that no secret is among them."""
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    for word in words:
        assert word in done.stderr
    for secret in (ADMIN, APP, TOKEN):
        assert secret not in done.stderr
    assert "Traceback" not in done.stderr


def test_an_applied_folder_gives_the_variables_of_the_tier(
    outputs: dict[str, Any], apply: Apply, candlefish: Run
) -> None:
    done = candlefish("env", "--from-terraform", apply(outputs), "--json")
    assert done.returncode == 0, done.stderr
    pooler = (
        "postgresql://candlefish_app_2:app-Password-2@candlefish-0123.elb.eu-central-1.amazonaws.com:6432/candlefish"
    )
    assert json.loads(done.stdout) == {
        "CANDLEFISH_MAIN_URL": f"{pooler}_main?sslmode=require",
        "CANDLEFISH_READ_URL": f"{pooler}_read?sslmode=require",
        "CANDLEFISH_READ_URLS": f"{pooler}_read_1?sslmode=require,{pooler}_read_2?sslmode=require",
        "CANDLEFISH_SESSION_URL": f"{pooler}_session?sslmode=require",
        "CANDLEFISH_ANALYTICS_URL": f"{pooler}_analytics?sslmode=require",
        "CANDLEFISH_ADMIN_URL": "postgresql://candlefish_admin:admin-Password-1@"
        "candlefish.abc.eu-central-1.rds.amazonaws.com:5432/candlefish?sslmode=require",
        "CANDLEFISH_REDIS_URL": "rediss://default:token-0123456789-abc@"
        "master.candlefish.abc.euc1.cache.amazonaws.com:6379/0",
        "CANDLEFISH_SENTINEL_URL": "",
        "CANDLEFISH_REDIS_CLUSTER_URL": "",
        "PGBOUNCER_HOST": "candlefish-0123.elb.eu-central-1.amazonaws.com",
        "PGBOUNCER_PORT": "6432",
        "REDIS_ENDPOINT": "master.candlefish.abc.euc1.cache.amazonaws.com:6379",
        "REDIS_AUTH_TOKEN": TOKEN,
    }
    assert done.stderr == ""


def test_nothing_is_written_into_the_folder(outputs: dict[str, Any], apply: Apply, candlefish: Run) -> None:
    folder = apply(outputs)
    before = {path: path.stat().st_mtime_ns for path in folder.parent.rglob("*")}
    assert candlefish("env", "--from-terraform", folder).returncode == 0
    assert {path: path.stat().st_mtime_ns for path in folder.parent.rglob("*")} == before


def test_a_shell_reads_the_same_from_folder_file_and_stdin(
    outputs: dict[str, Any], apply: Apply, candlefish: Run, tmp_path: Path
) -> None:
    folder = apply({**outputs, "app_secret_arn": outputs["app_secret_arn"]})
    printed = subprocess.run(["terraform", "output", "-json"], cwd=folder, capture_output=True, text=True, check=True)
    (tmp_path / "outputs.json").write_text(printed.stdout)
    exports = {
        candlefish("env", "--from-terraform", folder).stdout,
        candlefish("env", "--from-terraform", "outputs.json").stdout,
        candlefish("env", "--from-terraform", "-", stdin=printed.stdout).stdout,
    }
    assert len(exports) == 1
    script = f'{exports.pop()}\nprintf "%s" "$REDIS_AUTH_TOKEN"'
    assert subprocess.run(["sh", "-euc", script], capture_output=True, text=True, check=True).stdout == TOKEN


def test_after_a_rotation_the_other_user_is_given(
    aws: Aws, outputs: dict[str, Any], apply: Apply, candlefish: Run
) -> None:
    folder = apply(outputs)
    aws.put_secret("candlefish/app", {"username": "candlefish_app", "password": "p@ss/word%"})
    url = json.loads(candlefish("env", "--from-terraform", folder, "--json").stdout)["CANDLEFISH_MAIN_URL"]
    assert url.startswith("postgresql://candlefish_app:p%40ss%2Fword%25@")


def test_a_sharded_cache_is_given_with_a_warning(outputs: dict[str, Any], apply: Apply, candlefish: Run) -> None:
    endpoint = "clustercfg.candlefish.abc.euc1.cache.amazonaws.com:6379"
    done = candlefish(
        "env", "--json", "--from-terraform", apply({**outputs, "redis_cluster_mode": True, "redis_endpoint": endpoint})
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["REDIS_ENDPOINT"] == endpoint
    assert "sharded" in done.stderr


def test_without_replicas_there_is_one_read_url(outputs: dict[str, Any], apply: Apply, candlefish: Run) -> None:
    done = candlefish("env", "--from-terraform", apply({**outputs, "db_replica_addresses": []}), "--json")
    assert json.loads(done.stdout)["CANDLEFISH_READ_URLS"].endswith("/candlefish_read_1?sslmode=require")


def test_the_database_of_the_module_is_the_one_that_is_served(
    outputs: dict[str, Any], apply: Apply, candlefish: Run
) -> None:
    folder = apply(outputs)
    assert candlefish("env", "--from-terraform", folder, "--database", "candlefish").returncode == 0
    done = candlefish("env", "--from-terraform", folder, "--database", "nowhere")
    assert_one_error(done, 2, "nowhere", "it serves candlefish")


def test_a_name_of_ones_own_for_the_pooler_takes_the_place_of_the_balancers(
    outputs: dict[str, Any], apply: Apply, candlefish: Run
) -> None:
    words = ("--pooler-host", "db.example.com", "--pooler-ca", "/etc/ca.pem", "--json")
    seen = json.loads(candlefish("env", "--from-terraform", apply(outputs), *words).stdout)
    assert seen["CANDLEFISH_READ_URL"].endswith(
        "@db.example.com:6432/candlefish_read?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    )
    assert seen["PGBOUNCER_HOST"] == "db.example.com"
    assert seen["CANDLEFISH_ADMIN_URL"].endswith("rds.amazonaws.com:5432/candlefish?sslmode=require")


def test_a_folder_that_was_never_applied_says_so(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh" / "outputs.tf").write_text('output "region" {\n  value = "eu-central-1"\n}\n')
    assert_one_error(candlefish("env", "--from-terraform", "fresh"), 2, "fresh has no outputs", "terraform apply")


def test_a_folder_that_terraform_cannot_read_gives_its_reason(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "remote").mkdir()
    (tmp_path / "remote" / "main.tf").write_text(
        'terraform {\n  backend "s3" {\n    bucket = "b"\n    key    = "k"\n    region = "eu-central-1"\n  }\n}\n'
    )
    done = candlefish("env", "--from-terraform", "remote")
    assert_one_error(done, 3, "could not read the outputs of remote", "initialization", "terraform -chdir=remote init")


def test_a_missing_output_is_named(outputs: dict[str, Any], apply: Apply, candlefish: Run) -> None:
    del outputs["pgbouncer_host"]
    assert_one_error(candlefish("env", "--from-terraform", apply(outputs)), 2, "lack pgbouncer_host")


def test_an_output_of_the_wrong_type_is_named(outputs: dict[str, Any], apply: Apply, candlefish: Run) -> None:
    folder = apply({**outputs, "db_replica_addresses": "none"})
    assert_one_error(candlefish("env", "--from-terraform", folder), 2, "db_replica_addresses", "list")


def test_a_file_that_is_not_there_is_named(candlefish: Run) -> None:
    assert_one_error(candlefish("env", "--from-terraform", "gone.json"), 2, "gone.json: No such file")


def test_without_boto3_the_error_says_what_to_install(outputs: dict[str, Any], apply: Apply, aws: Aws) -> None:
    program = "import sys; sys.modules['boto3'] = None; from candlefish.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "env", "--from-terraform", apply(outputs)],
        env={**os.environ, **aws.env},
        capture_output=True,
        text=True,
    )
    assert_one_error(done, 2, "boto3", 'pip install "candlefish[aws]"')


def test_without_credentials_the_error_says_to_log_in(outputs: dict[str, Any], apply: Apply, candlefish: Run) -> None:
    done = candlefish("env", "--from-terraform", apply(outputs), AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
    assert_one_error(done, 3, outputs["admin_secret_arn"], "Unable to locate credentials")


def test_an_unknown_profile_is_named(outputs: dict[str, Any], apply: Apply, candlefish: Run) -> None:
    assert_one_error(candlefish("env", "-t", apply(outputs), AWS_PROFILE="nobody"), 3, "profile (nobody)")


def test_a_service_that_does_not_answer_is_an_error(outputs: dict[str, Any], apply: Apply, candlefish: Run) -> None:
    done = candlefish("env", "--from-terraform", apply(outputs), AWS_ENDPOINT_URL="http://127.0.0.1:9")
    assert_one_error(done, 3, outputs["admin_secret_arn"], "http://127.0.0.1:9")


@pytest.fixture
def stranger(aws: Aws) -> Iterator[dict[str, str]]:
    """Give the credentials of a user without any permission, while IAM is asked."""
    iam = aws.client("iam")
    iam.create_user(UserName="stranger")
    key = iam.create_access_key(UserName="stranger")["AccessKey"]
    aws.allow_without_asking(0)
    yield {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    aws.allow_without_asking(float("inf"))


def test_a_user_without_permission_learns_which_one(
    outputs: dict[str, Any], apply: Apply, candlefish: Run, stranger: dict[str, str]
) -> None:
    done = candlefish("env", "--from-terraform", apply(outputs), **stranger)
    assert_one_error(done, 3, outputs["admin_secret_arn"], "not authorized", "secretsmanager:GetSecretValue")
    assert stranger["AWS_SECRET_ACCESS_KEY"] not in done.stderr


@pytest.fixture
def refusing_service() -> Iterator[str]:
    """Give the address of a service that refuses as AWS does, in JSON (moto's IAM answers this service in XML)."""
    refusal = {
        "__type": "AccessDeniedException",
        "Message": "User: arn:aws:iam::123456789012:user/stranger is not authorized to perform: "
        "secretsmanager:GetSecretValue on resource: candlefish/admin",
    }

    class Refuse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(400)
            self.send_header("x-amzn-ErrorType", "AccessDeniedException")
            self.end_headers()
            self.wfile.write(json.dumps(refusal).encode())

        def log_message(self, format: str, *arguments: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", find_port()), Refuse) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_refusal_of_aws_says_what_to_allow(
    outputs: dict[str, Any], apply: Apply, candlefish: Run, refusing_service: str
) -> None:
    done = candlefish("env", "--from-terraform", apply(outputs), AWS_ENDPOINT_URL=refusing_service)
    words = ("AccessDeniedException", "secretsmanager:GetSecretValue", "user/stranger", "kms:Decrypt")
    assert_one_error(done, 3, outputs["admin_secret_arn"], *words)


def test_a_secret_that_is_not_there_is_named(outputs: dict[str, Any], apply: Apply, candlefish: Run) -> None:
    gone = outputs["app_secret_arn"].replace("candlefish/app", "candlefish/gone")
    done = candlefish("env", "--from-terraform", apply({**outputs, "app_secret_arn": gone}))
    assert_one_error(done, 3, gone, "ResourceNotFoundException")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"username": "candlefish_app"}, "has no password"),
        ({"password": APP}, "has no username"),
        ({"username": "candlefish_app", "password": 12345678}, "has no password"),
        (f"candlefish_app:{APP}", "is no JSON object"),
        (json.dumps(APP), "is no JSON object"),
    ],
)
def test_a_secret_without_what_is_needed_is_named_and_not_shown(
    aws: Aws, outputs: dict[str, Any], apply: Apply, candlefish: Run, value: object, words: str
) -> None:
    folder = apply(outputs)
    aws.put_secret("candlefish/app", value)
    assert_one_error(candlefish("env", "--from-terraform", folder), 3, outputs["app_secret_arn"], words)


def test_a_tier_of_this_machine_and_one_on_aws_are_not_asked_for_at_once(candlefish: Run) -> None:
    assert_one_error(candlefish("env", "--from-terraform", ".", "--name", "candlefish"), 2, "--name")
    assert_one_error(candlefish("env", "--pooler-ca", "ca.pem"), 2, "--from-terraform")
