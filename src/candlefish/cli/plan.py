"""`candlefish plan`: every number of the tier with its reason, here and on AWS. Nothing is started."""

import json
from collections.abc import Iterable
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from candlefish.cli.options import JsonOption, LightOption, NameOption, PortBaseOption, SpecOption, load_plan
from candlefish.plan.aws.explain import explain_aws
from candlefish.plan.model import Plan, Setting
from candlefish.plan.ports import explain_ports

PIPE_WIDTH = 200
"""Columns where no terminal says: wide enough that each number stands in one line, for grep."""


def plan(
    spec: SpecOption = None,
    name: NameOption = None,
    port_base: PortBaseOption = None,
    light: LightOption = False,
    as_json: JsonOption = False,
) -> None:
    """Print every number of the tier with its reason, its ports, and what the same spec means on AWS."""
    planned = load_plan(spec, name, port_base, light)
    if as_json:
        print(json.dumps(_to_json(planned), indent=2))
    else:
        _print(planned)


def _to_json(planned: Plan) -> dict[str, object]:
    return {
        "name": planned.name,
        "machine": asdict(planned.machine),
        "here": [asdict(setting) for setting in planned.explain()],
        "ports": [asdict(setting) for setting in explain_ports(planned.spec)],
        "aws": [asdict(setting) for setting in explain_aws(planned.spec)],
    }


def _print(planned: Plan) -> None:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    nodes, cache = len(planned.postgres.nodes), len(planned.redis.nodes)
    console.print(
        f"[bold]{planned.name}[/]: {nodes} PostgreSQL, PgBouncer, {cache} Redis, on this machine", soft_wrap=True
    )
    console.print(_table("here", planned.explain()))
    console.print(_table("ports", explain_ports(planned.spec)))
    console.print(_table("on AWS", explain_aws(planned.spec)))


def _table(title: str, settings: Iterable[Setting]) -> Table:
    table = Table(
        title=f"\n{title}", title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim"
    )
    table.add_column("number", no_wrap=True)
    table.add_column("value", overflow="fold")
    table.add_column("reason", overflow="fold")
    for setting in settings:
        table.add_row(setting.name, f"{setting.value} {setting.unit}".rstrip(), setting.reason)
    return table
