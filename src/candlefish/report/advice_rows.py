"""The words and cells of an advice: one source for the terminal and for the page."""

from collections.abc import Iterable, Sequence
from typing import Final

from candlefish.advise.advice import Advice, Effect, Recommendation, WritePrice
from candlefish.report.labels import figure, number, percent
from candlefish.units import render_bytes, render_seconds

Row = tuple[str, ...]

NOTHING: Final = "–"

CHANGE_HEAD: Final = ("", "change", "saves/h", "size", "price/h", "sure")
"""Time that statements save in an hour, size on disk, time that those who write pay in an hour, confidence."""


def ranked(advice: Advice) -> list[Recommendation]:
    """Return the recommendations, the one that saves most time first; those without figures at the end, by size."""
    return sorted(advice.recommendations, key=lambda one: (-one.saved_ms_per_hour, one.size_bytes, one.name))


def change_row(rank: int, one: Recommendation) -> Row:
    """Return a recommendation as one line: rank, what, time saved an hour, size, price for writes, confidence."""
    return (
        f"{rank}",
        f"{one.kind} {one.name} on {one.table}",
        saved(one),
        size(one.size_bytes),
        price_an_hour(one.write_price),
        one.confidence,
    )


def effect_words(one: Effect) -> tuple[str, str]:
    """Return what happens to one statement: its times (or costs), and calls and pages."""
    if one.before_ms is None or one.after_ms is None:
        spent = f"cost {number(one.before_cost)} → {number(one.after_cost)}"
    else:
        spent = f"{figure(one.before_ms, 'ms')} → {figure(one.after_ms, 'ms')}"
    calls = f"{number(one.calls_per_hour)} calls an hour"
    if one.before_buffers is None or one.after_buffers is None:
        return spent, calls
    return spent, f"{calls}, {one.before_buffers:,} → {one.after_buffers:,} pages"


def heaviest(effects: Iterable[Effect]) -> list[Effect]:
    """Return effects, the one that saves most in an hour first."""
    return sorted(effects, key=lambda one: weight(one)[1] - weight(one)[0])


def headline(advice: Advice) -> str:
    """Return what the advice brings, as one sentence."""
    count = len(advice.recommendations)
    if not count:
        return "Nothing is advised: no change was found that is worth it."
    what = count_of(count, "change")
    if advice.before_ms is not None and advice.after_ms is not None:
        left, share = advice.after_ms, 1 - advice.after_ms / advice.before_ms if advice.before_ms else 0.0
        return (
            f"{what}: an hour of this workload takes {hourly(left)} instead of {hourly(advice.before_ms)}{less(share)}."
        )
    if advice.before_cost > 0:
        share = 1 - advice.after_cost / advice.before_cost
        return f"{what}, not measured: the planner expects{less(share, 'no gain').removeprefix(',')}."
    return f"{what}."


def basis(advice: Advice) -> str:
    """Return what the advice rests on, as one sentence."""
    where = f"measured on a {advice.lab}" if advice.lab else "not measured: estimated by the planner"
    if advice.lab_version not in ("", advice.server_version):
        where += f" in PostgreSQL {advice.lab_version}"
    took = f" in {render_seconds(advice.seconds)}" if advice.seconds else ""
    return (
        f"{advice.database}, PostgreSQL {advice.server_version}; "
        f"{count_of(advice.statements, 'statement', f'from {advice.source}')}; {where}{took}"
    )


def count_of(number: int, what: str, done: str = "") -> str:
    """Return "1 statement skipped", "3 statements skipped"."""
    return f"{number:,} {what}{'' if number == 1 else 's'} {done}".rstrip()


def less(share: float, nothing: str = "") -> str:
    """Return ", 92 % less" for 0.92, ", 3 % more" for -0.03."""
    if abs(share) < 0.0005:
        return f", {nothing}" if nothing else ""
    return f", {percent(abs(share))} {'less' if share > 0 else 'more'}"


def saved(one: Recommendation) -> str:
    """Return the time that it saves in an hour; a dash where nothing ran."""
    return NOTHING if one.before_ms is None or one.after_ms is None else hourly(one.saved_ms_per_hour)


def hourly(ms: float) -> str:
    """Print milliseconds as people read them, with their sign."""
    return f"{'-' if ms < 0 else ''}{render_seconds(abs(ms) / 1000)}"


def size(size_bytes: int) -> str:
    """Print a size; one that goes has a minus."""
    return f"{'-' if size_bytes < 0 else ''}{render_bytes(abs(size_bytes))}"


def price_an_hour(price: WritePrice | None) -> str:
    """Return the time that those who write pay in an hour."""
    return NOTHING if price is None else hourly(price.ms_per_hour)


def price_words(price: WritePrice | None) -> str:
    """Return what an index costs those who write, as words; "" where that is not known."""
    if price is None:
        return ""
    parts = [
        f"{hourly(price.ms_per_hour)} and {render_bytes(price.wal_bytes_per_hour)} of WAL an hour",
        f"{render_bytes(price.wal_bytes_per_insert)} of WAL a row",
    ]
    if price.wal_factor_insert != 1.0:
        parts.append(f"an insert writes {price.wal_factor_insert:.2f} times the WAL")
    if price.wal_factor_update != 1.0:
        parts.append(f"an update {price.wal_factor_update:.2f} times")
    if price.hot_ratio_before != price.hot_ratio_after and price.hot_ratio_before is not None:
        parts.append(f"HOT updates {percent(price.hot_ratio_before)} → {percent(price.hot_ratio_after or 0.0)}")
    return f"{'; '.join(parts)} ({'measured' if price.measured else 'estimated'})"


def confidence(one: Recommendation) -> str:
    """Return how sure it is, and whether it was measured."""
    guessed = "estimated" if one.kind == "create index" else "not measured"
    return f"{one.confidence}, {'measured' if one.measured else guessed}"


def by_statement(recommendations: Sequence[Recommendation]) -> list[Effect]:
    """Return each statement once, with its best end, the one that saves most time an hour first."""
    found: dict[str, Effect] = {}
    for effect in (effect for one in recommendations for effect in one.effects):
        known = found.get(effect.statement_id)
        if known is None or weight(effect)[1] < weight(known)[1]:
            found[effect.statement_id] = effect
    return heaviest(found.values())


def weight(effect: Effect) -> tuple[float, float]:
    """Return what a statement takes in an hour, before and after: milliseconds, or cost where it did not run."""
    before, after = effect.before_ms, effect.after_ms
    if before is None or after is None:
        before, after = effect.before_cost, effect.after_cost
    return before * effect.calls_per_hour, after * effect.calls_per_hour


def in_one_line(text: str, most: int = 0) -> str:
    """Return SQL without its line breaks, cut to `most` characters (0: whole)."""
    joined = " ".join(text.split())
    return joined if not most or len(joined) <= most else f"{joined[: most - 1]}…"
