"""Modules in throw-away folders, with the real Terraform and a stand-in for the AWS provider."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.standin import checkov, wheel
from tests.standin.terraform import Workspace, has_terraform, workspace

from candlefish.spec.load import load
from candlefish.terraform import render_module

HERE = Path(__file__).parent
SPECS = sorted((HERE / "specs").glob("*.toml"))
Module = dict[str, str]


def missing() -> str:
    """Say what the proof lacks on this machine."""
    if not has_terraform():
        return "there is no terraform on PATH"
    return (
        "" if wheel.is_there() and checkov.PROGRAM.exists() else "the schema or checkov is missing: run tools/proof.sh"
    )


@pytest.fixture(scope="session", autouse=True)
def terraform() -> None:
    """Skip without a Terraform, except where everything has to be proved."""
    if lack := missing():
        if os.environ.get("CI") == "true":
            pytest.fail(lack)
        pytest.skip(lack)


def read_module(folder: Path) -> Module:
    """Read a module out of a folder."""
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def sample() -> Module:
    """Give the small module on which the stand-in itself is tested."""
    return read_module(HERE / "sample")


@pytest.fixture
def sample_space(sample: Module) -> Iterator[Workspace]:
    """Give a folder with the small module, ready to plan."""
    with workspace(sample) as space:
        space.init()
        yield space


@pytest.fixture(scope="session")
def modules() -> dict[str, Module]:
    """Render all specs."""
    return {path.stem: dict(render_module(load(path))) for path in SPECS}


@dataclass(frozen=True, slots=True)
class Case:
    """One spec, and the module that it means."""

    name: str
    module: Module


@pytest.fixture(scope="session", params=SPECS, ids=lambda path: path.stem)
def case(request: pytest.FixtureRequest, modules: dict[str, Module]) -> Case:
    """Give one spec after the other; tests of one stand together, and share its folder."""
    return Case(request.param.stem, modules[request.param.stem])


@pytest.fixture(scope="session")
def space(case: Case) -> Iterator[Workspace]:
    """Give a folder with the module, ready to plan; Terraform writes down all that it does."""
    with workspace(case.module, log="TRACE") as space:
        space.init()
        yield space


@pytest.fixture(scope="session")
def plan(space: Workspace) -> dict[str, Any]:
    """Plan the module on an empty account."""
    assert space.plan()
    return space.show_json()


@pytest.fixture(scope="session")
def applied(space: Workspace, plan: dict[str, Any]) -> Workspace:
    """Apply that plan."""
    assert plan["resource_changes"]
    space.apply()
    return space
