"""`candlefish up`: bring the tier up."""

import json
import time
from pathlib import Path

from candlefish.cli.options import (
    JsonOption,
    LightOption,
    NameOption,
    PortBaseOption,
    SpecOption,
    load_plan,
    tier_state,
)
from candlefish.cli.progress import show_progress
from candlefish.client.rules import load_rules
from candlefish.engines.stack import Stack, name_option


def up(
    spec: SpecOption = None,
    name: NameOption = None,
    port_base: PortBaseOption = None,
    light: LightOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the tier up on this machine, or heal it; safe to run again at any time."""
    start = time.monotonic()
    plan = load_plan(spec, name, port_base, light)
    if plan.spec.cache.rules:
        load_rules(Path(plan.spec.cache.rules))  # what is wrong with them is told now, and not in a log
    with show_progress(f"candlefish {plan.name}", quiet=as_json) as step:
        stack = Stack(plan, tier_state(plan.name), step)
        stack.up()
    seconds = time.monotonic() - start
    if as_json:
        print(json.dumps({"name": plan.name, "seconds": round(seconds, 2), "endpoints": stack.endpoints().to_env()}))
        return
    option = name_option(plan.name)
    print(f"candlefish: {plan.name} is up ({seconds:.1f} s)")
    print(f'  endpoints   eval "$(candlefish env{option})"')
    print(f"  look        candlefish status{option}")
    print(f"  a prompt    candlefish psql{option}")
