"""A database that nobody here made comes in whole."""

import gzip
import lzma
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from candlefish.endpoints import Endpoints
from candlefish.engines.stack import Stack
from candlefish.errors import CheckFailed, UsageError
from candlefish.migrate.load import Order, preview
from candlefish.migrate.model import LoadReport

pytestmark = pytest.mark.live

Load = Callable[..., LoadReport]
CountRows = Callable[[str], dict[str, int]]
Dump = Callable[..., Path]
EndpointUrls = Callable[[Endpoints], dict[str, str]]
Foreign = Callable[[str], Path]

ROWS = {"pagila": 46_273, "chinook": 15_607}
"""Counted with psql after `psql -f` of each into an empty PostgreSQL 15."""


@pytest.mark.parametrize("name", ["pagila", "chinook"])
def test_a_foreign_database_is_whole_through_every_endpoint_and_replica(
    name: str,
    request: pytest.FixtureRequest,
    stack: Stack,
    count_rows: CountRows,
    endpoint_urls: EndpointUrls,
) -> None:
    report: LoadReport = request.getfixturevalue(name)
    assert (report.failed, report.left_out, report.contents.rows) == (0, {}, ROWS[name])
    assert report.replicas == len(stack.plan.postgres.nodes) - 1
    counts = {where: count_rows(url) for where, url in endpoint_urls(stack.endpoints(name)).items()}
    assert sum(counts["admin"].values()) == ROWS[name]
    assert [where for where, found in counts.items() if found != counts["admin"]] == []


def test_all_that_pagila_has_comes_along(pagila: LoadReport) -> None:
    there = pagila.contents
    assert (there.tables, there.partitions, there.views, there.materialized_views) == (15, 7, 7, 1)
    assert (there.indexes, there.sequences, there.functions, there.triggers) == (49, 13, 10, 15)


@pytest.mark.parametrize("form", ["custom", "directory", "tar", "plain"])
def test_a_dump_of_every_format_brings_the_same_rows(
    form: str, pagila: LoadReport, load: Load, stack: Stack, tmp_path: Path, count_rows: CountRows, dump: Dump
) -> None:
    path = dump(stack.endpoints("pagila"), tmp_path / "no-name-that-tells", f"--format={form}")
    report = load(path, "again")
    assert (report.kind, report.failed, report.contents.rows) == (form, 0, pagila.contents.rows)
    assert count_rows(stack.endpoints("again").read_url) == count_rows(stack.endpoints("pagila").admin_url)


@pytest.mark.parametrize("packer", ["gzip", "xz", "zstd"])
def test_a_compressed_script_is_unpacked_on_the_way(packer: str, load: Load, tmp_path: Path, foreign: Foreign) -> None:
    packed = tmp_path / "packed"
    raw = foreign("chinook").read_bytes()
    if packer == "gzip":
        packed.write_bytes(gzip.compress(raw))
    elif packer == "xz":
        packed.write_bytes(lzma.compress(raw))
    elif shutil.which("zstd") is None:
        pytest.skip("zstd is not on this machine")
    else:
        subprocess.run(["zstd", "-q", foreign("chinook"), "-o", packed], check=True)
    assert load(packed, "packed").contents.rows == ROWS["chinook"]


def test_a_packed_folder_is_a_directory_dump(
    chinook: LoadReport, load: Load, stack: Stack, tmp_path: Path, dump: Dump
) -> None:
    folder = dump(stack.endpoints("chinook"), tmp_path / "folder", "--format=directory")
    with tarfile.open(tmp_path / "folder.tar.gz", "w:gz") as archive:
        archive.add(folder, "backup/folder")
    report = load(tmp_path / "folder.tar.gz", "again")
    assert (report.kind, report.contents.rows) == ("directory", chinook.contents.rows)


def test_a_running_server_is_copied_and_its_password_shown_nowhere(
    chinook: LoadReport, load: Load, stack: Stack
) -> None:
    report = load(stack.endpoints("chinook").admin_url, "again")
    assert (report.kind, report.failed, report.contents.rows) == ("server", 0, chinook.contents.rows)
    assert stack.tier.secrets.admin not in repr(report)


def test_the_application_may_use_all_that_came(load: Load, stack: Stack, tmp_path: Path) -> None:
    script = tmp_path / "shop.sql"
    script.write_text(
        "create schema shop; create table shop.items (id serial primary key, name text);"
        "insert into shop.items (name) values ('one'); alter table shop.items owner to nobody_here;"
        "create function shop.count() returns bigint language sql as 'select count(*) from shop.items';"
    )
    report = load(script, "shop")
    assert report.left_out == {"owners": 1}
    with psycopg.connect(stack.endpoints("shop").main_url, prepare_threshold=None) as connection:
        assert connection.execute("insert into shop.items (name) values ('two') returning id").fetchone() == (2,)
        assert connection.execute("select shop.count()").fetchone() == (2,)
        connection.execute("truncate shop.items")
        owners = connection.execute("select tableowner from pg_tables where schemaname = 'shop'").fetchall()
    assert owners == [("candlefish_admin",)]


