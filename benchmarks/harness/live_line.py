"""What goes on at the moment, on one line of the terminal that the next message replaces."""

import sys


def say(what: str) -> None:
    """Show a message; "" clears the line; nothing is written where stderr is no terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{what}")
        sys.stderr.flush()
