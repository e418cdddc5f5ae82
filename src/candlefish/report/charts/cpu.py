"""Which program kept the processors busy in each run, the load generator's own share included."""

from collections.abc import Sequence

from candlefish.bench.result import Run
from candlefish.report import svg

ROW = 62
FIXED = {"postgres": "part0", "pgbouncer": "part1", "redis-server": "part2", "load generator": "part3"}
"""Programs that have a colour of their own in every report, in the order of the bars."""

FREE = ("part4", "part5", "part6")
REST = "everything else"

SMALLEST_CORES = 0.03
"""Programs that never kept more than 3 % of a core busy are drawn as one with the rest."""


def cpu_chart(series: Sequence[tuple[str, Run]], cores: int, key: str = "cpu") -> str:
    """Draw one stacked bar for each (name, run), in cores, as wide as the machine has."""
    programs = _programs([run for _, run in series])
    legend_rows = (len(programs) + 3) // 4
    top = 12 + 22 * legend_rows
    frame = svg.Frame(width=540, height=top + ROW * len(series) + 52, left=104, right=74, top=top)
    # Two clocks read a moment apart may count a little more than there is.
    high = max([float(cores), *(sum(share.cores for share in run.cpu) for _, run in series)])
    x = svg.linear(0, high, frame.x0, frame.x1)
    ticks = [(x(at), f"{at:g}") for at in svg.steps(cores, wanted=4) if at <= cores]
    body = [svg.x_axis(frame, ticks, f"cores kept busy, of the machine's {cores}"), _legend(programs)]
    for index, named in enumerate(series):
        body.append(_bar(named, frame.y0 + ROW * index + 14, programs, frame, x))
    described = "; ".join(
        f"{name}: " + ", ".join(f"{c.program} {c.cores:.2f}" for c in run.cpu) for name, run in series
    )
    return svg.drawing(frame, key, "Processor time by program", described, "".join(body))


def _programs(runs: Sequence[Run]) -> list[str]:
    """Return the programs worth a colour, the rest last."""
    large = {share.program for run in runs for share in run.cpu if share.cores >= SMALLEST_CORES} - {REST}
    return [p for p in FIXED if p in large] + sorted(large - set(FIXED)) + [REST]


def _legend(programs: Sequence[str]) -> str:
    parts = []
    for index, program in enumerate(programs):
        x, y = 16 + 126 * (index % 4), 8 + 20 * (index // 4)
        parts.append(svg.bar(x, y, 12, 12, _colour(index, program)))
        parts.append(svg.text(x + 18, y + 11, program, css="tick"))
    return "".join(parts)


def _colour(index: int, program: str) -> str:
    return "rest" if program == REST else FIXED.get(program, FREE[index % len(FREE)])


def _bar(named: tuple[str, Run], y: float, programs: Sequence[str], frame: svg.Frame, x: svg.Scale) -> str:
    name, run = named
    used = dict.fromkeys(programs, 0.0)
    for share in run.cpu:
        used[share.program if share.program in used else REST] += share.cores
    parts, start = [svg.text(frame.x0 - 10, y + 19, name, anchor="end", css="row")], 0.0
    for index, (program, cores) in enumerate(used.items()):
        if cores > 0:
            css = _colour(index, program)
            parts.append(svg.bar(x(start), y, x(cores) - x(0), 30, css, f"{program}: {cores:.2f}"))
            start += cores
    parts.append(svg.text(min(x(start), frame.x1) + 8, y + 19, f"{start:.2f} cores", css="tick"))
    return "".join(parts)
