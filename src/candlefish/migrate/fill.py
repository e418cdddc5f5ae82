"""Fill a database from a source, by the way that the source's format asks for."""

import shutil
from pathlib import Path

from psycopg.conninfo import make_conninfo

from candlefish.address import split_password
from candlefish.errors import DiskFull
from candlefish.migrate import archive, server
from candlefish.migrate.landing import OPTIONS, Landing
from candlefish.migrate.model import Outcome, Progress
from candlefish.migrate.plain import note_end, run_script
from candlefish.migrate.script import Script
from candlefish.migrate.source import DAMAGED, Dump, damaged, is_server, load_dump, open_dump
from candlefish.units import render_bytes

Source = Dump | server.Server


def open_source(text: str, scratch: Path) -> Source:
    """Look at what is to be loaded; raise the error that says what is wrong with it."""
    if is_server(text):
        return server.fetch_server(text)
    return load_dump(Path(text), scratch)


def fill_database(source: Source, landing: Landing, jobs: int, scratch: Path, progress: Progress) -> Outcome:
    """Run or restore a source into the database that is being filled, and say what could not be taken."""
    if isinstance(source, server.Server):
        return _fill_from_server(source, landing, jobs, scratch, progress)
    if source.kind == "plain":
        return _run_plain(source, landing, progress)
    return _restore(source.path, landing, 1 if source.kind == "tar" else jobs, progress)


def _fill_from_server(source: server.Server, landing: Landing, jobs: int, scratch: Path, progress: Progress) -> Outcome:
    _require_room(source, scratch)
    progress.phase(f"dumping {source.shown}", source.tables)
    server.dump_server(source, scratch / "dump", jobs=jobs, on_tables=progress.advance)
    outcome = _restore(scratch / "dump", landing, jobs, progress)
    if source.settings:
        outcome.notes.append(f"{source.settings} settings of its database (ALTER ... SET) were not taken")
    return outcome


def _run_plain(dump: Dump, landing: Landing, progress: Progress) -> Outcome:
    progress.phase(f"running {dump.path.name}", dump.size_bytes)
    with landing.connect(landing.loading) as connection, open_dump(dump) as (content, file):
        try:
            script = Script(content)
            outcome = run_script(script, connection, on_item=lambda: progress.advance(file.tell()))
        except DAMAGED as error:
            raise damaged(dump.path, error) from error
    if dump.by_pg_dump:
        note_end(script, outcome)
    _note_version(dump.version, outcome)
    return outcome


def _restore(path: Path, landing: Landing, jobs: int, progress: Progress) -> Outcome:
    listing = archive.fetch_listing(path)
    progress.phase(f"restoring {path.name}", listing.items)
    conninfo, password = split_password(landing.conninfo)
    conninfo = make_conninfo(conninfo, dbname=landing.loading, options=OPTIONS)
    outcome = archive.restore(path, conninfo, password=password, jobs=jobs, on_items=progress.advance)
    _note_version(listing.version, outcome)
    return outcome


def _note_version(version: str, outcome: Outcome) -> None:
    if version and int(version.split(".")[0]) > server.NEWEST:
        outcome.notes.append(f"the dump is of PostgreSQL {version}, the tier runs {server.NEWEST}")


def _require_room(source: server.Server, scratch: Path) -> None:
    """Raise DiskFull when the copy and the dump on the way surely won't fit."""
    free = shutil.disk_usage(scratch).free
    if free < source.size_bytes:
        raise DiskFull(
            f"too little room in {scratch.parent} for {source.shown}",
            detail=f"the database has {render_bytes(source.size_bytes)}, {render_bytes(free)} are free",
            hint="free some room there",
        )
