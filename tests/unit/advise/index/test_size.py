"""Sizes of indexes, against those that PostgreSQL 15 gave real ones of TPC-H at scale 0.1 (bytes)."""

import pytest
from tests.unit.advise.tables import column, table

from candlefish.advise.catalog.model import TableFacts
from candlefish.advise.index.definition import Index, Key
from candlefish.advise.index.size import estimate_size_bytes

LINES = table(
    column("l_orderkey", distinct=150_000.0),
    column("l_suppkey", distinct=1000.0),
    column("l_shipdate", "date", distinct=2526.0),
    column("l_returnflag", "bpchar", distinct=3.0, width_bytes=2),
    column("l_discount", "numeric", distinct=11.0, width_bytes=5),
    column("l_extendedprice", "numeric", distinct=100_000.0, width_bytes=8),
    rows=600_572,
    size_bytes=92_000_000,
)


def of(*names: str, include: tuple[str, ...] = (), facts: TableFacts = LINES) -> int:
    return estimate_size_bytes(Index(facts.table, tuple(Key(name) for name in names), include=include), facts)


@pytest.mark.parametrize(
    ("names", "real"),
    [(("l_shipdate",), 4_349_952), (("l_returnflag",), 13_533_184), (("l_orderkey", "l_suppkey"), 13_508_608)],
)
def test_a_btree_is_estimated_within_an_eighth_of_its_real_size(names: tuple[str, ...], real: int) -> None:
    assert of(*names) == pytest.approx(real, rel=0.125)


def test_what_is_included_makes_it_wider_and_keeps_every_row() -> None:
    assert of("l_shipdate", include=("l_extendedprice",)) > 3 * of("l_shipdate")


def test_a_partial_index_holds_its_share() -> None:
    index = Index(LINES.table, (Key("l_shipdate"),), where="l_discount = 0")
    assert estimate_size_bytes(index, LINES, share=0.1) < of("l_shipdate") / 5


def test_a_block_range_index_is_tiny() -> None:
    index = Index(LINES.table, (Key("l_shipdate"),), method="brin")
    assert estimate_size_bytes(index, LINES) == 24_576 + 88 * 32
