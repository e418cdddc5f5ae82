import pytest
from tests.unit.advise.lints.made_up import ORDERS, database, facts, index, orders, workload
from tests.unit.advise.tables import column, table

from candlefish.advise.index.definition import ExistingIndex, Key
from candlefish.advise.lints.hot import check_hot
from candlefish.advise.lints.result import LintResult
from candlefish.advise.statements import Workload, Writes
from candlefish.results import Finding

BUSY = workload(orders=Writes(updates_per_hour=6000, hot_ratio=0.02, updated={"status": 5900.0, "note": 100.0}))


def check(*indexes: ExistingIndex, known: Workload = BUSY, version: int = 150000) -> tuple[Finding, ...]:
    return check_hot(database(orders(*indexes), version=version), facts(), known).findings


def test_an_index_on_a_column_that_updates_set_is_found_with_its_rate() -> None:
    (found,) = check(index("a", "status", scans=5))
    assert "5,900 of 6,000 updates an hour set status" in found.message
    assert "2% of the updates are HOT now" in found.message
    assert found.severity == "info"


def test_one_that_nobody_reads_is_a_warning() -> None:
    assert [one.severity for one in check(index("a", "status"))] == ["warning"]


@pytest.mark.parametrize(
    "index",
    [
        index("a", "id", include=("status",)),
        index("a", "id", where="(status = 1)"),
        index("a", Key(expression="abs(status)")),
        index("a", "status", method="hash"),
    ],
)
def test_included_columns_predicates_and_expressions_count(index: ExistingIndex) -> None:
    assert len(check(index)) == 1


def test_a_column_that_is_seldom_set_does_not_matter() -> None:
    assert check(index("a", "note"), index("b", "id")) == ()


def test_brin_does_not_count_from_postgresql_16() -> None:
    brin = index("a", "status", method="brin")
    assert len(check(brin, version=150000)) == 1
    assert check(brin, version=160000) == ()


def test_a_table_of_few_updates_is_left_in_peace() -> None:
    assert (
        check(index("a", "status"), known=workload(orders=Writes(updates_per_hour=59, updated={"status": 59.0}))) == ()
    )
    assert check(index("a", "status"), known=workload()) == ()


def test_leaves_are_told_with_their_whole() -> None:
    leaf = table(column("status"), name="orders", parent=ORDERS, indexes=(index("a", "status"),))
    assert check_hot(database(leaf), facts(), BUSY) == LintResult()
