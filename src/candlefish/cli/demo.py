"""`candlefish demo`: measure the reference application before and after, and print the difference."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from candlefish import report
from candlefish.bench.pgbench import parse_script
from candlefish.cli.narrator import narrate
from candlefish.cli.options import (
    JsonOption,
    LightOption,
    NameOption,
    PortBaseOption,
    SpecOption,
    load_plan,
    tier_state,
)
from candlefish.demo.measuring import Lengths
from candlefish.demo.phases import MEASURE_S
from candlefish.demo.result import DemoResult
from candlefish.demo.run import DemoSettings, run_demo
from candlefish.engines.stack import Stack, name_option
from candlefish.errors import CheckFailed, StateNotWritable

REPORT_WIDTH = 100
"""Columns of the tables, also where nothing says how wide the reader's window is."""

ScaleOption = Annotated[float, typer.Option(min=0.001, max=20, help="Size of the data; 1 is about 3 million rows.")]
SeedOption = Annotated[int, typer.Option(help="Same seed and scale, same data.")]
SecondsOption = Annotated[
    float, typer.Option(min=2, max=600, help="Length of the runs after; the others scale with it.")
]
AblationOption = Annotated[
    bool,
    typer.Option("--ablation", help="Also measure what indexes, pooling, replicas and cache bring alone."),
]
ScriptOption = Annotated[
    list[str] | None,
    typer.Option("--script", metavar="FILE[@WEIGHT]", help="Also run these pgbench scripts through the tier."),
]
OutputOption = Annotated[Path, typer.Option("--output", "-o", help="Folder for demo.html and demo.json.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="End with exit code 1 when an objective was missed.")]


def demo(
    spec: SpecOption = None,
    name: NameOption = None,
    port_base: PortBaseOption = None,
    light: LightOption = False,
    scale: ScaleOption = 1.0,
    seed: SeedOption = 1,
    seconds: SecondsOption = MEASURE_S,
    ablation: AblationOption = False,
    script: ScriptOption = None,
    output: OutputOption = Path("reports"),
    strict: StrictOption = False,
    as_json: JsonOption = False,
) -> None:
    """Bring the tier up, load the reference application, measure it, optimise it online, measure it again.

    The tier is left running. An objective that was missed is printed as missed; with --strict it also
    decides the exit code, for a machine quiet enough that it may.
    """
    plan = load_plan(spec, name, port_base, light)
    _require_writable(output)
    settings = DemoSettings(
        scale=scale,
        seed=seed,
        lengths=Lengths().scaled(seconds / MEASURE_S),
        ablation=ablation,
        scripts=tuple(parse_script(text) for text in script or ()),
    )
    with narrate(f"candlefish demo on {plan.name}") as narrator:
        result = run_demo(Stack(plan, tier_state(plan.name), narrator.tick), settings, narrator)
    page = _save(result, output)
    if as_json:
        print(report.render_json(result))
    else:
        _show(result, page, name_option(plan.name))
    if strict and not result.all_met:
        missed = ", ".join(verdict.name for verdict in result.objectives if not verdict.met)
        raise CheckFailed(f"objectives missed: {missed}", hint=f"see {page}")


def _require_writable(folder: Path) -> None:
    """Make the folder before minutes are spent; raise StateNotWritable when that can't be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StateNotWritable(
            f"could not write the folder {folder}", detail=str(error), hint="name another one with --output"
        ) from error


def _save(result: DemoResult, folder: Path) -> Path:
    page = folder / "demo.html"
    page.write_text(report.render_html(result), encoding="utf-8")
    (folder / "demo.json").write_text(report.render_json(result) + "\n", encoding="utf-8")
    return page


def _show(result: DemoResult, page: Path, option: str) -> None:
    console = Console(highlight=False)
    wide = Console(highlight=False, width=max(console.width, REPORT_WIDTH))
    wide.print(report.summary(result))
    print(f"\n  report        {page.resolve()}")
    print(f"  look around   candlefish status{option}; candlefish psql{option}")
    print(f'  your program  eval "$(candlefish env{option})"')
    print(f"  remove it     candlefish destroy{option}")
