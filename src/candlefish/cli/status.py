"""`candlefish status`: the tier as it is now, the verdict first."""

import json
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table

from candlefish.cli.options import JsonOption, NameOption, running_stack
from candlefish.engines.changes import ChangesStatus
from candlefish.engines.status import TierStatus, fetch_status
from candlefish.units import render_bytes, render_seconds


def status(name: NameOption = None, as_json: JsonOption = False) -> None:
    """Show each program, its role, the lag, the pools and the memory; exit code 1 when something is wrong."""
    seen = fetch_status(running_stack(name))
    if as_json:
        print(json.dumps({**asdict(seen), "whole": seen.is_whole}, indent=2))
    else:
        _print(seen)
    if not seen.is_whole:
        raise typer.Exit(1)


def _print(seen: TierStatus) -> None:
    console = Console(highlight=False)
    console.print(f"[bold {'green' if seen.is_whole else 'red'}]{seen.name}: {seen.verdict}[/]", soft_wrap=True)
    for finding in seen.findings[1:]:
        console.print(f"  also: {finding.subject} {finding.message}", soft_wrap=True)
    console.print(_programs(seen))
    if seen.pools:
        console.print(_pools(seen))
    if seen.changes:
        console.print(_follower(seen.changes), soft_wrap=True)
    if seen.events:
        console.print("what happened lately (UTC)")
        for event in seen.events:
            console.print(f"  {event.at[:19].replace('T', ' ')}  {event.subject:<10} {event.message}", soft_wrap=True)


def _follower(seen: ChangesStatus) -> str:
    return (
        f"changes in the database: {seen.rows} rows made {seen.keys} keys and {seen.tags} tags stale; "
        f"{render_seconds(seen.lag_s)} and {render_bytes(seen.lag_bytes)} behind, {render_bytes(seen.kept_bytes)} of"
        f" WAL kept; {seen.gaps} gaps, {seen.restarts} lost connections"
    )


def _programs(seen: TierStatus) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("program", "state", "role", "address", "lag", "memory", "since"):
        table.add_column(title, justify="right" if title in ("lag", "memory", "since") else "left")
    for program in seen.programs:
        table.add_row(
            program.name,
            program.state,
            program.role,
            program.address,
            "" if program.lag_s is None else render_seconds(program.lag_s),
            render_bytes(program.memory_bytes) if program.memory_bytes else "",
            render_seconds(program.uptime_s) if program.pid else "",
        )
    return table


def _pools(seen: TierStatus) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("pool")
    for title in ("clients", "waiting", "longest wait", "servers in use", "idle"):
        table.add_column(title, justify="right")
    for pool in seen.pools:
        table.add_row(
            pool.database,
            str(pool.clients_active),
            str(pool.clients_waiting),
            render_seconds(pool.longest_wait_s),
            str(pool.servers_active),
            str(pool.servers_idle),
        )
    return table
