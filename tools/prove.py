"""Prove a module by hand: `.venv/bin/python -m tools.prove SPEC.toml` (or a folder with HCL), each step with its time.

Terraform is real, the AWS provider is a stand-in that serves its schema: nothing reaches AWS, nothing is deployed.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.standin import NAME
from tests.standin.hcl_check import check
from tests.standin.terraform import TerraformFailed, Workspace, workspace

Step = Callable[[Workspace], object]


def module_of(given: Path) -> dict[str, str]:
    """Read the files of a folder, or render a spec."""
    if given.is_dir():
        kinds = (".tf", ".hcl", ".tfvars")
        return {str(path.relative_to(given)): path.read_text() for path in given.rglob("*") if path.suffix in kinds}
    from candlefish.spec.load import load
    from candlefish.terraform import render_module

    return dict(render_module(load(given)))


def second_plan(space: Workspace) -> None:
    """Fail when a second plan would change something."""
    if space.plan():
        raise TerraformFailed(f"a second plan is not empty\n{space.said[-1]}")


def pure_check(space: Workspace) -> str:
    """Check without Terraform."""
    files = {path.name: path.read_text() for path in space.folder.iterdir() if path.is_file()}
    return "\n".join(str(finding) for finding in check(files))


STEPS: dict[str, Step] = {
    "fmt": Workspace.fmt_check,
    "check": pure_check,
    "init": Workspace.init,
    "validate": lambda space: "\n".join(map(str, space.validate())),
    "plan": lambda space: space.plan() and None,
    "apply": Workspace.apply,
    "plan again": second_plan,
    "test": Workspace.test,
}


def main() -> int:
    """Run every step, and stop where Terraform does."""
    given = Path(sys.argv[1])
    with workspace(module_of(given)) as space:
        print(f"{given}, against the {NAME}")
        for name, step in STEPS.items():
            began = time.monotonic()
            try:
                said = step(space)
            except TerraformFailed as failure:
                print(f"{name}: FAILED\n{failure}")
                return 1
            print(
                f"{name}: {time.monotonic() - began:.2f} s",
                *(["WRONG", said] if said else []),
                sep="\n" if said else "",
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
