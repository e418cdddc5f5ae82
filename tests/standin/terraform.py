"""Run the real Terraform in a folder of its own, against the stand-in and with nothing of the outside."""

import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.standin import NAME
from tests.standin.account import Account
from tests.standin.provider import Provider
from tests.standin.schema import TypeName, load, types_in
from tests.standin.server import serving

CHANGES = 2
"""Exit code of `terraform plan -detailed-exitcode` where something would change; 1 is an error, 0 is nothing."""


class TerraformFailed(AssertionError):
    """Terraform refused, in its own words."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """A throw-away folder with a module in it, the account it is applied to, and every word that Terraform said."""

    folder: Path
    account: Account
    environment: Mapping[str, str]
    said: list[str] = field(default_factory=list)

    def run(self, *arguments: str, may_fail: bool = False) -> subprocess.CompletedProcess[str]:
        """Run one command of Terraform."""
        done = subprocess.run(
            ["terraform", *arguments], cwd=self.folder, env=dict(self.environment), capture_output=True, text=True
        )
        self.said.append(done.stdout + done.stderr)
        if done.returncode == 1 and not may_fail:
            raise TerraformFailed(f"terraform {' '.join(arguments)} ({NAME})\n{done.stdout}{done.stderr}")
        return done

    def fmt_check(self) -> str:
        """Give the difference to what `terraform fmt` would write, which is best empty."""
        return self.run("fmt", "-check", "-diff", "-recursive", may_fail=True).stdout

    def init(self) -> None:
        """Prepare the folder: no provider is installed, because the stand-in already runs."""
        self.run("init", "-input=false", "-backend=false")

    def validate(self) -> list[dict[str, Any]]:
        """Give what Terraform finds wrong without a plan."""
        done = self.run("validate", "-json", may_fail=True)
        return list(json.loads(done.stdout)["diagnostics"])

    def plan(self, *options: str, out: str = "plan.bin") -> bool:
        """Plan into a file, and say whether anything would change."""
        done = self.run("plan", *QUIETLY, "-detailed-exitcode", f"-out={out}", *options)
        return done.returncode == CHANGES

    def show_json(self, out: str = "plan.bin") -> dict[str, Any]:
        """Give a plan as JSON."""
        shown: dict[str, Any] = json.loads(self.run("show", "-json", out).stdout)
        return shown

    def apply(self, out: str = "plan.bin") -> None:
        """Do what was planned into a file."""
        self.run("apply", *QUIETLY, out)

    def outputs(self) -> dict[str, Any]:
        """Give the outputs as `terraform output -json` prints them."""
        printed: dict[str, Any] = json.loads(self.run("output", "-json").stdout)
        return printed

    def destroy(self, *options: str) -> None:
        """Remove everything."""
        self.run("destroy", *QUIETLY, "-auto-approve", *options)

    def test(self) -> None:
        """Run the module's own tests, several files at a time: each keeps its state to itself."""
        names = sorted(str(path.relative_to(self.folder)) for path in self.folder.glob("tests/*.tftest.hcl"))
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            list(workers.map(lambda name: self.run("test", f"-filter={name}"), names))

    def unlogged(self) -> "Workspace":
        """Give the same folder, of which Terraform writes no log: for what plans dozens of times."""
        return replace(self, environment={**self.environment, "TF_LOG": ""})

    def left_behind(self) -> dict[str, str]:
        """Give all that Terraform left or said: files of the folder, plans in words, its output and its log."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        texts = {str(path.relative_to(self.folder)): _text(path) for path in files}
        log = Path(self.environment["TF_LOG_PATH"])
        logs = {"log": log.read_text()} if log.exists() else {}
        return {**texts, **logs, **{f"output {number}": text for number, text in enumerate(self.said)}}


def _text(path: Path) -> str:
    """Give a file as text; a plan is an archive, of which every member counts."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes().decode("latin-1")
    with zipfile.ZipFile(path) as plan:
        return "\n".join(plan.read(name).decode("latin-1") for name in plan.namelist())


QUIETLY = ("-input=false", "-lock=false")


@contextmanager
def workspace(module: Mapping[str, str], *, account: Account | None = None, log: str = "") -> Iterator[Workspace]:
    """Lay a module (path to text) into a new folder, with the stand-in serving what it names."""
    account = account or Account()
    types: set[TypeName] = set().union(*(types_in(text) for text in module.values()))
    with tempfile.TemporaryDirectory(prefix="terraform-") as top:
        folder = Path(top) / "module"
        for path, text in module.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        with serving(Provider(load(types), account)) as reattached:
            yield Workspace(folder, account, _environment(Path(top), reattached, log))


def _environment(top: Path, reattached: str, log: str) -> dict[str, str]:
    """Let Terraform see nothing of this machine: no credentials, no configuration, no plugins, no registry."""
    home = top / "home"
    home.mkdir()
    configuration = home / "terraform.rc"
    configuration.write_text("disable_checkpoint = true\nprovider_installation {\n}\n")
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TF_CLI_CONFIG_FILE": str(configuration),
        "TF_DATA_DIR": str(top / "data"),
        "TF_IN_AUTOMATION": "1",
        "TF_CLI_ARGS": "-no-color",
        "TF_LOG": log,
        "TF_LOG_PATH": str(top / "terraform.log"),
        "TF_REATTACH_PROVIDERS": reattached,
        "CHECKPOINT_DISABLE": "1",
        "GOGC": "400",  # percent: Terraform spends a fifth of its time on garbage, and its memory is not short here
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def has_terraform() -> bool:
    """Say whether there is a Terraform to run."""
    return shutil.which("terraform") is not None
