"""The rows of a cache's advice, as text cells: one source for the terminal and for the page."""

from collections.abc import Iterator, Sequence
from typing import Final

from candlefish.advise.cache.policies import PolicyName
from candlefish.advise.cache.result import CacheAdvice, Checked, Point, name_ttl
from candlefish.units import render_bytes, render_ratio

KILOBYTE: Final = 1024

Row = tuple[str, ...]

CHECK_HEAD = (
    "policy", "TTL", "for keys", "lookups", "predicted", "redis-server", "difference", "keys predicted", "held", "",
)  # fmt: skip
CHECK_NUMERIC = range(2, 9)
"""The columns of `CHECK_HEAD` that hold figures."""


def percent(ratio: float) -> str:
    """Print a share of lookups."""
    return f"{ratio * 100:.1f} %"


def policies_of(advice: CacheAdvice) -> list[PolicyName]:
    """Return the policies that were tried, in the order in which they were asked for."""
    return list(dict.fromkeys(point.policy for point in advice.points))


def grid_head(advice: CacheAdvice) -> Row:
    """Return the headings of `grid_rows`."""
    return ("TTL", "maxmemory", "keys held", *policies_of(advice), "ceiling")


def grid_rows(advice: CacheAdvice) -> Iterator[tuple[Row, bool]]:
    """Give a row for each TTL and memory, and whether it is the one to take."""
    for ceiling in advice.ceilings:
        here = [point for point in advice.points if point.ttl_s == ceiling.ttl_s]
        for memory in dict.fromkeys(point.maxmemory_bytes for point in here):
            found = {point.policy: point for point in here if point.maxmemory_bytes == memory}
            cells = [percent(found[policy].hit_ratio) if policy in found else "" for policy in policies_of(advice)]
            held = max(point.keys_held for point in found.values())
            first = (name_ttl(ceiling.ttl_s), render_bytes(memory), f"{held:,}")
            yield (*first, *cells, percent(ceiling.hit_ratio)), is_chosen(advice, next(iter(found.values())))


def is_chosen(advice: CacheAdvice, point: Point) -> bool:
    """Tell whether a point has the memory and the TTL to take."""
    chosen = advice.choice.point
    return (point.maxmemory_bytes, point.ttl_s) == (chosen.maxmemory_bytes, chosen.ttl_s)


def check_rows(checked: Sequence[Checked]) -> list[Row]:
    """Return what was predicted beside what the real Redis did."""
    return [
        (
            one.policy,
            name_ttl(one.ttl_s),
            render_bytes(one.data_bytes),
            f"{one.accesses:,}",
            percent(one.predicted),
            percent(one.measured),
            f"{one.points:+.2f} points",
            f"{one.predicted_keys:,}",
            f"{one.measured_keys:,}",
            "is off" if not one.holds else "holds" if one.evicted else "holds; nothing was evicted",
        )
        for one in checked
    ]


def spec_line(advice: CacheAdvice) -> str:
    """Return what of the advice can be declared in candlefish.toml."""
    point = advice.choice.point
    words = [f'maxmemory = "{-(-point.maxmemory_bytes // KILOBYTE)}kB"', f'maxmemory_policy = "{point.policy}"']
    if point.ttl_s is not None:
        words.append(f'cache_ttl = "{point.ttl_s:g}s"')
    return f"[redis] {', '.join(words)}"


def fact_rows(advice: CacheAdvice) -> list[Row]:
    """Return what the advice rests on, as (name, value)."""
    facts = advice.facts
    share = f" of {render_ratio(facts.sample_ratio)} of the keys"
    recorded = "" if facts.sample_ratio >= 1 else f"; {facts.recorded_lookups:,}{share} recorded"
    thinned = "" if facts.simulated_lookups == facts.recorded_lookups else f"; {facts.simulated_lookups:,} simulated"
    rows = [
        ("lookups", f"{facts.lookups:,} in {name_ttl(facts.seconds)}{recorded}{thinned}"),
        ("keys", f"{facts.keys:,}; all of them take {render_bytes(facts.all_keys_bytes)}"),
        ("a value", f"{facts.mean_value_bytes:,.0f} bytes in the mean"),
        ("Redis itself", f"{render_bytes(facts.overhead_bytes)} of maxmemory"),
        ("candlefish.toml", spec_line(advice)),
    ]
    if facts.recorded_hit_ratio is not None:
        rows.insert(1, ("hits as recorded", percent(facts.recorded_hit_ratio)))
    return [*rows, *(("note", note) for note in advice.notes)]
