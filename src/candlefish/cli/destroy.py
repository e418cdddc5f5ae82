"""`candlefish destroy`: stop the tier and delete its data."""

import json
import sys

import typer

from candlefish.cli.options import JsonOption, NameOption, YesOption, running_stack
from candlefish.cli.progress import show_progress
from candlefish.errors import UsageError


def destroy(name: NameOption = None, yes: YesOption = False, as_json: JsonOption = False) -> None:
    """Stop the tier and delete everything it holds. Asks first; --yes does not."""
    stack = running_stack(name)
    served = ", ".join(stack.databases())
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError(
                f"nobody is there to confirm that {stack.plan.name} may be deleted",
                hint="add --yes to delete without a question",
            )
        typer.confirm(
            f"Delete the tier {stack.plan.name} with its databases ({served}) in {stack.state.root}?",
            abort=True,
        )
    with show_progress(f"candlefish {stack.plan.name}", quiet=as_json) as step:
        step("stopping every program, deleting the data")
        stack.destroy()
    if as_json:
        print(json.dumps({"name": stack.plan.name, "deleted": str(stack.state.root)}))
    else:
        print(f"candlefish: {stack.plan.name} is gone, {stack.state.root} is deleted")
