"""Programs of a tier that outlived their supervisord."""

import contextlib
import signal
from collections.abc import Iterator

import psutil

from candlefish import process
from candlefish.engines.state import State


def find_orphans(state: State) -> Iterator[psutil.Process]:
    """Give the processes of this tier, whoever started them."""
    return (candidate for candidate in psutil.process_iter() if belongs_to(candidate, state))


def belongs_to(candidate: psutil.Process, state: State) -> bool:
    """Tell whether a process is this tier's: marked by its environment, or an engine that works in its folder."""
    with contextlib.suppress(psutil.Error, OSError):
        if candidate.uids().real == process.service_uid():
            return _works_in(candidate, state) or _is_marked(candidate, state)
    return False


def clear_orphans(state: State) -> tuple[str, ...]:
    """End what a killed supervisord left, except PostgreSQL and Redis, and return the names of what was ended.

    Patroni takes over a PostgreSQL that runs (so no connection to it breaks), and the Redis launcher
    hands a primary's role to a replica before it ends it (so no cache is emptied).
    """
    ended = {}
    for orphan in find_orphans(state):
        with contextlib.suppress(psutil.NoSuchProcess):
            name = orphan.name()
            if name == "postgres" or (name == "redis-server" and not _is_sentinel(orphan)):
                continue
            # SIGKILL for all: Patroni would take its PostgreSQL along on SIGTERM.
            orphan.send_signal(signal.SIGKILL)
            ended[orphan] = name
    psutil.wait_procs(list(ended), timeout=5)
    return tuple(ended.values())


def end_all(state: State) -> None:
    """End every process of the tier: a quick shutdown of PostgreSQL, SIGTERM for the rest, SIGKILL after 20 s."""
    for attempt in (signal.SIGTERM, signal.SIGKILL):
        found = list(find_orphans(state))
        for orphan in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                fast = orphan.name() == "postgres" and attempt == signal.SIGTERM
                orphan.send_signal(signal.SIGINT if fast else attempt)
        psutil.wait_procs(found, timeout=20)


def has_redis(state: State) -> bool:
    """Tell whether a Redis of the tier (not a Sentinel) runs."""
    return any(orphan.name() == "redis-server" and not _is_sentinel(orphan) for orphan in find_orphans(state))


def _is_marked(candidate: psutil.Process, state: State) -> bool:
    return candidate.environ().get("CANDLEFISH_STATE") == str(state.root)


def _works_in(candidate: psutil.Process, state: State) -> bool:
    # These write their title over their environment, but they work in a folder of the tier.
    return candidate.name() in ("postgres", "redis-server") and candidate.cwd().startswith(f"{state.root}/")


def _is_sentinel(candidate: psutil.Process) -> bool:
    return "[sentinel]" in " ".join(candidate.cmdline())
