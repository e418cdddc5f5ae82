"""`candlefish setup`: the programs that the tier runs, installed where that is allowed."""

import json
import os
from dataclasses import asdict
from typing import Annotated

import typer

from candlefish.cli.options import JsonOption
from candlefish.cli.progress import show_progress
from candlefish.engines.install import Installed, install_engines, render_plan

UpdateOption = Annotated[bool, typer.Option("--update", help="Build PgBouncer again, to take its security updates.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the commands instead of running them.")]


def setup(update: UpdateOption = False, dry_run: DryRunOption = False, as_json: JsonOption = False) -> None:
    """Install the engines that this machine lacks (Debian, Ubuntu), or say what to run."""
    xdg_state_home = os.environ.get("XDG_STATE_HOME", "")
    if dry_run:
        plan = render_plan(xdg_state_home=xdg_state_home)
        print(json.dumps({"commands": plan.splitlines()}) if as_json else plan)
        return
    with show_progress("candlefish setup") as step:
        done = install_engines(report=step, xdg_state_home=xdg_state_home, update=update)
    print(json.dumps(asdict(done)) if as_json else _text(done))


def _text(done: Installed) -> str:
    version = ".".join(map(str, done.pgbouncer_version))
    lines = [f"candlefish: every engine is here; PgBouncer {version} is {done.pgbouncer}"]
    if done.packages:
        lines.append(f"  installed   {' '.join(done.packages)}")
    if done.note:
        lines.append(f"  note        {done.note}")
    return "\n".join(lines)
