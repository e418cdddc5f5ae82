"""`run`: write PgBouncer's files, start it, follow the secrets, tell the metrics, and stop it gracefully."""

import collections
import contextlib
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from candlefish import process
from candlefish.errors import CandlefishError, EngineError
from candlefish.pooler.certificates import write_certificate
from candlefish.pooler.credentials import Credentials, make_reader
from candlefish.pooler.drain import drain
from candlefish.pooler.environment import PoolerEnvironment
from candlefish.pooler.files import make_folder, write_file
from candlefish.pooler.ini import Paths, count_open_files, find_pgbouncer, render
from candlefish.pooler.metrics import Sample, fetch_sample, render_metrics
from candlefish.pooler.probe import await_login, probe
from candlefish.pooler.userlist import Access, render_access, render_userlist

TICK_S = 1.0
"""Seconds between two looks for inherited processes that have ended."""

LAST_LINES = 5
"""Of PgBouncer's log, shown when it dies."""

READ_S = 2.0
"""Seconds that the last lines of an ended PgBouncer may take to arrive."""

Say = Callable[[str], None]
Event = str | Credentials


@dataclass(slots=True)
class Pooler:
    """A PgBouncer that runs, and what it was started with."""

    environment: PoolerEnvironment
    version: tuple[int, ...]
    program: Path
    credentials: Credentials
    say: Say
    events: "queue.SimpleQueue[Event]"
    wake: threading.Event = field(default_factory=threading.Event)
    stopping: threading.Event = field(default_factory=threading.Event)
    last_lines: "collections.deque[str]" = field(default_factory=lambda: collections.deque(maxlen=LAST_LINES))
    sample: Sample | None = None

    @property
    def access(self) -> Access:
        """How the console is reached now."""
        port, database = self.environment.port, self.environment.server.database
        return Access(port, database, self.credentials.monitor, self.credentials.current)


def run_pooler(environment: PoolerEnvironment, *, say: Say, emit: Say, log: Say) -> int:
    """Run PgBouncer until somebody stops it; return the exit code.

    `say` takes this program's own lines, `emit` the metrics, `log` PgBouncer's lines.
    """
    program, version = find_pgbouncer(environment.program)
    make_folder(environment.folder)
    read = make_reader(environment)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    _listen_to_signals(events)  # before all that takes time: PID 1 is deaf to signals that it has no handler for
    pooler = Pooler(environment, version, program, read(), say, events)
    welcome = probe(environment, pooler.credentials.current, say)
    write_files(pooler)
    child = _start(pooler, log)
    work = [lambda: _follow_secrets(pooler, read), lambda: _tell_metrics(pooler, emit)]
    if not welcome:
        work.append(lambda: await_login(environment, lambda: pooler.credentials.current, pooler.stopping, say))
    try:
        for task in work:
            threading.Thread(target=task, daemon=True).start()
        return _supervise(pooler, child)
    finally:
        if child.ended() is None:  # only after a mistake of this program: nobody may be left behind on the port
            child.signal(signal.SIGKILL)


def write_files(pooler: Pooler, *, leaving: bool = False) -> None:
    """Write everything that PgBouncer and the health check read."""
    environment, credentials = pooler.environment, pooler.credentials
    paths = Paths(environment.folder)
    certificate = write_certificate(credentials.certificate, environment.folder)
    ini = render(
        environment,
        version=pooler.version,
        server_user=credentials.current.username,
        monitor=credentials.monitor.username,
        certificate=certificate,
        leaving=leaving,
    )
    write_file(paths.users, render_userlist(credentials))
    write_file(paths.ini, ini)
    write_file(paths.access, render_access(pooler.access))


def _listen_to_signals(events: "queue.SimpleQueue[Event]") -> None:
    def on_signal(number: int, _frame: object) -> None:
        events.put("reload" if number == signal.SIGHUP else "stop")  # SimpleQueue: the one that a handler may use

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, on_signal)


