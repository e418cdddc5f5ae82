from typing import Any

from tests.unit.advise.lints.made_up import database, facts, index, orders, to_users, users, workload

from candlefish.advise.lints.result import LintResult
from candlefish.advise.lints.run import run_lints


def run(*indexes: object, **more: Any) -> LintResult:
    return run_lints(database(orders(*indexes), users(), keys=[to_users("user_id")]), facts(**more), workload())  # type: ignore[arg-type]


def test_an_index_is_advised_away_once_and_the_gravest_finding_comes_first() -> None:
    twins = (index("a", "status"), index("b", "status"), index("c", "status", "note"))
    broken = index("d", "note", valid=False)
    found = run(*twins, broken)
    names = [drop.name for drop in found.drops]
    assert sorted(names) == ["a", "b", "c", "d"]
    severities = [finding.severity for finding in found.findings]
    assert severities == sorted(severities, key=["critical", "warning", "info"].index)


def test_what_is_unused_makes_nothing_redundant() -> None:
    found = run(index("narrow", "note", scans=9), index("wide", "note", "status"), index("fk", "user_id", scans=1))
    assert [drop.name for drop in found.drops] == ["wide"]


def test_ids_stay_the_same_and_differ() -> None:
    twins = (index("a", "status"), index("b", "status"))
    first, second = run(*twins).drops
    assert [first.id, second.id] == [drop.id for drop in run(*twins).drops]
    assert first.id != second.id


def test_a_database_in_order_has_nothing_to_say() -> None:
    assert run(index("pk", "id", unique=True, constraint="pk"), index("fk", "user_id", scans=1)) == LintResult()
