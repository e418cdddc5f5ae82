"""`candlefish bench`: measure the reference workload, or any pgbench scripts, through the running tier."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Literal

import psycopg
import typer
from rich.console import Console

from candlefish.bench.generator import LoadGenerator
from candlefish.bench.load import ClosedLoop, OpenLoop
from candlefish.bench.pgbench import PgbenchLoad, parse_script, run_pgbench
from candlefish.bench.result import Run
from candlefish.cli.env import DatabaseOption
from candlefish.cli.options import JsonOption, NameOption, running_stack
from candlefish.cli.progress import show_progress
from candlefish.cli.run_table import run_tables
from candlefish.demo.facts import fetch_root_pids
from candlefish.demo.keys import ROWS_AT_SCALE_1
from candlefish.demo.targets import make_after
from candlefish.endpoints import Endpoints
from candlefish.errors import UsageError

Endpoint = Literal["main", "read", "session", "analytics", "admin"]

WORKLOAD = "candlefish.demo.operations:operations"
WORKERS = 2

ScriptOption = Annotated[
    list[str] | None,
    typer.Option("--script", metavar="FILE[@WEIGHT]", help="A pgbench script; may be given several times."),
]
EndpointOption = Annotated[Endpoint, typer.Option("--endpoint", "-e", help="Where the scripts run.")]
RateOption = Annotated[float, typer.Option(min=0, help="Requests a second; 0 is as fast as the clients can.")]
ClientsOption = Annotated[int, typer.Option(min=1, max=10_000, help="Clients, where no rate is given.")]
SecondsOption = Annotated[float, typer.Option(min=1, help="Length of the measured run.")]
WarmUpOption = Annotated[float, typer.Option("--warm-up", min=0, help="Seconds before it that are not measured.")]
DefineOption = Annotated[
    list[str] | None, typer.Option("--define", "-D", metavar="NAME=VALUE", help="A variable of the scripts.")
]


def bench(
    name: NameOption = None,
    script: ScriptOption = None,
    endpoint: EndpointOption = "main",
    database: DatabaseOption = "",
    rate: RateOption = 0.0,
    clients: ClientsOption = 16,
    seconds: SecondsOption = 20.0,
    warm_up: WarmUpOption = 2.0,
    define: DefineOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the reference application's operations, or pgbench scripts, and print the distribution of their times.

    With a rate, requests start when they are due whether or not earlier ones were answered, and a request's time runs
    from the moment at which it was due; without one, each client starts its next when it has the answer to its last.
    """
    scripts = [parse_script(text) for text in script or ()]
    stack = running_stack(name)
    stack.require_running()
    endpoints, roots = stack.endpoints(database), fetch_root_pids(stack)
    with show_progress("candlefish bench", quiet=as_json) as step:
        if scripts:
            load = PgbenchLoad(
                clients=clients, rate=rate, seconds=seconds, warm_up_s=warm_up, definitions=tuple(define or ())
            )
            step(f"pgbench with {len(scripts)} scripts on {endpoint} for {warm_up + seconds:g} s")
            run = run_pgbench(getattr(endpoints, f"{endpoint}_url"), scripts, load, roots)
        else:
            run = _run_reference(endpoints, _loop(rate, clients, seconds, warm_up), roots, step)
    _print(run, as_json)


def _loop(rate: float, clients: int, seconds: float, warm_up_s: float) -> OpenLoop | ClosedLoop:
    label = "reference workload"
    if rate:
        return OpenLoop(label=label, rate=rate, seconds=seconds, warm_up_s=warm_up_s)
    return ClosedLoop(label=label, clients=clients, seconds=seconds, warm_up_s=warm_up_s)


def _run_reference(
    endpoints: Endpoints, load: OpenLoop | ClosedLoop, roots: tuple[int, ...], step: Callable[[str], None]
) -> Run:
    scale, optimised = find_reference(endpoints.main_url)
    target = make_after(endpoints)
    if not optimised:
        raise UsageError(
            "the reference application in this database is not optimised yet", hint="run `candlefish demo`"
        )
    step(f"reference workload at scale {scale:.3g} for {load.warm_up_s + load.seconds:g} s")
    with LoadGenerator(WORKLOAD, settings={"scale": scale}, processes=WORKERS, cpu_roots=roots) as generator:
        return generator.run(target, load)


def find_reference(url: str) -> tuple[float, bool]:
    """Return the scale of the reference application in a database, and whether it is optimised."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        row = connection.execute("select to_regclass('agent_decisions'), to_regclass('dashboard_stats')").fetchone()
        if row is None or row[0] is None:
            raise UsageError(
                "there is no reference application in this database",
                hint="run `candlefish demo` first, or measure scripts of your own with --script FILE",
            )
        users = connection.execute("select count(*) from users").fetchone()
    return (users[0] if users else 0) / ROWS_AT_SCALE_1["users"], row[1] is not None


def _print(run: Run, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(run), indent=2))
        return
    console = Console(highlight=False)
    for table in run_tables(run):
        console.print(table)
