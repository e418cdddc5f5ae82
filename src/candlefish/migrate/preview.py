"""What a load would do, found without changing the tier."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from candlefish.migrate import archive
from candlefish.migrate.extensions import install_hint
from candlefish.migrate.fill import Source, open_source
from candlefish.migrate.landing import Landing
from candlefish.migrate.model import NotTaken, Outcome, SourceKind
from candlefish.migrate.names import require_name
from candlefish.migrate.plain import DumpEnd, note_command, note_end
from candlefish.migrate.policy import decide_statement
from candlefish.migrate.script import PsqlCommand, Script, Statement
from candlefish.migrate.server import Server
from candlefish.migrate.source import Dump, open_dump
