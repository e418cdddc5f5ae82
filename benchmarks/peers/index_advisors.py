"""Other index advisors, as they are found: each takes a database's address and a file of SQL, and gives statements.

Where each lies is said by the environment, since no registry has them all:

- `CANDLEFISH_DEXTER`: a checkout of ankane/dexter (here d421932), run with Debian's ruby, ruby-pg, ruby-pg-query 2.2
  and ruby-slop. In lib/dexter/column_resolver.rb `["sval"]` becomes `["str"]`, as pg_query 2 has it. "dexter" has its
  own settings, "dexter-10" the hidden `--min-cost-savings-pct 10`, its best.
- `CANDLEFISH_INDEX_ADVISOR`: index_advisor--0.2.0.sql of supabase/index_advisor (here ddb9b4e). It takes a statement at
  a time; what it says of each is put together.
- `CANDLEFISH_POSTGRES_MCP`: the `src` folder of a checkout of crystaldba/postgres-mcp (here 07eb329), and
  `CANDLEFISH_POSTGRES_MCP_PYTHON` a Python with its libraries (psycopg, pglast 7.20, mcp below 2, humanize,
  instructor). Its DatabaseTuningAdvisor runs with its own settings, without a limit of the storage.
"""

import json
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import psycopg

from candlefish.advise.quoting import quote
from candlefish.advise.workload.sql_file import load_file

LONGEST_S: Final = 300
"""Seconds after which a peer is ended."""

PeerAdvisor = Callable[[str, Path], Sequence[str]]
"""(address, file with the workload) -> CREATE INDEX statements."""

_TUNE: Final = """
import asyncio, json, sys, typing, typing_extensions
typing.override = typing_extensions.override  # it asks for Python 3.12, and this is all that it needs of it
sys.path.insert(0, sys.argv[1])
from postgres_mcp.index.dta_calc import DatabaseTuningAdvisor
from postgres_mcp.sql import DbConnPool, SqlDriver

async def main():
    pool = DbConnPool(sys.argv[2])
    await pool.pool_connect()
    statements = json.load(sys.stdin)
    found = await DatabaseTuningAdvisor(SqlDriver(conn=pool)).analyze_workload(query_list=statements)
    indexes = [one.to_index().definition for one in found.recommendations]
    print(json.dumps({"error": found.error, "statements": indexes}))
    await pool.close()

asyncio.run(main())
"""


def dexter(address: str, file: Path) -> list[str]:
    """Return what dexter suggests."""
    return _dexter(address, file)


def dexter_10(address: str, file: Path) -> list[str]:
    """Return what dexter suggests when a tenth of a statement's cost is enough."""
    return _dexter(address, file, "--min-cost-savings-pct", "10")


def _dexter(address: str, file: Path, *more: str) -> list[str]:
    folder = Path(os.environ["CANDLEFISH_DEXTER"])
    _need_hypopg(address)
    plain = file.with_suffix(".dexter.sql")
    plain.write_text(";\n".join(_statements(file)))
    command = ["ruby", f"-I{folder / 'lib'}", str(folder / "exe" / "dexter"), "-d", address, "--input-format", "sql"]
    done = subprocess.run(
        [*command, "--log-level", "debug2", *more, str(plain)],
        capture_output=True, text=True, timeout=LONGEST_S, check=True,
    )  # fmt: skip
    found = re.findall(r"Index found: (\S+) \((.*)\)", done.stdout)  # it quotes names when it creates, not when it says
    return [f"CREATE INDEX ON {_quoted(table, '.')} ({_quoted(columns, ', ')})" for table, columns in found]


def _quoted(names: str, between: str) -> str:
    return between.join(quote(name) for name in names.split(between))


def index_advisor(address: str, file: Path) -> list[str]:
    """Return what index_advisor says of each statement, each index once."""
    _need_hypopg(address)
    found: dict[str, None] = {}
    with psycopg.connect(address, autocommit=True, prepare_threshold=None) as connection:  # it deallocates them all
        connection.execute(Path(os.environ["CANDLEFISH_INDEX_ADVISOR"]).read_bytes())
        for statement in _statements(file):
            row = connection.execute("SELECT index_statements FROM index_advisor(%s)", (statement,)).fetchone()
            found |= dict.fromkeys(row[0] if row is not None else ())
        connection.execute("DROP FUNCTION index_advisor(text)")
    return [re.sub(r"INDEX (ON)?", "INDEX ON", one, count=1) if " INDEX ON " not in one else one for one in found]


def postgres_mcp(address: str, file: Path) -> list[str]:
    """Return what postgres-mcp's tuning advisor says."""
    _need_hypopg(address)
    python, source = os.environ["CANDLEFISH_POSTGRES_MCP_PYTHON"], os.environ["CANDLEFISH_POSTGRES_MCP"]
    done = subprocess.run(
        [python, "-c", _TUNE, source, address],
        input=json.dumps(_statements(file)), capture_output=True, text=True, timeout=LONGEST_S, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    if answer["error"]:
        raise RuntimeError(answer["error"])
    return list(answer["statements"])


def _statements(file: Path) -> list[str]:
    return [sample for one in load_file(file).statements for sample in one.samples]


def _need_hypopg(address: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS hypopg")


PEERS: Final[dict[str, PeerAdvisor]] = {
    "dexter": dexter,
    "dexter-10": dexter_10,
    "index_advisor": index_advisor,
    "postgres-mcp": postgres_mcp,
}
