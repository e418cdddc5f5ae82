"""`candlefish terraform` as a user runs it, into folders that are empty, ours, edited, somebody else's."""

import base64
import json
import os
import random
import shutil
import signal
import string
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from candlefish.terraform.hcl import render_entries
from candlefish.terraform.value import Value

pytestmark = pytest.mark.live

Run = Callable[..., subprocess.CompletedProcess[str]]
terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform on PATH")

PLAIN = {**os.environ, "TF_CLI_CONFIG_FILE": os.devnull, "CHECKPOINT_DISABLE": "1"}
OFF = "[application]\nenabled = false\n"
ON = """\
[application]
enabled = true
domain = "api.example.com"
certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
"""


def content(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_becomes_a_module(candlefish: Run, tmp_path: Path) -> None:
    done = candlefish("terraform", "out")
    assert done.returncode == 0, done.stderr
    assert {"versions.tf", "rds-postgresql.tf", "terraform.tfvars", "README.md"} <= content(tmp_path / "out").keys()
    assert "terraform -chdir=out init" in done.stdout


@terraform
def test_what_is_written_is_as_terraform_formats_it(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "candlefish.toml").write_text(ON)
    candlefish("terraform", "out")
    command = ["terraform", "fmt", "-check", "-recursive", "-diff", str(tmp_path / "out")]
    done = subprocess.run(command, env=PLAIN, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@terraform
def test_terraform_reads_every_text_as_it_was_meant(tmp_path: Path) -> None:
    chosen = random.Random(1)
    alphabet = string.printable + 'äß€漢🐟${}%#"\\\u200d'
    texts = ["".join(chosen.choices(alphabet, k=12)) for _ in range(300)]
    texts += ["${a}", "$${a}", "$$${a}", "%{if a}", "%%{", "$", "${", "<<EOT\nx\nEOT", "\\u0041"]
    (tmp_path / "main.tf").write_text('variable "texts" {\n  type = list(string)\n}\n')
    (tmp_path / "terraform.tfvars").write_text(render_entries([Value("texts", texts, 'why ${not}, "then"')]))
    done = subprocess.run(
        ["terraform", "console"],
        input="base64encode(jsonencode(var.texts))",
        cwd=tmp_path,
        env=PLAIN,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(base64.b64decode(done.stdout.strip().strip('"'))) == texts


def test_a_second_run_changes_nothing(candlefish: Run, tmp_path: Path) -> None:
    candlefish("terraform", "out")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.tf")}
    done = candlefish("terraform", "out")
    assert "nothing to write" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "out").rglob("*.tf")} == before


def test_a_folder_of_somebody_else_is_left_alone(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "main.tf").write_text("# mine\n")
    done = candlefish("terraform", "out")
    assert done.returncode == 2
    assert "main.tf" in done.stderr
    assert "--force" in done.stderr
    assert content(tmp_path / "out") == {"main.tf": "# mine\n"}


def test_an_edit_is_never_lost_without_being_forced(candlefish: Run, tmp_path: Path) -> None:
    candlefish("terraform", "out")
    edited = tmp_path / "out" / "terraform.tfvars"
    edited.write_text(edited.read_text() + "# mine\n")
    kept = candlefish("terraform", "out")
    assert kept.returncode == 0
    assert "terraform.tfvars" in kept.stdout
    (tmp_path / "candlefish.toml").write_text("[postgres]\nstorage_gb = 200\n")
    before = content(tmp_path / "out")
    refused = candlefish("terraform", "out")
    assert refused.returncode == 2
    assert "terraform.tfvars" in refused.stderr
    assert content(tmp_path / "out") == before
    assert candlefish("terraform", "out", "--force").returncode == 0
    assert "# mine" not in edited.read_text()
    assert "storage_gb" in edited.read_text()


def test_a_part_that_is_off_goes_and_what_is_terraforms_stays(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "candlefish.toml").write_text(ON)
    candlefish("terraform", "out")
    out = tmp_path / "out"
    theirs = {"terraform.tfstate": "{}", ".terraform.lock.hcl": "lock", ".terraform/x": "x", "own.tf": "# own\n"}
    for name, text in theirs.items():
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text(text)
    assert (out / "application-ecs.tf").exists()
    (tmp_path / "candlefish.toml").write_text(OFF)
    done = candlefish("terraform", "out")
    assert done.returncode == 0, done.stderr
    assert "removed" in done.stdout
    left = content(out)
    assert not [name for name in left if "application" in name]
    assert {name: left[name] for name in theirs} == theirs


def test_a_dry_run_shows_the_difference_and_writes_nothing(candlefish: Run, tmp_path: Path) -> None:
    candlefish("terraform", "out")
    before = content(tmp_path / "out")
    (tmp_path / "candlefish.toml").write_text("[postgres]\nstorage_gb = 200\n")
    done = candlefish("terraform", "out", "--dry-run")
    assert done.returncode == 0
    assert "--- a/terraform.tfvars" in done.stdout
    assert "+storage_gb" in done.stdout
    assert content(tmp_path / "out") == before
    assert not (tmp_path / "new").exists()
    assert json.loads(candlefish("terraform", "new", "--dry-run", "--json").stdout)["write"]
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written_is_named(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = candlefish("terraform", "file")
    assert done.returncode == 2
    assert "file" in done.stderr
    below = candlefish("terraform", "file/below")
    assert below.returncode in (2, 3)
    assert "Traceback" not in below.stderr


def test_json_says_what_was_written(candlefish: Run) -> None:
    written = json.loads(candlefish("terraform", "out", "--json").stdout)
    assert "versions.tf" in written["write"]
    assert written["conflicts"] == []


@pytest.mark.parametrize("text", [None, "", "[]", '{"format_version": "1.2"}', "\x00"])
def test_what_is_no_plan_is_an_error_with_a_hint(candlefish: Run, tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "plan.json").write_text(text)
    done = candlefish("terraform", "--check", "plan.json")
    assert done.returncode == 2
    assert "terraform show -json" in done.stderr
    assert "Traceback" not in done.stderr


def database(**changes: object) -> dict[str, object]:
    values = {"identifier": "tier", "engine": "postgres", "instance_class": "db.r6g.large", **changes}
    resource = {"address": "aws_db_instance.main", "mode": "managed", "type": "aws_db_instance", "name": "main",
                "provider_name": "registry.terraform.io/hashicorp/aws", "values": values}  # fmt: skip
    return {"format_version": "1.2", "planned_values": {"root_module": {"resources": [resource]}}}


def test_a_plan_with_a_mistake_ends_with_one(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(database(publicly_accessible=True)))
    done = candlefish("terraform", "--check", "plan.json")
    assert done.returncode == 1
    assert "aws_db_instance.main.publicly_accessible" in done.stdout
    found = json.loads(candlefish("terraform", "--check", "plan.json", "--json").stdout)["findings"]
    assert any(finding["subject"] == "aws_db_instance.main.publicly_accessible" for finding in found)


def test_a_plan_without_a_mistake_says_how_much_was_looked_at(candlefish: Run, tmp_path: Path) -> None:
    resource = {"address": "aws_sqs_queue.a", "mode": "managed", "type": "aws_sqs_queue", "name": "a",
                "provider_name": "registry.terraform.io/hashicorp/aws", "values": {"name": "a"}}  # fmt: skip
    plan = {"format_version": "1.2", "planned_values": {"root_module": {"resources": [resource]}}}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    done = candlefish("terraform", "--check", "plan.json")
    assert (done.returncode, done.stdout) == (0, "plan.json: nothing found in 1 resources\n")


def test_a_plan_of_nothing_is_an_error(candlefish: Run, tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps({"format_version": "1.2", "planned_values": {"root_module": {}}}))
    done = candlefish("terraform", "--check", "plan.json")
    assert done.returncode == 2
    assert "plan.json plans no resource" in done.stderr


def test_the_module_of_one_tier_does_not_become_that_of_another(candlefish: Run, tmp_path: Path) -> None:
    spec = tmp_path / "candlefish.toml"
    spec.write_text('name = "shop"\n')
    assert candlefish("terraform", "out").returncode == 0
    before = content(tmp_path / "out")
    spec.write_text('name = "other"\n')
    done = candlefish("terraform", "out")
    assert (done.returncode, content(tmp_path / "out")) == (2, before)
    assert "out is the module of shop, and this spec is of other" in done.stderr
    spec.unlink()
    done = candlefish("terraform", "out")
    assert (done.returncode, content(tmp_path / "out")) == (2, before)
    assert "there is no candlefish.toml here" in done.stderr


KILLED = """
import os, pathlib, signal, sys
moves, left = pathlib.Path.replace, int(sys.argv.pop())
def replace(self, target):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return moves(self, target)
pathlib.Path.replace = replace
from candlefish.cli.main import main
main()
"""


@pytest.mark.parametrize("moved", [0, 1, 2, 7, 14])
@pytest.mark.parametrize("then", [OFF, ON])
def test_a_run_that_was_killed_between_two_files_is_mended_by_the_next(
    candlefish: Run, tmp_path: Path, moved: int, then: str
) -> None:
    spec = tmp_path / "candlefish.toml"
    spec.write_text(then)
    candlefish("terraform", "wanted")
    wanted = content(tmp_path / "wanted")
    spec.write_text(OFF)
    candlefish("terraform", "out")
    spec.write_text(ON)
    command = [sys.executable, "-c", KILLED, "terraform", "out", str(moved)]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == -signal.SIGKILL
    spec.write_text(then)
    done = candlefish("terraform", "out")
    assert done.returncode == 0, done.stderr
    assert content(tmp_path / "out") == wanted


def test_a_first_run_that_was_killed_does_not_stand_in_the_way(candlefish: Run, tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, "terraform", "out", "0"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == -signal.SIGKILL
    assert candlefish("terraform", "out").returncode == 0
    assert {path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")} == {".candlefish.json"}


def test_no_folder_is_wrong_usage(candlefish: Run) -> None:
    done = candlefish("terraform")
    assert done.returncode == 2
    assert "candlefish terraform DIR" in done.stderr
