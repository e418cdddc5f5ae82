"""Logs of three formats, as PostgreSQL writes them."""

import gzip
from pathlib import Path

import pytest

from candlefish.advise.workload.log_entries import from_csv, from_json, from_stderr, read_entries
from candlefish.errors import UsageError

PREFIXES = [
    "2026-11-24 01:00:00.250 UTC [812] ",
    "2026-11-24 01:00:00.250 UTC [812-1] app@shop ",
    "2026-11-24 01:00:00.250 UTC:10.0.0.1(5432):app@shop:[812]:",
    "user=app,db=shop 2026-11-24 01:00:00.250 CET ",
    "1795482000.250 [812]: [3-1] ",
    "",
]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_prefix_of_stderr_hides_an_entry(prefix: str) -> None:
    (entry,) = from_stderr([f"{prefix}LOG:  duration: 1.5 ms  statement: select 1\n"])
    assert entry.message == "duration: 1.5 ms  statement: select 1"
    assert entry.at == (None if not prefix else 1795482000.25)
    assert entry.database == ("shop" if "app@shop" in prefix else "")
    assert entry.process == ("812" if "[812" in prefix else "")


def test_further_lines_and_details_belong_to_the_entry_before_them() -> None:
    lines = [
        "2026-11-24 01:00:00 UTC [1] LOG:  statement: select 'a\n",
        "\tLOG:  b' from t\n",
        "\t\twhere x\n",
        "2026-11-24 01:00:00 UTC [1] DETAIL:  parameters: $1 = 'c\n",
        "\td'\n",
        "2026-11-24 01:00:00 UTC [1] CONTEXT:  PL/pgSQL function f()\n",
        "\tline 3\n",
        "2026-11-24 01:00:01 UTC [2] ERROR:  syntax error\n",
        "2026-11-24 01:00:01 UTC [2] STATEMENT:  selec 1\n",
        "2026-11-24 01:00:02 UTC [1] LOG:  statement: select 2\n",
    ]
    first, second = from_stderr(lines)
    assert first.message == "statement: select 'a\nLOG:  b' from t\n\twhere x"
    assert first.detail == "parameters: $1 = 'c\nd'"
    assert (second.message, second.detail) == ("statement: select 2", "")


CSV = (
    '2026-11-24 01:00:00.250 UTC,"app","shop",812,"[local]",6700.1,7,"SELECT",2026-11-24 00:59:00 UTC,3/4,0,LOG,00000,'
    '"duration: 1.5 ms  execute <unnamed>: select ""A"",\n\'x\' where y = $1","parameters: $1 = \'1, 2\'",,,,,,,,"web"'
    ',"client backend",,0\n'
)
JSON = (
    '{"timestamp":"2026-11-24 01:00:00.250 UTC","user":"app","dbname":"shop","pid":812,"error_severity":"LOG",'
    '"message":"duration: 1.5 ms  execute <unnamed>: select \\"A\\",\\n\'x\' where y = $1",'
    '"detail":"parameters: $1 = \'1, 2\'","application_name":"web","backend_type":"client backend"}\n'
)


@pytest.mark.parametrize(("text", "name"), [(CSV, "a.csv"), (JSON, "a.json")])
def test_csvlog_and_jsonlog_say_the_same(text: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text * 2)
    entries = list(read_entries(path))
    assert len(entries) == 2
    assert entries[0].message == "duration: 1.5 ms  execute <unnamed>: select \"A\",\n'x' where y = $1"
    assert entries[0].detail == "parameters: $1 = '1, 2'"
    assert (entries[0].at, entries[0].database, entries[0].process) == (1795482000.25, "shop", "812")
    assert entries[0].application == "web"


def test_other_levels_are_no_entries() -> None:
    assert list(from_csv([CSV.replace(",LOG,", ",ERROR,")])) == []
    assert list(from_json([JSON.replace('"LOG"', '"ERROR"'), '{"cut off'])) == []


def test_a_field_longer_than_the_csv_module_likes_is_read() -> None:
    (entry,) = from_csv([CSV.replace("select ", "select " + "1," * 100_000)])
    assert len(entry.message) > 200_000


def test_a_gzipped_log_is_read(tmp_path: Path) -> None:
    path = tmp_path / "postgresql.log.gz"
    path.write_bytes(gzip.compress("LOG:  statement: select 'ä'\n".encode()))
    assert [one.message for one in read_entries(path)] == ["statement: select 'ä'"]


def test_a_log_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="could not read the log"):
        list(read_entries(tmp_path / "none.log"))
