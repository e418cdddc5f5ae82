"""The versions of PostgreSQL that the client is tested against are pinned."""

import json
import re
from pathlib import Path
from typing import Any

from tests.live.client.versions.conftest import MAJORS

FOLDER = Path(__file__).parents[2] / "tools" / "postgres"
DISTRIBUTION = 15
"""The one that the tier runs, and that tests take from where the tier finds it."""


def packages() -> dict[str, Any]:
    locked = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    return {name: package for name, package in locked.items() if name}


def test_every_package_is_pinned_with_its_hash_and_no_address() -> None:
    for package in packages().values():
        assert re.fullmatch(r"sha512-[\w+/]{86}==", package["integrity"])
        assert "resolved" not in package


def test_the_lock_says_what_the_manifest_says() -> None:
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    locked = {name.removeprefix("node_modules/"): package for name, package in packages().items()}
    assert wanted == {name: f"npm:{package['name']}@{package['version']}" for name, package in locked.items()}


def test_every_major_version_that_is_tested_can_be_installed() -> None:
    pinned = {int(package["version"].split(".")[0]) for package in packages().values()}
    assert pinned | {DISTRIBUTION} == set(MAJORS)
