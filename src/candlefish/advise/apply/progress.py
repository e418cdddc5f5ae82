"""How far a statement is that another connection runs, and for whom it waits."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg

from candlefish.advise.apply.look import find_blocking
from candlefish.advise.apply.waiting import POLL_S, Teller
from candlefish.advise.plans.explain import Connection


@contextmanager
def watched(connection: Connection, on_step: Callable[[str], None]) -> Iterator[None]:
    """Tell how far the connection's statement is, from a second connection, until the block ends."""
    over = threading.Event()
    info, pid = connection.info, connection.info.backend_pid

    def watch() -> None:
        with suppress(psycopg.Error), psycopg.connect(info.dsn, password=info.password, autocommit=True) as other:
            teller = Teller(on_step)
            while not over.wait(POLL_S):
                key, text = progress_of(other, pid)
                if text:
                    teller.say(key, text)

    watcher = threading.Thread(target=watch, name="progress of the build", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def progress_of(connection: Connection, pid: int) -> tuple[str, str]:
    """Return how far a process is, in words, after what they are about; "" where nothing is known."""
    row = connection.execute(
        "SELECT phase, blocks_done, blocks_total FROM pg_stat_progress_create_index WHERE pid = %s", (pid,)
    ).fetchone()
    phase, done, total = row if row is not None else ("", 0, 0)
    blocking = find_blocking(connection, pid)
    if blocking is not None:
        said = f"waits for {blocking}"
        return f"{phase} {blocking.pid}", f"{phase}: {said}" if phase else said
    words = f"{phase}: {done / total:.0%}" if total else str(phase)
    return words, words
