"""`candlefish cache advise`: which memory, eviction policy and TTL give the application's cache which hit ratio."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, NoReturn, TypeVar, cast, get_args

import typer
from rich.console import Console

from candlefish.advise.cache.accesses import DEFAULT_KEY_BYTES, DEFAULT_VALUE_BYTES
from candlefish.advise.cache.advice import make_advice
from candlefish.advise.cache.check import check, take_seconds, tighten
from candlefish.advise.cache.grid import Order, make_setting
from candlefish.advise.cache.load import Format, Source, load_accesses
from candlefish.advise.cache.policies import PolicyName
from candlefish.advise.cache.recording import Recording
from candlefish.advise.cache.result import CacheAdvice, Checked
from candlefish.cli.html_page import HtmlOption, write_page
from candlefish.cli.narrator import Narrator, narrate
from candlefish.cli.options import JsonOption
from candlefish.errors import UsageError
from candlefish.report.cache_advice import advice_summary, render_advice_json
from candlefish.report.cache_html import render_cache_html
from candlefish.units import parse_bytes, parse_seconds

T = TypeVar("T")

PIPE_WIDTH: Final = 150
"""Columns where no terminal says."""

MOST_ACCESSES: Final = 500_000
"""Simulated for each combination: half a second. On the reference traces 288,000 lookups of 76,000 keys differ from all
5,000,000 by less than a point where the cache holds 300 of them or more."""

LATE_S: Final = 1.0
"""A replay that falls further behind ticks by another clock than Redis's LRU."""

TtlOption = Annotated[
    str, typer.Option("--ttl", metavar="TTL,...", help="Times that values live, such as 60s,5min,none.")
]
MemoryOption = Annotated[
    str,
    typer.Option(
        "--memory", metavar="SIZE,...", help="Sizes of maxmemory, such as 64MB,256MB.", show_default="1 % to all keys"
    ),
]
PolicyOption = Annotated[
    str, typer.Option("--policy", metavar="NAME,...", help=f"Of {', '.join(get_args(PolicyName))}.")
]
WithinOption = Annotated[
    float, typer.Option("--within", min=0, max=100, help="Points that may be lost against the ceiling.")
]
FormatOption = Annotated[
    Format, typer.Option("--format", help="recording, or int32be for raw traces: big-endian 32-bit keys.")
]
RateOption = Annotated[
    float, typer.Option("--rate", help="Accesses a second of a raw trace, which has no times.", show_default=False)
]
KeyBytesOption = Annotated[int, typer.Option("--key-bytes", min=1, max=255, help="Length of a raw trace's keys.")]
ValueBytesOption = Annotated[int, typer.Option("--value-bytes", min=1, help="Length of values where none is recorded.")]
JitterOption = Annotated[float, typer.Option("--jitter", min=0, max=0.99, help="The client's jitter_ratio.")]
ConnectionsOption = Annotated[int, typer.Option("--connections", min=1, help="Connections to this Redis.")]
BesideOption = Annotated[
    str, typer.Option("--beside", metavar="SIZE", help="What this Redis keeps besides, such as its repl-backlog-size.")
]
AccessesOption = Annotated[
    int, typer.Option("--accesses", min=1000, help="Simulate about so many; of a longer recording fewer keys.")
]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Replay on a redis-server started for it, at the recorded pace.")
]
CheckSecondsOption = Annotated[float, typer.Option("--check-seconds", min=1, help="Replay the first so many seconds.")]


