"""A process that writes down each key before it confirms it: FILE CONNINFO SLOT PUBLICATION."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from candlefish.changes.change import Change
from candlefish.changes.follow import ChangeFollower
from candlefish.changes.source import Source
from candlefish.changes.stream import ChangeStream
from candlefish.client.rules import make_rules

RULES = make_rules({"rule": [{"table": "notes", "keys": ["note:{slug}"]}]})


class FileSink:
    """Write keys to a file; take a moment, in which the process may be killed before it confirms."""

    def __init__(self, file: Path) -> None:
        self.file = file

    async def invalidate(self, changes: Sequence[Change]) -> None:
        keys = [key for change in changes for key in change.invalidations.keys]
        with self.file.open("a") as out:
            out.write("".join(f"{key}\n" for key in keys))
        await asyncio.sleep(0.05)

    async def gap(self) -> None:
        with self.file.open("a") as out:
            out.write("gap\n")


if __name__ == "__main__":
    sink = FileSink(Path(sys.argv[1]))
    asyncio.run(ChangeFollower(ChangeStream(Source(*sys.argv[2:]), RULES), sink).run())
