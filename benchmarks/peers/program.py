"""What `cache_get.py` and `cache_get_or_load.py` have in common: read the options, measure, print."""

from harness.cell_options import parse_options
from harness.ending import told
from harness.table import render_json
from peers.comparison import Comparison, compare
from peers.rows import render_cell


def run_comparison(comparison: Comparison, description: str | None) -> None:
    """Measure what the command line asks for and print tables or JSON."""
    options = parse_options(description)
    with told():
        cells = compare(comparison, options)
    if options.json:
        print(render_json(row for rows in cells.values() for row in rows))
    else:
        print("\n\n".join(render_cell(cell, rows) for cell, rows in cells.items()))