@pytest.mark.parametrize("options", ["--inserts", "--clean", "--clean --if-exists --create", "--encoding=SQL_ASCII"])
def test_a_script_of_pg_dump_comes_in_whole_with_every_option(
    options: str, chinook: LoadReport, load: Load, stack: Stack, tmp_path: Path, dump: Dump
) -> None:
    report = load(dump(stack.endpoints("chinook"), tmp_path / "chinook.sql", *options.split()), "again")
    there, wanted = report.contents, chinook.contents
    assert (report.failed, there.rows, there.tables, there.indexes) == (0, wanted.rows, wanted.tables, wanted.indexes)
    sums = []
    for name in ("chinook", "again"):
        with psycopg.connect(stack.endpoints(name).main_url, prepare_threshold=None) as connection:
            sums.append(connection.execute("""select sum(hashtext("Name"::text)) from "Track" """).fetchone())
    assert sums[0] == sums[1]


def test_text_in_another_encoding_arrives_as_it_was(load: Load, stack: Stack, tmp_path: Path) -> None:
    script = tmp_path / "latin.sql"
    script.write_bytes(
        "set client_encoding = 'LATIN1';\ncreate table t (word text);\ncopy t from stdin;\nété\n\\.\n"
        "insert into t values ('ça'), ('à', 1);\ninsert into t values ('ça');\n".encode("latin-1")
    )
    assert load(script, "latin").failed == 1
    with psycopg.connect(stack.endpoints("latin").main_url, prepare_threshold=None) as connection:
        assert connection.execute("select word from t order by 1").fetchall() == [("ça",), ("été",)]


def test_large_objects_come_along(load: Load, stack: Stack, tmp_path: Path, dump: Dump) -> None:
    script = tmp_path / "large.sql"
    script.write_text("create table t (); select lo_from_bytea(4242, 'abc');")
    load(script, "large")
    report = load(dump(stack.endpoints("large"), tmp_path / "large.dump", "--format=custom"), "again")
    assert report.contents.large_objects == 1


def test_what_could_not_be_taken_is_listed_with_its_line_and_reason(load: Load, tmp_path: Path) -> None:
    script = tmp_path / "odd.sql"
    script.write_text(
        "create extension no_such_extension;\n"
        "create table good (id int primary key);\n"
        "create table bad (where_is geometry);\n"
        "copy bad from stdin;\n1;'\n\\.\n"
        "copy good from stdin;\n1\n2\n\\.\n"
        "create policy p on good to nobody_here using (true);\n"
    )
    report = load(script, "odd")
    assert [(one.what, one.line) for one in report.not_taken] == [
        ("extension", 1),
        ("statement", 3),
        ("data", 4),
        ("statement", 11),
    ]
    assert [bool(one.hint) for one in report.not_taken] == [True, False, False, True]
    assert report.contents.rows == 2
    assert report.installed


def test_nothing_of_a_script_runs_outside_of_the_new_database(
    load: Load, tmp_path: Path, names: Callable[[], set[str]]
) -> None:
    trace = tmp_path / "trace"
    script = tmp_path / "hostile.sql"
    script.write_text(
        f"create table t (id int);\n\\! touch {trace}\ncopy t to program 'touch {trace}';\n"
        f"select 'touch' \\g |touch {trace}\n\\copy t to '{trace}'\ncreate database elsewhere;\n"
        "alter system set port = 1;\n\\connect elsewhere\ncreate table there ();\n"
    )
    report = load(script, "hostile")
    assert [one.line for one in report.not_taken] == [2, 3, 4, 5, 7]
    assert report.left_out == {"database statements": 2}
    assert not trace.exists()
    assert "elsewhere" not in names()


def test_a_preview_changes_nothing_and_names_what_is_missing(
    stack: Stack, tmp_path: Path, names: Callable[[], set[str]]
) -> None:
    script = tmp_path / "wants.sql"
    script.write_text("create extension no_such_extension;\ncreate table t ();\n")
    before = names()
    found = preview(Order(str(script), "wants"), stack, scratch=tmp_path)
    assert (found.items, [one.subject for one in found.not_taken]) == (2, ["no_such_extension"])
    assert names() == before


def test_a_preview_looks_into_archives_and_servers(
    chinook: LoadReport, stack: Stack, tmp_path: Path, dump: Dump
) -> None:
    endpoints = stack.endpoints("chinook")
    archive = dump(endpoints, tmp_path / "chinook.dump", "--format=custom")
    looked = [
        preview(Order(str(source), "looked"), stack, scratch=tmp_path) for source in (archive, endpoints.admin_url)
    ]
    assert [(found.kind, found.failed, found.replaces) for found in looked] == [
        ("custom", 0, None),
        ("server", 0, None),
    ]
    assert looked[0].items > looked[1].items == chinook.contents.tables


def test_a_script_that_brings_nothing_is_an_error(load: Load, tmp_path: Path, names: Callable[[], set[str]]) -> None:
    script = tmp_path / "nothing.sql"
    script.write_text("select 1; drop table nothing;")
    with pytest.raises(CheckFailed):
        load(script, "nothing")
    assert not {"nothing", "nothing__loading"} & names()


def test_a_dump_that_is_cut_off_is_noticed(load: Load, tmp_path: Path, foreign: Foreign) -> None:
    raw = foreign("chinook").read_bytes()
    (tmp_path / "cut.sql").write_bytes(raw[: len(raw) // 2])
    report = load(tmp_path / "cut.sql", "cut")
    assert "cut off" in report.not_taken[-1].reason


def test_a_script_for_several_databases_is_refused(load: Load, tmp_path: Path, names: Callable[[], set[str]]) -> None:
    script = tmp_path / "several.sql"
    script.write_text("\\connect a\ncreate table t ();\n\\connect b\ncreate table t ();\n")
    with pytest.raises(UsageError, match="several databases"):
        load(script, "several")
    assert "several__loading" not in names()
