"""`candlefish down`: stop the tier and keep its data."""

import json

from candlefish.cli.options import JsonOption, NameOption, running_stack
from candlefish.cli.progress import show_progress
from candlefish.engines.stack import name_option


def down(name: NameOption = None, as_json: JsonOption = False) -> None:
    """Stop every program of the tier; its data stays."""
    stack = running_stack(name)
    with show_progress(f"candlefish {stack.plan.name}", quiet=as_json) as step:
        step("stopping every program")
        ran = stack.down()
    if as_json:
        print(json.dumps({"name": stack.plan.name, "ran": ran}))
    elif ran:
        print(f"candlefish: {stack.plan.name} is down; its data is kept in {stack.state.root}")
    else:
        print(f"candlefish: {stack.plan.name} was down already")
    if not as_json:
        print(f"  again       candlefish up{name_option(stack.plan.name)}")
