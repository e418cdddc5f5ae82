"""Stop PgBouncer without a failed query: let clients leave, then close the rest between their transactions.

What its signals do was measured with 1.24.1: SIGTERM closes the port and waits for every client; SIGINT closes the
port, lets each transaction end, and answers a query that comes after with "server shutting down", not run; and either
of them after the other ends it at once, transactions and all. So there is one signal, SIGINT, and what SIGTERM would
have waited for is waited for here, with the port open: whom a load balancer still sends is not refused.
"""

import signal
import time
from collections.abc import Callable

from candlefish.pooler.environment import CLOSE_S, KILL_S
from candlefish.process import Child

QUIET_S = 3.0
"""Without a client for so long, the load balancer has stopped sending any."""

POLL_S = 0.25
"""Seconds between two looks at the clients."""

Say = Callable[[str], None]


def drain(
    child: Child,
    *,
    count_clients: Callable[[], int | None],
    drain_s: float,
    hurry: Callable[[], bool],
    say: Say,
) -> None:
    """End PgBouncer; `count_clients` gives None when it can't be asked, `hurry` tells whether somebody is impatient."""
    left = _wait_for_clients(child, count_clients, drain_s, hurry)
    if left != 0:
        known = "clients" if left is None else f"{left} client{'s' if left > 1 else ''}"
        say(f"{known} still here: closing them between their transactions")
    child.signal(signal.SIGINT)
    if _has_ended(child, CLOSE_S):
        say("stopped: no transaction was cut")
        return
    say(f"warning: transactions were cut that had not ended {drain_s + CLOSE_S:g} s after the order to stop")
    for last in (signal.SIGQUIT, signal.SIGKILL):
        child.signal(last)
        if _has_ended(child, KILL_S):
            return


def _wait_for_clients(
    child: Child, count_clients: Callable[[], int | None], drain_s: float, hurry: Callable[[], bool]
) -> int | None:
    """Wait until no client has been there for a while, or time is up; return how many there are then."""
    deadline = time.monotonic() + drain_s
    seen_last = time.monotonic()
    while True:
        left, now = count_clients(), time.monotonic()
        seen_last = now if left != 0 else seen_last
        if now - seen_last >= QUIET_S or now >= deadline or hurry() or child.ended() is not None:
            return left
        time.sleep(min(POLL_S, max(0.0, deadline - now)))


def _has_ended(child: Child, timeout_s: float) -> bool:
    deadline = time.monotonic() + timeout_s
    while child.ended() is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S / 5)
    return True
