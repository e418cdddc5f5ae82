"""`candlefish follow`: make the cache forget what changes in the database, whoever changes it."""

import asyncio
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from candlefish import process
from candlefish.changes import service
from candlefish.changes.check import check_rules
from candlefish.changes.service import Progress, Route
from candlefish.changes.slot import drop, fetch_status, preview
from candlefish.changes.source import NAME, Source, connect
from candlefish.cli.options import JsonOption, NameOption, running_stack
from candlefish.client.redis.address import parse_url
from candlefish.client.rules import Rule, load_rules
from candlefish.engines.changes import rules_file
from candlefish.engines.stack import Stack
from candlefish.errors import CheckFailed, EngineError, UsageError
from candlefish.results import Finding
from candlefish.units import render_bytes, render_seconds

LET_GO_S = 12.0
"""Seconds in which a reader that was killed lets go of the slot: the tier's servers drop a silent one after 10 s."""

RulesOption = Annotated[
    Path | None,
    typer.Option("--rules", "-r", help="The rules; those that the tier has, when it has some.", show_default=False),
]
DatabaseUrlOption = Annotated[
    str,
    typer.Option(
        "--database-url", metavar="DSN", help="A database elsewhere, as a role that may replicate.", show_default=False
    ),
]
RedisUrlOption = Annotated[
    str,
    typer.Option(
        "--redis-url",
        metavar="URL",
        help="A cache elsewhere: redis://, redis+sentinel:// or redis+cluster://.",
        show_default=False,
    ),
]
PrefixOption = Annotated[
    str | None,
    typer.Option("--prefix", help="The prefix of the application's Cache; the tier's, or none.", show_default=False),
]
SlotOption = Annotated[str, typer.Option("--slot", help="The replication slot.")]
PublicationOption = Annotated[str, typer.Option("--publication", help="The publication.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would be made, and whether the rules fit.")]
UndoOption = Annotated[bool, typer.Option("--undo", help="Drop the slot and the publication.")]


def follow(
    name: NameOption = None,
    rules: RulesOption = None,
    database_url: DatabaseUrlOption = "",
    redis_url: RedisUrlOption = "",
    prefix: PrefixOption = None,
    slot: SlotOption = NAME,
    publication: PublicationOption = NAME,
    dry_run: DryRunOption = False,
    undo: UndoOption = False,
    as_json: JsonOption = False,
) -> None:
    """Turn committed row changes into invalidations of the cache, by declared rules, until it is ended."""
    stack = None if database_url and (redis_url or dry_run or undo) else running_stack(name)
    source = Source(database_url or _endpoints(stack)["CANDLEFISH_ADMIN_URL"], slot, publication)
    if undo:
        _say({"dropped": drop(source)}, as_json)
        return
    declared = load_rules(rules or _tiers_rules(stack))
    if dry_run:
        _show_plan(source, declared, as_json)
        return
    if not process.wait_until(lambda: not fetch_status(source).active, timeout_s=LET_GO_S):
        raise EngineError(
            f"somebody reads the slot {slot} already",
            hint="the tier's own follower is in `candlefish status`; another one needs a --slot and a --publication",
        )
    if prefix is None:
        prefix = stack.plan.spec.cache.prefix if stack else ""
    route = Route(source, declared, parse_url(redis_url or _cache_url(stack)), prefix)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    asyncio.run(service.follow(route, _tell_json if as_json else _tell))


def _endpoints(stack: Stack | None) -> dict[str, str]:
    if stack is None:
        raise UsageError("a follower needs a database and a cache", hint="give --database-url and --redis-url")
    stack.require_running()
    return stack.endpoints().to_env()


def _cache_url(stack: Stack | None) -> str:
    urls = _endpoints(stack)
    return urls.get("CANDLEFISH_SENTINEL_URL") or urls["CANDLEFISH_REDIS_URL"]


def _tiers_rules(stack: Stack | None) -> Path:
    if stack is None or not rules_file(stack.state).exists():
        raise UsageError("there are no rules", hint="give --rules FILE, or name them in candlefish.toml: [cache] rules")
    return rules_file(stack.state)


def _show_plan(source: Source, rules: tuple[Rule, ...], as_json: bool) -> None:
    """Print the rules, what keeps them from being followed, and what would be made; exit code 1 if they do not fit."""
    with connect(source) as connection:
        findings = check_rules(connection, rules)
    steps = () if findings else preview(source, rules).texts
    if as_json:
        rows = [dict(zip(_TITLES, _row(rule), strict=True)) for rule in rules]
        print(json.dumps({"rules": rows, "findings": [asdict(finding) for finding in findings], "steps": steps}))
    else:
        _print_plan(rules, findings, steps)
    if findings:
        raise CheckFailed("the rules do not fit the database", hint="mend what is listed above, then ask again")


_TITLES = ("table", "keys", "tags", "columns")


def _row(rule: Rule) -> tuple[str, ...]:
    keys, tags = (", ".join(template.text for template in templates) for templates in (rule.keys, rule.tags))
    return rule.table, keys, tags, ", ".join(sorted(rule.columns)) or "any"


def _print_plan(rules: tuple[Rule, ...], findings: tuple[Finding, ...], steps: tuple[str, ...]) -> None:
    table = Table(*_TITLES, box=None, pad_edge=False, header_style="bold")
    for rule in rules:
        table.add_row(*_row(rule))
    console = Console(highlight=False)
    console.print(table)
    for finding in findings:
        console.print(f"  {finding.subject}: {finding.message}", soft_wrap=True, markup=False)
        if finding.hint:
            console.print(f"    hint: {finding.hint}", soft_wrap=True, markup=False)
    for step in steps:
        console.print(f"  would {step}", soft_wrap=True, markup=False)
    if not findings and not steps:
        console.print("  the slot and the publication are there")


def _say(said: dict[str, tuple[str, ...]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(said))
    else:
        for what, names in said.items():
            print(f"candlefish: {what} {', '.join(names) or 'nothing: there was none'}")


def _tell_json(progress: Progress) -> None:
    print(json.dumps(asdict(progress)), flush=True)


def _tell(progress: Progress) -> None:
    print(
        f"{progress.rows} rows, {progress.keys} keys and {progress.tags} tags; "
        f"{render_seconds(progress.lag_s)} and {render_bytes(progress.lag_bytes)} behind; "
        f"{progress.gaps} gaps, {progress.restarts} restarts{'' if progress.redis_is_up else '; redis is away'}",
        flush=True,
    )
