"""Progress on stderr: a spinner with the present step on a terminal, a line a step elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console


@contextmanager
def show_progress(title: str, *, quiet: bool = False) -> Iterator[Callable[[str], None]]:
    """Give a function that shows one step; each line carries the seconds since the start."""
    start = time.monotonic()
    console = Console(stderr=True)
    if quiet:
        yield lambda _step: None
    elif console.is_terminal:
        with console.status(title) as status:

            def step(text: str) -> None:
                status.update(f"{title}: {text}")
                console.print(f"[dim]{time.monotonic() - start:5.1f} s[/dim]  {text}", highlight=False)

            yield step
    else:
        yield lambda text: print(f"{time.monotonic() - start:5.1f} s  {text}", file=sys.stderr, flush=True)