def advise(
    recordings: Annotated[
        list[Path], typer.Argument(metavar="RECORDING...", help="Files of Recorder, or a raw trace.")
    ],
    ttl: TtlOption = "5min,1h,none",
    memory: MemoryOption = "",
    policy: PolicyOption = "allkeys-lru,allkeys-lfu,allkeys-random",
    within: WithinOption = 2.0,
    format: FormatOption = "recording",
    rate: RateOption = 0.0,
    key_bytes: KeyBytesOption = DEFAULT_KEY_BYTES,
    value_bytes: ValueBytesOption = DEFAULT_VALUE_BYTES,
    jitter: JitterOption = 0.1,
    connections: ConnectionsOption = 1,
    beside: BesideOption = "0MB",
    accesses: AccessesOption = MOST_ACCESSES,
    check_it: CheckOption = False,
    check_seconds: CheckSecondsOption = 120.0,
    html: HtmlOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which memory, eviction policy and TTL give which hit ratio, from the application's own accesses.

    Redis 7.0 is simulated on what `candlefish.client.recording.Recorder` recorded. With `--check` a real redis-server
    gets the same accesses; exit code 1 when a prediction is off by more than 2 points.
    """
    order = Order(
        memories=_several("--memory", memory, parse_bytes),
        policies=_several("--policy", policy, _parse_policy) or _none_given("--policy"),
        ttls=_several("--ttl", ttl, _parse_ttl) or _none_given("--ttl"),
        jitter_ratio=jitter,
        connections=connections,
        beside_bytes=sum(_several("--beside", beside, parse_bytes)),
    )
    with narrate("cache advise") as narrator:
        found = load_accesses(recordings, Source(format, rate, key_bytes, value_bytes))
        narrator.step(f"{len(found.accesses):,} lookups of {found.accesses.objects:,} keys recorded")
        advice = _simulate(found, order, within, accesses, narrator)
        if check_it:
            advice = replace(advice, checked=_check(found, order, advice, check_seconds, narrator))
    if html is not None:
        write_page(html, render_cache_html(advice))
    _show(advice, html, as_json)
    if not all(one.holds for one in advice.checked):
        raise typer.Exit(1)


def _simulate(found: Recording, order: Order, within: float, most: int, narrator: Narrator) -> CacheAdvice:
    narrator.step("simulating Redis")
    return make_advice(
        found,
        order,
        within=within,
        most_accesses=most,
        on_step=lambda done, whole: narrator.tick(f"{done} of {whole}"),
    )


def _check(
    found: Recording, order: Order, advice: CacheAdvice, seconds: float, narrator: Narrator
) -> tuple[Checked, ...]:
    """Replay the TTL of the advice, and its memory as far as there is something to evict, under every policy."""
    chosen = advice.choice.point
    accesses = take_seconds(found.accesses, seconds)
    policies = [one for one in order.policies if one != "volatile-ttl" or chosen.ttl_s is not None]
    settings = [
        tighten(accesses, make_setting(accesses, order, chosen.maxmemory_bytes, one, chosen.ttl_s)) for one in policies
    ]
    narrator.step(f"replaying {accesses.seconds:.0f} s on {len(settings)} redis-servers, after some 10 s of rest")
    checked = asyncio.run(check(accesses, settings, lambda ratio: narrator.tick(f"{ratio:.0%}")))
    late_s = max(one.late_s for one in checked)
    if late_s > LATE_S:
        narrator.step(f"the replay fell {late_s:.1f} s behind: this machine is too busy for a fair check")
    return checked


def _several(option: str, text: str, parse: Callable[[str], T]) -> tuple[T, ...]:
    try:
        return tuple(dict.fromkeys(parse(word.strip()) for word in text.split(",") if word.strip()))
    except ValueError as error:
        raise UsageError(f"{option} {text}: {error}") from error


def _none_given(option: str) -> NoReturn:
    raise UsageError(f"{option} names nothing", hint="name one at least, or leave the option out")


def _parse_ttl(text: str) -> float | None:
    if text == "none":
        return None
    ttl_s = parse_seconds(text)
    if ttl_s <= 0:
        raise ValueError(f"{text!r} keeps nothing: write none for values that live for ever")
    return ttl_s


def _parse_policy(text: str) -> PolicyName:
    if text not in get_args(PolicyName):
        raise ValueError(f"{text!r} is none of {', '.join(get_args(PolicyName))}")
    return cast(PolicyName, text)


def _show(advice: CacheAdvice, html: Path | None, as_json: bool) -> None:
    if as_json:
        print(render_advice_json(advice))
        return
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = PIPE_WIDTH
    console.print(advice_summary(advice))
    if html is not None:
        print(f"\nreport  {html.resolve()}")
