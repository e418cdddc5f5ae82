"""pgbench: any scripts, through any endpoint, with the figures that the load generator gives."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import cpu_count
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory
from time import monotonic, time
from urllib.parse import unquote, urlsplit

import asyncpg

from candlefish import process
from candlefish.bench.cpu import CpuMeter
from candlefish.bench.pgbench_log import TransactionLog
from candlefish.bench.result import CpuShare, Distribution, Kind, Run
from candlefish.client.postgres.exceptions import DRIVER_ERRORS, translate
from candlefish.client.postgres.prepared import survive
from candlefish.errors import EngineError, UsageError

GRACE_S = 60.0
"""How much longer than its own time pgbench may take, to connect and to finish what it began."""

_WRITES = re.compile(r"^\s*(insert|update|delete|merge|copy|create|drop|alter|truncate|call)\b", re.I | re.M)
_NOTHING = Distribution(0, 0.0, 0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Script:
    """A pgbench script and its share of the transactions relative to the others'."""

    path: Path
    weight: int = 1

    @property
    def kind(self) -> Kind:
        """Tell whether the script writes, by the first words of its statements."""
        return "write" if _WRITES.search(self.path.read_text(encoding="utf-8")) else "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class PgbenchLoad:
    """How pgbench runs: at `rate` transactions a second (0: as fast as its clients can), after a warm-up."""

    label: str = "pgbench"
    clients: int = 16
    rate: float = 0.0
    seconds: float = 20.0
    warm_up_s: float = 2.0
    definitions: tuple[str, ...] = ()


def parse_script(text: str) -> Script:
    """Read FILE or FILE@WEIGHT; raise UsageError when there is no such file or the weight is no number."""
    name, at, weight = text.rpartition("@")
    if not at or not weight.isdigit():
        name, weight = text, "1"
    path = Path(name)
    if not path.is_file():
        raise UsageError(f"there is no script {name!r}", hint="write --script FILE or --script FILE@WEIGHT")
    return Script(path, int(weight))


def run_pgbench(url: str, scripts: Sequence[Script], load: PgbenchLoad, cpu_roots: Sequence[int] = ()) -> Run:
    """Run scripts against one endpoint; raise EngineError when pgbench could not run a single transaction.

    Statements are prepared where that survives on the way (found out, as the client does), and simple elsewhere.
    """
    mode = "prepared" if asyncio.run(_keeps_prepared(url)) else "simple"
    address, password = _without_password(url)
    meter = CpuMeter(roots=cpu_roots)
    with TemporaryDirectory(prefix="candlefish-pgbench-") as folder:
        prefix = Path(folder) / "log"
        started, started_at, own_before = monotonic(), time(), _children_s()
        meter.start()
        done = process.run(
            _command(address, mode, scripts, load, prefix),
            env={"PGPASSWORD": password, "PGCONNECT_TIMEOUT": "10"},
            timeout_s=load.seconds + load.warm_up_s + GRACE_S,
        )
        cpu = _with_pgbench(meter.stop(), _children_s() - own_before, monotonic() - started)
        log = TransactionLog(
            [(script.path.name, script.kind) for script in scripts],
            started_at=started_at,
            measure_from=started_at + load.warm_up_s,
        )
        for file in sorted(Path(folder).iterdir()):
            with file.open(encoding="ascii") as lines:
                log.read(lines)
    run = _as_run(log, load, cpu, measure_from=started_at + load.warm_up_s)
    if not run.requests:
        raise EngineError("pgbench ran no transaction", detail=_first_error(done.stderr) or done.stderr.strip()[-500:])
    return _with_aborts(run, done.stderr)


def _command(address: str, mode: str, scripts: Sequence[Script], load: PgbenchLoad, prefix: Path) -> list[str | Path]:
    threads = min(load.clients, cpu_count() or 1)
    seconds = max(1, round(load.seconds + load.warm_up_s))
    command: list[str | Path] = [process.find_binary("pgbench"), "--no-vacuum", "--log", f"--log-prefix={prefix}"]
    command += [f"--protocol={mode}", f"--client={load.clients}", f"--jobs={threads}", f"--time={seconds}"]
    command += [f"--file={script.path}@{script.weight}" for script in scripts]
    command += [f"--define={definition}" for definition in load.definitions]
    command += [f"--rate={load.rate:g}"] if load.rate else []
    return [*command, address]


def _as_run(log: TransactionLog, load: PgbenchLoad, cpu: tuple[CpuShare, ...], *, measure_from: float) -> Run:
    operations = log.operations()
    requests = sum(operation.requests for operation in operations)
    kinds = Counter[str]()
    for operation in operations:
        kinds.update(dict(operation.error_kinds))
    return Run(
        label=load.label,
        rate=load.rate,
        seconds=max(0.0, log.last_end - measure_from),
        requests=requests,
        errors=kinds.total(),
        error_kinds=tuple(kinds.most_common()),
        in_time_ratio=(requests - kinds.total()) / requests if requests else 0.0,
        queue_max=load.clients,
        queue_end=0,
        everything=log.latency(),
        reads=log.latency("read"),
        writes=log.latency("write"),
        connection_wait=_NOTHING,
        cached=None,
        operations=operations,
        timeline=log.timeline(),
        cpu=cpu,
        warm_up_seconds=load.warm_up_s,
        workers=1,
        late_start=log.schedule_lag() if load.rate else None,
    )


def _with_aborts(run: Run, stderr: str) -> Run:
    """Count the clients that pgbench gave up; it goes on without them and logs nothing of it."""
    aborted = len(re.findall(r"aborted in command|client \d+ aborted", stderr))
    if not aborted:
        return run
    return replace(
        run,
        requests=run.requests + aborted,
        errors=run.errors + aborted,
        error_kinds=(*run.error_kinds, ("client aborted", aborted)),
        error_examples=(_first_error(stderr),),
    )


def _first_error(stderr: str) -> str:
    errors = [line for line in stderr.splitlines() if "error" in line.lower()]
    return errors[0].strip() if errors else ""


def _with_pgbench(cpu: tuple[CpuShare, ...], own_s: float, elapsed_s: float) -> tuple[CpuShare, ...]:
    """Add pgbench itself, which has ended and so stands in no list of programs."""
    others = [share for share in cpu if share.program != "pgbench"]
    shares = [*others, CpuShare("pgbench", own_s / max(elapsed_s, 1e-9))]
    return tuple(sorted(shares, key=lambda share: -share.cores))


def _children_s() -> float:
    used = getrusage(RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _keeps_prepared(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, timeout=10)
        try:
            return await survive(connection)
        finally:
            await connection.close(timeout=5)
    except DRIVER_ERRORS as error:
        raise translate(error) from error


def _without_password(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    if parts.password is None:
        return url, ""
    user, place = parts.netloc.rsplit("@", 1)
    return parts._replace(netloc=f"{user.partition(':')[0]}@{place}").geturl(), unquote(parts.password)
