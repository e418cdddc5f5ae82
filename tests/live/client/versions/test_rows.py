"""Rows as types, and in bulk, against each version."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from tests.live.client.versions.servers import Servers

from candlefish import Database

pytestmark = pytest.mark.live


@dataclass
class Book:
    id: int
    title: str


class Title(msgspec.Struct):
    title: str


async def test_rows_come_as_the_types_that_were_asked_for(servers: Servers) -> None:
    async with Database(servers.primary_url) as db:
        await db.execute("create table shelf as select 1 as id, 'one' as title")
        assert await db.fetch("select * from shelf", into=Book) == [Book(1, "one")]
        assert await db.fetchrow("select title from shelf", into=Title) == Title("one")


async def test_rows_are_copied_in_and_out(servers: Servers, tmp_path: Path) -> None:
    async with Database(servers.primary_url) as db:
        await db.execute("create table shelf (id int primary key, title text)")
        records = [(number, f"title {number}") for number in range(1000)]
        assert await db.copy("shelf", records, columns=["id", "title"]) == 1000
        assert await db.copy_out("select * from shelf order by id", output=tmp_path / "shelf.csv", format="csv") == 1000
    assert (tmp_path / "shelf.csv").read_text().splitlines()[:2] == ["0,title 0", "1,title 1"]
