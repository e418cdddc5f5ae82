"""Each wrong source gives one error that says what is wrong and what to do."""

import gzip
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from candlefish.engines.stack import Stack
from candlefish.errors import CandlefishError, EngineError, UsageError
from candlefish.migrate.model import LoadReport

pytestmark = pytest.mark.live

Load = Callable[..., LoadReport]
Dump = Callable[..., Path]

CONTENTS = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n", "is empty"),
    "prose": (b"Dear all,\nplease find attached", "is no PostgreSQL dump"),
    "noise": (bytes(range(256)) * 9, "is no PostgreSQL dump"),
    "sqlite": (b"SQLite format 3\0" + bytes(100), "a SQLite database"),
    "mysql": (b"-- MySQL dump 10.13\nCREATE TABLE `x` (a int);", "a MySQL dump"),
    "utf-16": ("\ufeffselect 1;".encode("utf-16-le"), "UTF-16"),
    "zip": (b"PK\x03\x04" + bytes(30), "a zip archive"),
    "cluster": (b"--\n-- PostgreSQL database cluster dump\n--\ncreate role x;", "a whole server"),
    "newer": (b"PGDMP\x01\x10\x00\x04\x08\x01", "made by pg_dump 17 or 18"),
    "header only": (b"PGDMP\x01", "damaged"),
    "truncated gzip": (gzip.compress(b"create table t (a int);" * 1000)[:-20], "damaged"),
    "gzip of prose": (gzip.compress(b"Dear all, please find attached"), "is no PostgreSQL dump"),
    "bad zstd": (b"\x28\xb5\x2f\xfd" + b"nonsense", "damaged"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_a_file_that_is_no_dump_says_what_it_is(name: str, load: Load, tmp_path: Path) -> None:
    content, words = CONTENTS[name]
    path = tmp_path / "dump"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=words) as caught:
        load(path, "wrong")
    assert caught.value.hint


def test_a_file_that_is_not_there_is_named(load: Load, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        load(tmp_path / "missing", "wrong")


def test_a_folder_without_a_table_of_contents_is_no_dump(load: Load, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no toc\.dat"):
        load(tmp_path, "wrong")


def test_a_tar_of_something_else_is_no_dump(load: Load, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("Dear all")
    with tarfile.open(tmp_path / "letter.tar", "w") as archive:
        archive.add(tmp_path / "letter", "letter")
    with pytest.raises(UsageError, match="no dump"):
        load(tmp_path / "letter.tar", "wrong")


def test_an_archive_that_is_cut_off_changes_nothing(
    load: Load, stack: Stack, tmp_path: Path, names: Callable[[], set[str]], dump: Dump
) -> None:
    (tmp_path / "t.sql").write_text("create table t as select generate_series(1, 100000) id, random();")
    load(tmp_path / "t.sql", "whole")
    path = dump(stack.endpoints("whole"), tmp_path / "whole.dump", "--format=custom")
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(CandlefishError):
        load(path, "wrong")
    assert not {"wrong", "wrong__loading"} & names()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda url, _: url.rsplit("/", 1)[0] + "/no_such_database", UsageError, "there is no database"),
        (lambda url, secret: url.replace(secret, "wrong"), UsageError, "refused the login"),
        (lambda url, _: url + "?no_such_option=1", UsageError, "address of the database is wrong"),
        (lambda _, __: "postgresql://u:secret@127.0.0.1:9/x", EngineError, "could not reach"),
        (lambda _, __: "postgresql://u:secret@no-such-host.invalid/x", EngineError, "could not reach"),
    ],
)
def test_a_wrong_address_says_what_is_wrong_with_it(
    change: Callable[[str, str], str], error: type[CandlefishError], words: str, load: Load, stack: Stack
) -> None:
    node = stack.require_primary()
    secret = stack.tier.secrets.admin
    address = change(f"postgresql://candlefish_admin:{secret}@{node.host}:{node.port}/postgres", secret)
    with pytest.raises(error, match=words) as caught:
        load(address, "wrong")
    assert "secret" not in str(caught.value)
    assert secret not in str(caught.value)


def test_a_name_that_the_tier_cannot_serve_is_refused_before_anything_is_read(load: Load, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="endpoint of the database shop"):
        load(tmp_path / "missing", "shop_read")
