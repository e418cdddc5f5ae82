"""Names and figures as a reader wants them: titles, units, digits."""

from candlefish.units import render_bytes

TITLES = {
    "query_avg": "Average query time",
    "query_p95": "Query time, p95",
    "read_avg": "Read query, average",
    "write_avg": "Write query, average",
    "connection_wait": "Wait for a connection",
    "server_connections": "Server connections, per pooled database",
    "connections_on_a_server": "Connections on one server",
    "cache_hit_ratio": "Cache hit ratio",
    "cached_response_p95": "Cached response, p95",
    "cache_ops_per_second": "Cache throughput",
    "cache_memory_ratio": "Cache memory used",
    "evictions_per_minute": "Cache evictions",
    "replica_lag": "Replica lag, largest",
    "query_p95_at_10x": "Query time, p95 at ten times the load",
    "errors_at_10x": "Failed operations at ten times the load",
    "application_error_rate": "Failed requests",
    "database_cpu": "Database CPU",
}


SHORTEST_MS = 0.01
"""Below this a time is what the clocks of two programs can differ by."""

NEARLY_ALL = 0.9995


def title(name: str) -> str:
    """Return the heading of an objective."""
    return TITLES.get(name, name.replace("_", " ").capitalize())


def number(value: float) -> str:
    """Print a figure with about three significant digits and thousands separators."""
    size = abs(value)
    if size >= 1000 or value == int(value):
        return f"{value:,.0f}"
    if size >= 100:
        return f"{value:.0f}"
    if size >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.1 else f"{value:.2g}"


def rate(value: float) -> str:
    """Print requests a second as the load generator was told them: 6.2, 83, 1,240."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def figure(value: float | None, unit: str) -> str:
    """Print a measured value with its unit; a dash where nothing was measured."""
    if value is None:
        return "–"
    if unit == "ratio":
        return percent(value)
    if unit == "ms" and value < SHORTEST_MS:
        return f"< {SHORTEST_MS:g} ms"
    if unit in ("bytes", "B"):
        return render_bytes(value)
    if unit in ("count", ""):
        return number(value)
    return f"{number(value)}{unit_suffix(unit)}"


def unit_suffix(unit: str) -> str:
    """Return the unit as it stands behind a figure."""
    return {"1/s": " /s", "1/min": " /min", "ratio": " %", "count": ""}.get(unit, f" {unit}")


def percent(ratio: float, digits: int = 1) -> str:
    """Print a ratio from 0 to 1 in per cent, never rounding up to 100 %."""
    text = f"{ratio * 100:.{digits}f}"
    if ratio < 1 and float(text) >= 100:
        text = f"{100 - 10**-digits:.{digits}f}"
    return f"{text} %"


def improvement(ratio: float | None) -> str:
    """Print an improvement as "97.1 % less"; a worse result as "more"."""
    if ratio is None:
        return "–"
    if ratio > NEARLY_ALL:
        return "> 99.9 % less"
    return f"{percent(ratio)} less" if ratio >= 0 else f"{percent(-ratio)} more"
