"""`candlefish load`: bring a dump or a running server into the tier, whole or with a list of what is missing.

The new database is filled under a temporary name and gets its own at the very end, so that a load that
fails or is killed changes nothing, and a database that is replaced serves until the new one is there.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import psycopg
from psycopg.conninfo import conninfo_to_dict

from candlefish import process
from candlefish.endpoints import Endpoints
from candlefish.errors import CheckFailed, EngineError
from candlefish.migrate.fill import fill_database, open_source
from candlefish.migrate.landing import Landing
from candlefish.migrate.model import Contents, LoadReport, Outcome, Progress
from candlefish.migrate.names import require_name
from candlefish.migrate.preview import Preview, preview_load
from candlefish.migrate.replicas import wait_for_replicas, wait_for_slots
from candlefish.migrate.server import Server
from candlefish.migrate.summary import fetch_contents

SCRATCH = "load-"
"""How temporary folders begin; the process that uses one follows."""

REPLICAS_S = 120.0
"""Seconds that replicas are waited for: a replica replays a bulk load about as fast as it was written."""


class Tier(Protocol):
    """What a load needs of a running tier."""

    def endpoints(self) -> Endpoints:
        """Return where the tier's own database answers."""

    def add_database(self, name: str) -> None:
        """Make a database that is not there, give the application its rights, and let the pooler serve it."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. `replace` allows to replace a database that holds something, `partial` to replace it
    even with a copy that lacks something.
    """

    source: str
    name: str
    jobs: int = 2
    replace: bool = False
    partial: bool = False


def load_database(order: Order, tier: Tier, *, scratch: Path, progress: Progress) -> LoadReport:
    """Load a database and return what came and what did not; `scratch` takes temporary files.

    Raises UsageError for a source or a name that cannot be, EngineError when a server fails.
    """
    require_name(order.name)
    try:
        with _scratch_folder(scratch) as folder:
            return _load(order, tier, folder, progress)
    except psycopg.Error as error:
        raise EngineError(
            f"PostgreSQL refused a step of loading {order.name}",
            detail=str(error).strip(),
            hint="see `candlefish status`, then load again: a load that was not finished is cleaned up by the next",
        ) from error


def preview(order: Order, tier: Tier, *, scratch: Path) -> Preview:
    """Say what a load would do, and change nothing of the tier."""
    require_name(order.name)
    with _scratch_folder(scratch) as folder:
        return preview_load(open_source(order.source, folder), Landing(tier.endpoints().admin_url, order.name))


def count_relations(tier: Tier, name: str) -> int:
    """Return how many relations a load into this name would replace."""
    return Landing(tier.endpoints().admin_url, name).count_relations() or 0


def _load(order: Order, tier: Tier, scratch: Path, progress: Progress) -> LoadReport:
    started = time.monotonic()
    source = open_source(order.source, scratch)
    shown = source.shown if isinstance(source, Server) else order.source
    endpoints = tier.endpoints()
    landing = Landing(endpoints.admin_url, order.name)
    with landing.hold():
        replaces = landing.require_free(replace=order.replace)
        landing.make(str(conninfo_to_dict(endpoints.main_url)["user"]))
        outcome = fill_database(source, landing, jobs=order.jobs, scratch=scratch, progress=progress)
        contents = _finish(landing, progress)
        _require_something(shown, contents, outcome)
        installed = order.partial or not (replaces and outcome.failed)
        replicas = _install(landing, tier, outcome, progress) if installed else 0
    return LoadReport(
        database=order.name,
        source=shown,
        kind="server" if isinstance(source, Server) else source.kind,
        contents=contents,
        seconds=time.monotonic() - started,
        replicas=replicas,
        installed=installed,
        replaced=installed and replaces,
        left_out=dict(sorted(outcome.left_out.items())),
        failed=outcome.failed,
        not_taken=tuple(outcome.failures),
        notes=tuple(outcome.notes),
    )


def _finish(landing: Landing, progress: Progress) -> Contents:
    """Give the planner its statistics and count what there is."""
    with landing.connect(landing.loading) as connection:
        progress.phase("analyzing")
        connection.execute("vacuum (analyze)")
        progress.phase("counting")
        return fetch_contents(connection)


def _require_something(shown: str, contents: Contents, outcome: Outcome) -> None:
    if contents.tables + contents.views + contents.functions + contents.sequences + contents.large_objects:
        return
    first = [f"{failure.subject}: {failure.reason}" for failure in outcome.failures[:3]]
    raise CheckFailed(
        f"{shown} brought nothing",
        detail="; ".join(first) or "it holds no table, view, function or sequence",
        hint="nothing was changed; is this the right dump?",
    )


def _install(landing: Landing, tier: Tier, outcome: Outcome, progress: Progress) -> int:
    """Give the new database its name and its endpoints, and return how many replicas have all of it."""
    progress.phase("installing")
    slots = landing.install()
    tier.add_database(landing.name)
    progress.phase("waiting for the replicas")
    with landing.connect(landing.name) as connection:
        replicas, behind = wait_for_replicas(connection, timeout_s=REPLICAS_S)
    if slots and not wait_for_slots(landing.nodes, landing.name, slots, timeout_s=REPLICAS_S):
        behind = (*behind, f"a replica that lacks {' and '.join(slots)}")
    if behind:
        outcome.notes.append(f"still replaying: {', '.join(behind)}; see `candlefish status`")
    return replicas


@contextmanager
def _scratch_folder(parent: Path) -> Iterator[Path]:
    """Give a folder that is gone afterwards; those that killed loads left go first."""
    for old in parent.glob(SCRATCH + "*"):
        if not _is_used(old):
            shutil.rmtree(old, ignore_errors=True)
    with TemporaryDirectory(prefix=f"{SCRATCH}{os.getpid()}-", dir=parent) as folder:
        yield Path(folder)


def _is_used(folder: Path) -> bool:
    pid = folder.name.removeprefix(SCRATCH).split("-")[0]
    return pid.isdigit() and process.is_alive(int(pid))
