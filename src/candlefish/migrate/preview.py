"""What a load would do, found without changing the tier."""

import re
from dataclasses import dataclass

from candlefish.migrate import archive
from candlefish.migrate.extensions import install_hint
from candlefish.migrate.fill import Source
from candlefish.migrate.landing import Landing
from candlefish.migrate.model import NotTaken, Outcome, SourceKind
from candlefish.migrate.plain import note_command, note_end, note_refusal
from candlefish.migrate.script import PsqlCommand, Script
from candlefish.migrate.server import Server
from candlefish.migrate.source import Dump, open_dump

_EXTENSION = re.compile(rb'CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?"?([^\s";]+)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a load would do. `items` are statements, an archive's items, or a server's tables.

    `replaces` counts the relations of the database that would be replaced, None when there is none.
    """

    database: str
    source: str
    kind: SourceKind
    version: str
    items: int
    replaces: int | None
    left_out: dict[str, int]
    failed: int
    not_taken: tuple[NotTaken, ...]


def preview_load(source: Source, landing: Landing) -> Preview:
    """Say what a load would bring, leave out and miss."""
    outcome = Outcome()
    if isinstance(source, Server):
        items, version, wanted = source.tables, source.version, set(source.extensions)
    elif source.kind == "plain":
        (items, wanted), version = _scan(source, outcome), source.version
    else:
        listing = archive.fetch_listing(source.path)
        items, version, wanted = listing.items, listing.version, set(listing.extensions)
    for extension in sorted(wanted - landing.fetch_available_extensions()):
        outcome.fail(NotTaken("extension", extension, "it is not on this machine", hint=install_hint(extension)))
    return Preview(
        database=landing.name,
        source=source.shown if isinstance(source, Server) else str(source.path),
        kind="server" if isinstance(source, Server) else source.kind,
        version=version,
        items=items,
        replaces=landing.count_relations(),
        left_out=dict(sorted(outcome.left_out.items())),
        failed=outcome.failed,
        not_taken=tuple(outcome.failures),
    )


def _scan(dump: Dump, outcome: Outcome) -> tuple[int, set[str]]:
    """Return how many statements a script holds and which extensions it asks for."""
    statements = 0
    wanted: set[str] = set()
    databases: list[str] = []
    with open_dump(dump) as (content, _):
        script = Script(content)
        for item in script:
            if isinstance(item, PsqlCommand):
                note_command(item, outcome, databases)
                continue
            statements += 1
            note_refusal(item, outcome)
            if match := _EXTENSION.match(item.sql):
                wanted.add(match[1].decode(errors="replace"))
            if item.takes_data:
                for _ in script.copy_data():
                    pass
    if dump.by_pg_dump:
        note_end(script, outcome)
    return statements, wanted
