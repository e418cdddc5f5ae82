"""Progress of a long command on stderr: what stays, and what the next moment replaces."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.status import Status


class Narrator(Protocol):
    """Tells what happens."""

    def step(self, text: str) -> None:
        """Tell something that stays on the screen."""

    def tick(self, text: str) -> None:
        """Tell something that the next call replaces."""


class _Lines:
    """A line for each step, and none for what passes: for logs and pipes."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def step(self, text: str) -> None:
        print(f"{time.monotonic() - self._start:5.1f} s  {text}", file=sys.stderr, flush=True)

    def tick(self, text: str) -> None:
        pass


class _Live:
    """A line for each step and a spinner below them, for terminals."""

    def __init__(self, console: Console, status: Status) -> None:
        self._start = time.monotonic()
        self._console, self._status = console, status
        self._step = ""

    def step(self, text: str) -> None:
        seconds = f"[dim]{time.monotonic() - self._start:5.1f} s[/dim]"
        self._console.print(seconds, text, highlight=False, sep="  ")
        self._step = text
        self._status.update(text)

    def tick(self, text: str) -> None:
        self._status.update(f"{self._step} [dim]{text}[/dim]")


@contextmanager
def narrate(title: str) -> Iterator[Narrator]:
    """Give a narrator that fits where stderr goes."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    with console.status(title) as status:
        yield _Live(console, status)
