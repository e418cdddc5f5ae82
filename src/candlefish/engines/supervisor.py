"""supervisord: its configuration, its start, and what it is told over its XML-RPC socket."""

import contextlib
import http.client
import shlex
import signal
import xmlrpc.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from candlefish import process
from candlefish.engines.runtime import Runtime
from candlefish.engines.state import State
from candlefish.errors import EngineError

START_RETRIES = 1_000_000
"""supervisord gives a program up after this many failed starts; a tier never gives up."""

UNREACHABLE = (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError)
"""What a socket without a living supervisord answers."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program of the tier, as supervisord runs it."""

    name: str
    argv: tuple[str, ...]
    priority: int
    stop_signal: str = "TERM"
    stop_wait_s: int = 10
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProcessInfo:
    """What supervisord knows of one program; `uptime_s` is 0 for one that does not run."""

    name: str
    state: str
    pid: int
    uptime_s: float
    description: str


def render_config(programs: Sequence[Program], state: State, *, open_files: int, program_env: Mapping[str, str]) -> str:
    """Write supervisord's configuration."""
    head = f"""\
[supervisord]
logfile = {state.logs}/supervisord.log
logfile_maxbytes = 10MB
logfile_backups = 1
pidfile = {state.run}/supervisord.pid
childlogdir = {state.logs}
directory = {state.run}
minfds = {open_files}
umask = 077
identifier = candlefish-{state.name}

[unix_http_server]
file = {state.run}/supervisord.sock
chmod = 0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    return head + "".join(_render_program(program, state, program_env) for program in programs)


def _render_program(program: Program, state: State, program_env: Mapping[str, str]) -> str:
    env = {**program_env, **program.env}
    return f"""
[program:{program.name}]
command = {_escaped(shlex.join(program.argv))}
directory = {state.run}
environment = {_escaped(",".join(f'{name}="{value}"' for name, value in env.items()))}
priority = {program.priority}
autostart = false
autorestart = true
startsecs = 1
startretries = {START_RETRIES}
stopsignal = {program.stop_signal}
stopwaitsecs = {program.stop_wait_s}
redirect_stderr = true
stdout_logfile = {state.logs}/{program.name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 1
"""


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


@dataclass(frozen=True, slots=True)
class Supervisor:
    """The supervisord of one tier."""

    state: State

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.state.run / "supervisord.sock"

    def start(self, runtime: Runtime, open_files: int) -> None:
        """Start supervisord and wait until it answers; raise EngineError with its own words otherwise."""
        log = self.state.logs / "supervisord.out"
        pid = process.spawn(
            [
                *runtime.python,
                "-m",
                "supervisor.supervisord",
                "--nodaemon",
                "-c",
                self.state.config / "supervisord.conf",
            ],
            log=log,
            env=runtime.env,
            user=process.service_user(),
            cwd=self.state.run,
            open_files=open_files,
        )
        self.state.own(log)
        process.wait_until(lambda: self.is_running() or not process.is_alive(pid), timeout_s=15)
        if not self.is_running():
            raise EngineError(
                "supervisord did not start",
                detail=process.tail(log) or f"{log} is empty",
                hint=f"see {self.state.logs}/supervisord.log",
            )

    def is_running(self) -> bool:
        """Tell whether supervisord answers."""
        if not self.socket.exists():
            return False
        try:
            self._call("getState")
        except UNREACHABLE:
            return False
        return True

    def processes(self) -> dict[str, ProcessInfo]:
        """Return what supervisord knows of every program, by name; nothing when it does not run."""
        try:
            rows = self._call("getAllProcessInfo")
        except UNREACHABLE:
            return {}
        return {
            row["name"]: ProcessInfo(
                name=row["name"],
                state=row["statename"].lower(),
                pid=row["pid"],
                uptime_s=float(row["now"] - row["start"]) if row["pid"] else 0.0,
                description=row["description"],
            )
            for row in rows
        }

    def read_programs(self) -> None:
        """Take over programs that its configuration has now and had not before, and end those that are gone."""
        added, _changed, removed = self._call("reloadConfig")[0]
        for name in removed:
            self._call("stopProcessGroup", name)
            self._call("removeProcessGroup", name)
        for name in added:
            self._call("addProcessGroup", name)

    def signal(self, program: str, with_signal: signal.Signals) -> None:
        """Send a signal to one program; nothing happens to one that does not run."""
        with contextlib.suppress(xmlrpc.client.Fault):
            self._call("signalProcess", program, with_signal.name.removeprefix("SIG"))

    def stop_program(self, program: str) -> None:
        """Stop one program and wait until it has ended; one that does not run is left as it is."""
        with contextlib.suppress(xmlrpc.client.Fault):
            self._call("stopProcess", program, True)

    def start_program(self, program: str) -> None:
        """Start one program; one that runs already is left as it is."""
        with contextlib.suppress(xmlrpc.client.Fault):
            self._call("startProcess", program, False)

    def shutdown(self) -> None:
        """Stop every program that still runs, and supervisord."""
        pid = int((self.state.run / "supervisord.pid").read_text())
        self._call("shutdown")
        process.wait_until(lambda: not process.is_alive(pid), timeout_s=60)

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport("", "", f"unix://{self.socket}")
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)
