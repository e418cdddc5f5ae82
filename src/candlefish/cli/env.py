"""`candlefish env`: print where the tier answers, for any program in any language."""

import json
import shlex
from typing import Annotated

import typer

from candlefish.cli.options import JsonOption, NameOption, running_stack

DatabaseOption = Annotated[
    str, typer.Option("--database", "-d", help="Another database that the tier serves.", show_default=False)
]


def env(name: NameOption = None, database: DatabaseOption = "", as_json: JsonOption = False) -> None:
    """Print the endpoints as shell exports: `eval "$(candlefish env)"`."""
    stack = running_stack(name)
    stack.require_running()
    variables = stack.endpoints(database).to_env()
    if as_json:
        print(json.dumps(variables, indent=2))
    else:
        for variable, value in variables.items():
            print(f"export {variable}={shlex.quote(value)}")
