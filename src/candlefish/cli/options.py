"""Options that several commands share, and how a command gets its tier from them."""

import os
from pathlib import Path
from typing import Annotated

import typer

from candlefish.engines.machine import read_machine
from candlefish.engines.stack import Stack, open_stack
from candlefish.engines.state import State, state_root
from candlefish.plan import make_plan
from candlefish.plan.model import Plan
from candlefish.spec.load import load

DEFAULT_SPEC = Path("candlefish.toml")
DEFAULT_NAME = "candlefish"

SpecOption = Annotated[
    Path | None,
    typer.Option(
        "--spec", "-f", help="The spec; candlefish.toml of this folder when there is one.", show_default=False
    ),
]
NameOption = Annotated[
    str | None,
    typer.Option("--name", "-n", help="The tier's name, when several run here.", show_default=False),
]
PortBaseOption = Annotated[
    int | None, typer.Option("--port-base", help="First port of the tier, below 32768.", show_default=False)
]
LightOption = Annotated[
    bool, typer.Option("--light", help="One PostgreSQL, one Redis, no Sentinel; the same endpoint names.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def load_plan(spec: Path | None, name: str | None = None, port_base: int | None = None, light: bool = False) -> Plan:
    """Return the plan of a spec with what the command line changes of it."""
    chosen = spec or (DEFAULT_SPEC if DEFAULT_SPEC.exists() else None)
    overrides = {
        key: value
        for key, value in (("name", name), ("port_base", port_base), ("light", light or None))
        if value is not None
    }
    return make_plan(load(chosen, overrides), read_machine())


def tier_state(name: str | None) -> State:
    """Return the folder of a tier; without a name, of the one that candlefish.toml of this folder names."""
    if name is None and DEFAULT_SPEC.exists():
        name = load(DEFAULT_SPEC, {}).name
    return State(state_root(os.environ.get("XDG_STATE_HOME", "")) / (name or DEFAULT_NAME))


def running_stack(name: str | None) -> Stack:
    """Return the stack of a tier that was brought up before; raise TierNotRunning otherwise."""
    return open_stack(tier_state(name))
