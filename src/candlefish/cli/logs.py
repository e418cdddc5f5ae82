"""`candlefish logs`: what the programs wrote."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer

from candlefish import process
from candlefish.cli.options import JsonOption, NameOption, running_stack
from candlefish.errors import UsageError

FOLLOW_S = 0.3
"""Seconds between two looks at a log that is followed."""


def logs(
    programs: Annotated[
        list[str] | None, typer.Argument(help="pg1, pgbouncer, redis1, ...; all of them when none is named.")
    ] = None,
    name: NameOption = None,
    lines: Annotated[int, typer.Option("--lines", help="Lines of each log.")] = 10,
    follow: Annotated[bool, typer.Option("--follow", help="Stay, and print what comes.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the last lines of the programs' logs."""
    stack = running_stack(name)
    known = {path.stem: path for path in sorted(stack.state.logs.glob("*.log"))}
    unknown = [program for program in programs or [] if program not in known]
    if unknown:
        raise UsageError(
            f"there is no log of {', '.join(unknown)}",
            detail="there are logs of " + ", ".join(known),
            hint="name one of these",
        )
    chosen = {program: known[program] for program in programs or known}
    if as_json:
        print(json.dumps({program: process.tail(path, lines).splitlines() for program, path in chosen.items()}))
        return
    for program, path in chosen.items():
        for line in process.tail(path, lines).splitlines():
            print(f"{program:>12} | {line}")
    if follow:
        _follow(chosen)


def _follow(logs: dict[str, Path]) -> None:
    """Print what is added to the logs until the user ends it."""
    positions = {program: path.stat().st_size for program, path in logs.items()}
    while True:
        for program, path in logs.items():
            size = path.stat().st_size
            if size < positions[program]:  # the log was rotated
                positions[program] = 0
            if size > positions[program]:
                with path.open(errors="replace") as file:
                    file.seek(positions[program])
                    for line in file.read().splitlines():
                        print(f"{program:>12} | {line}", flush=True)
                positions[program] = size
        time.sleep(FOLLOW_S)
