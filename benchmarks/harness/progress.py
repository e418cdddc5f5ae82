"""What is measured at the moment, on one line of the terminal."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def show_progress(steps: int) -> Iterator[Callable[[str], None]]:
    """Give a function that tells of the next of `steps`; nothing is written where stderr is no terminal."""
    began = time.monotonic()
    done = 0

    def step(what: str) -> None:
        nonlocal done
        done += 1
        sys.stderr.write(f"\r\x1b[K{time.monotonic() - began:5.0f} s  {done}/{steps}  {what}")
        sys.stderr.flush()

    if not sys.stderr.isatty():
        yield lambda _what: None
        return
    try:
        yield step
    finally:
        sys.stderr.write("\r\x1b[K")
