"""Waiting for transactions that were open before, without a place in any queue, and saying for whom."""

import time
from collections.abc import Callable
from typing import Final

from candlefish.advise.apply.look import find_blockers
from candlefish.advise.plans.explain import Connection
from candlefish.errors import EngineError

OLD_S: Final = 2.0
"""A transaction that is older is waited for before a build begins: the build would wait for it too, holding its place
in the table's lock queue."""

POLL_S: Final = 1.0

SAY_AGAIN_S: Final = 10.0
"""After which whoever is waited for is named again, with the age: often enough to see that it goes on."""


class Teller:
    """Says a thing when it is new, and again after SAY_AGAIN_S."""

    def __init__(self, on_step: Callable[[str], None]) -> None:
        self._on_step = on_step
        self._key, self._at = "", 0.0

    def say(self, key: str, text: str) -> None:
        """Say `text`, which is about `key`."""
        now = time.monotonic()
        if key != self._key or now - self._at >= SAY_AGAIN_S:
            self._key, self._at = key, now
            self._on_step(text)


def wait_for_old_transactions(connection: Connection, wait_s: float, on_step: Callable[[str], None]) -> None:
    """Return when no transaction is older than OLD_S; raise EngineError that names them after `wait_s`."""
    begun, teller = time.monotonic(), Teller(on_step)
    while blockers := find_blockers(connection, OLD_S + time.monotonic() - begun):
        waited_s = time.monotonic() - begun
        if waited_s > wait_s:
            raise EngineError(
                f"transactions that were open before have not ended in {wait_s:.0f} s",
                detail="; ".join(map(str, blockers)),
                hint="end them (`SELECT pg_terminate_backend(PID)`, ROLLBACK PREPARED), or wait longer with --wait",
            )
        first = blockers[0]
        others = f", and {len(blockers) - 1} more" if len(blockers) > 1 else ""
        teller.say(f"{first.pid} {first.application}", f"waits for {first}{others}; {wait_s - waited_s:.0f} s left")
        time.sleep(min(POLL_S, max(wait_s - waited_s, 0.1)))
    if time.monotonic() - begun > POLL_S:
        on_step(f"goes on after {time.monotonic() - begun:.0f} s: the transactions that were open before have ended")
