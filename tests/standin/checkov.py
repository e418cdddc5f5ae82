"""Run checkov on rendered modules, offline, and hold what it finds against the list of reasoned skips."""

import fnmatch
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests.standin.wheel import PROOF

PROGRAM = PROOF / "checkov" / "bin" / "checkov"
SKIPS = Path(__file__).resolve().parents[2] / "tools" / "checkov-skips.yaml"
ARGUMENTS = ("--framework", "terraform", "--skip-download", "--compact", "--quiet", "--soft-fail", "--output", "json")
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": str(PROGRAM.parent), "LOG_LEVEL": "ERROR"}
"""It sees nothing of this machine: no credentials, no configuration."""

SHORTEST_REASON = 30
"""Characters: less is no reason that a reader can check."""


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """A check that failed: where, and what checkov calls it."""

    check: str
    resource: str
    file: str
    name: str

    def __str__(self) -> str:
        return f"{self.check} {self.file}: {self.resource}: {self.name}"


@dataclass(frozen=True, slots=True)
class Skip:
    """A check that need not hold for the resources that the pattern names, and why."""

    check: str
    resource: str
    reason: str
    spec: str = "*"

    def covers(self, failure: Failure) -> bool:
        """Say whether it is this failure that is meant: the check, the resource, the folder of the spec's module."""
        bare = failure.resource.partition("[")[0]
        named = self.resource == failure.resource or fnmatch.fnmatchcase(bare, self.resource)
        return named and self.check == failure.check and fnmatch.fnmatchcase(failure.file, f"/{self.spec}/*")


def read_skips(path: Path = SKIPS) -> list[Skip]:
    """Read the list; a line that is not whole is an error."""
    return [Skip(**one) for one in yaml.safe_load(path.read_text()) or []]


def run(folder: Path) -> tuple[int, list[Failure]]:
    """Check all modules below a folder; give how many checks passed, and which failed."""
    done = subprocess.run([PROGRAM, "--directory", folder, *ARGUMENTS], env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert not report["results"].get("parsing_errors"), report["results"]["parsing_errors"]
    failed = report["results"]["failed_checks"]
    found = [Failure(one["check_id"], one["resource"], one["file_path"], one["check_name"]) for one in failed]
    return report["summary"]["passed"], sorted(found)