def _start(pooler: Pooler, log: Say) -> process.Child:
    def on_line(line: str) -> None:
        pooler.last_lines.append(line)
        log(line)

    environment = pooler.environment
    child = process.start(
        [pooler.program, Paths(environment.folder).ini],
        on_line=on_line,
        on_end=lambda: pooler.events.put("ended"),
        open_files=count_open_files(environment),
    )
    server = environment.server
    pooler.say(
        f"PgBouncer {'.'.join(map(str, pooler.version))} on port {environment.port} for {server.database} on "
        f"{server.host}:{server.port} as {pooler.credentials.current.username} (TLS: {server.tls}); "
        f"replicas: {', '.join(server.read_hosts) or 'none'}"
    )
    return child


def _supervise(pooler: Pooler, child: process.Child) -> int:
    while True:
        event = _next_event(pooler.events)
        if os.getpid() == 1:
            process.reap_strays(child.pid)
        if event == "stop":
            _stop(pooler, child)
            return 0
        if event == "reload":
            pooler.wake.set()
        elif isinstance(event, Credentials):
            _take_over(pooler, child, event)
        if event == "ended" or child.ended() is not None:
            raise EngineError(
                f"PgBouncer ended by itself with code {child.finish(READ_S)}",
                detail="\n        ".join(pooler.last_lines) or "it wrote nothing",
            )


def _next_event(events: "queue.SimpleQueue[Event]") -> Event | None:
    try:
        return events.get(timeout=TICK_S)
    except queue.Empty:
        return None


def _take_over(pooler: Pooler, child: process.Child, credentials: Credentials) -> None:
    changed = credentials != pooler.credentials
    before, pooler.credentials = pooler.credentials, credentials
    try:
        write_files(pooler)
    except EngineError as error:
        pooler.credentials = before
        pooler.say(f"warning: {error.message} ({error.detail}); the credentials of before go on")
        return
    child.signal(signal.SIGHUP)
    users = ", ".join(dict.fromkeys(login.username for login in (credentials.current, *credentials.others)))
    pooler.say(f"reloaded ({'the secrets changed' if changed else 'as asked'}); users: {users}")


def _stop(pooler: Pooler, child: process.Child) -> None:
    environment = pooler.environment
    pooler.stopping.set()
    pooler.say(f"stopping: clients have {environment.drain_s:g} s to leave, idle ones are sent away")
    try:
        write_files(pooler, leaving=True)
        child.signal(signal.SIGHUP)
    except EngineError as error:
        pooler.say(f"warning: {error.message} ({error.detail}); idle clients stay until the end")
    drain(
        child,
        count_clients=lambda: _count_clients(pooler.access),
        drain_s=environment.drain_s,
        hurry=lambda: _is_impatient(pooler.events),
        say=pooler.say,
    )
    child.finish(READ_S)


def _count_clients(access: Access) -> int | None:
    try:
        return fetch_sample(access).clients
    except EngineError:
        return None


def _is_impatient(events: "queue.SimpleQueue[Event]") -> bool:
    """Tell whether another order to stop has come."""
    with contextlib.suppress(queue.Empty):
        while True:
            if events.get_nowait() == "stop":
                return True
    return False


def _follow_secrets(pooler: Pooler, read: Callable[[], Credentials]) -> None:
    """Read the secrets again and again, and hand over what has changed; a failure changes nothing."""
    known = pooler.credentials
    while True:
        asked = pooler.wake.wait(timeout=pooler.environment.secret_poll_s)
        pooler.wake.clear()
        try:
            found = read()
        except CandlefishError as error:
            pooler.say(f"warning: {error.message} ({error.detail}); the credentials of before go on")
            continue
        if asked or found != known:
            known = found
            pooler.events.put(found)


def _tell_metrics(pooler: Pooler, emit: Say) -> None:
    """Write one line of metrics each period, until the pooler stops."""
    while not pooler.stopping.wait(timeout=pooler.environment.metrics_s):
        try:
            sample = fetch_sample(pooler.access)
        except EngineError as error:
            pooler.say(f"warning: no metrics: {error.message}")
            continue
        emit(render_metrics(sample, pooler.sample, tier=pooler.environment.tier, time_ms=int(time.time() * 1000)))
        pooler.sample = sample
