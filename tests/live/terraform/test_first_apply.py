"""The commands of the module's README up to a tier that runs, as far as they can be run without AWS."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.live.terraform.conftest import Module
from tests.standin.terraform import Workspace, workspace

pytestmark = pytest.mark.live

AWS = """\
#!/bin/sh
echo "$1 $2 $3" >> "$CALLS"
case "$*" in
  "ecs run-task "*) echo "$TASK" ;;
  "ecs wait tasks-stopped "*) case "$*" in *" --tasks $TASK") [ "$TASK" != None ] ;; *) false ;; esac ;;
  "ecs describe-tasks "*) echo "$CODE" ;;
  *) exit 252 ;;
esac
"""
"""A stand-in for the AWS CLI: it gives the answers of the three calls, and refuses to wait for a task that is not."""

ARN = "arn:aws:ecs:eu-west-1:123456789012:task/candlefish/1"
THREE_CALLS = ["ecs run-task --region", "ecs wait tasks-stopped", "ecs describe-tasks --region"]


@pytest.mark.parametrize(
    ("task", "code", "ends", "calls"),
    [
        (ARN, "0", 0, THREE_CALLS),
        (ARN, "3", 1, THREE_CALLS),
        (ARN, "None", 1, THREE_CALLS),
        ("None", "0", 1, THREE_CALLS[:2]),
    ],
    ids=["fine", "it fails", "its container did not start", "it was not placed"],
)
def test_bootstrap_command_waits_for_its_task_and_ends_as_it_ended(
    applied: Workspace, tmp_path: Path, task: str, code: str, ends: int, calls: list[str]
) -> None:
    command = applied.outputs()["bootstrap_command"]["value"]
    assert "\n" not in command
    program = tmp_path / "aws"
    program.write_text(AWS)
    program.chmod(0o755)
    env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "CALLS": str(tmp_path / "calls"), "TASK": task, "CODE": code}
    done = subprocess.run(["sh", "-c", 'eval "$1"', "sh", command], env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (ends, "")
    assert [" ".join(line.split()[:3]) for line in (tmp_path / "calls").read_text().splitlines()] == calls


@pytest.mark.parametrize("name", ["default", "everything"])
def test_the_first_command_makes_every_repository_that_images_are_pushed_to(
    modules: dict[str, Module], name: str
) -> None:
    readme = modules[name]["README.md"]
    (line,) = re.findall(r"^    terraform apply (-target=.*?) +#", readme, re.MULTILINE)
    with workspace(modules[name]) as space:
        space.init()
        space.plan(*line.split())
        space.apply()
        outputs = space.outputs()
        assert outputs["pgbouncer_repository_url"]["value"]
        wanted = len(space.account.of_type("aws_ecr_repository")) - 1
        assert len(outputs.get("application_repository_urls", {"value": {}})["value"]) == wanted
        assert not space.account.of_type("aws_ecs_service")
        assert (wanted > 0) == ("application-ecs.tf" in modules[name])
