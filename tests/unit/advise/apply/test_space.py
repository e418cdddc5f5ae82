"""What a change takes of the disk is said before it begins."""

from dataclasses import replace

from tests.unit.report.advice_made_up import CREATE, DROP

from candlefish.advise.apply.space import space_words
from candlefish.advise.apply.sql import render_sql


def test_an_index_says_what_it_needs_with_its_sort_and_its_wal() -> None:
    assert space_words(CREATE).startswith("needs about 1.25 MB of disk for the index, as much for its WAL")
    assert "for its sort" in space_words(CREATE)


def test_a_drop_gives_back_and_a_rebuild_needs_the_index_again() -> None:
    assert space_words(DROP) == "gives back about 8.965 MB of disk"
    assert "8 kB of disk for the new index beside the old one" in space_words(replace(DROP, kind="reindex"), 8192)


def test_nothing_is_said_of_a_size_that_nobody_knows() -> None:
    assert space_words(replace(CREATE, size_bytes=0)) == ""
    assert "It " not in render_sql([replace(CREATE, size_bytes=0)])


def test_a_dry_run_says_it_beside_each_statement() -> None:
    lines = render_sql([CREATE, DROP]).splitlines()
    assert [line for line in lines if line.startswith("-- It ")] == [
        f"-- It {space_words(CREATE)}.",
        f"-- It {space_words(DROP)}.",
    ]
