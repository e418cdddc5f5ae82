"""The charts of a report, one file each; every one is a function from figures to SVG text."""

from candlefish.report.charts.ablation import ablation_chart
from candlefish.report.charts.cpu import cpu_chart
from candlefish.report.charts.hits import hit_ratio_chart
from candlefish.report.charts.latency import latency_chart
from candlefish.report.charts.operations import operations_chart
from candlefish.report.charts.throughput import throughput_chart

__all__ = [
    "ablation_chart",
    "cpu_chart",
    "hit_ratio_chart",
    "latency_chart",
    "operations_chart",
    "throughput_chart",
]
