"""What may and what may not stand in the repository."""

import re
import subprocess
import tomllib
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "tools/bootstrap.lock")

# Written in two parts, so that this file does not name what it looks for.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("deb.debian", "org"),
        ("security.debian", "org"),
        ("snapshot.debian", "org"),
        ("archive.ubuntu", "com"),
        ("apt.postgresql", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("proxy.golang", "org"),
        ("crates", "io"),
        ("ghcr", "io"),
        ("docker", "io"),
        ("quay", "io"),
    )
]
MACHINE_PATHS = [re.escape("/" + part) + r"[\w.-]" for part in ("work/", "root/", "home/", "Users/")]


def tracked_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def lines_with(pattern: str) -> list[str]:
    found = []
    for path in tracked_files():
        text = path.read_bytes()
        if b"\0" in text:
            continue
        for number, line in enumerate(text.decode(errors="replace").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_no_file_names_the_host_of_a_package_registry() -> None:
    assert lines_with("|".join(map(re.escape, HOSTS))) == []


def test_no_file_names_a_path_of_the_machine_it_was_made_on() -> None:
    assert lines_with("|".join(rf"(?<![\w.$]){path}" for path in MACHINE_PATHS)) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    assert re.findall(r"://|--index|--find-links|\bfile:", (ROOT / lock).read_text()) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_of_a_lock_is_pinned_with_hashes(lock: str) -> None:
    blocks = re.split(r"\n(?=[a-zA-Z])", (ROOT / lock).read_text().strip())
    assert [block for block in blocks if not re.match(r"[\w.\[\]-]+==\S+", block) or "sha256:" not in block] == []


def test_the_bootstrap_lock_agrees_with_the_lock() -> None:
    pins = [set(re.findall(r"^([\w.-]+==\S+)", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS]
    assert pins[1] <= pins[0]


def test_the_lock_has_every_dependency_of_the_project() -> None:
    declared = project()["project"]
    groups = (*declared["optional-dependencies"].values(), *project()["dependency-groups"].values())
    wanted = {re.split(r"[\[<>=]", line)[0] for line in chain(declared["dependencies"], *groups)}
    pinned = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert wanted <= pinned


def test_the_changelog_has_the_version() -> None:
    version = project()["project"]["version"]
    assert re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
