"""Another estimate beside ours, and one spec against another."""

import pytest

from candlefish.cost import make_bill
from candlefish.cost.alternatives import find_alternatives
from candlefish.cost.change import changes
from candlefish.cost.compare import compare
from candlefish.cost.model import Snapshot
from candlefish.errors import UsageError
from candlefish.spec.model import Spec
from candlefish.spec.model_aws import CompareSpec


def spec(**sections: dict[str, object]) -> Spec:
    return Spec.model_validate(sections)


def other(*lines: dict[str, object]) -> CompareSpec:
    return CompareSpec.model_validate({"name": "theirs", "source": "a letter", "lines": list(lines)})


def test_their_lines_stand_beside_those_of_ours_that_they_name(prices: Snapshot) -> None:
    bill = make_bill(Spec(), prices)
    found = compare(bill, other({"name": "databases", "usd": 680.0, "matches": ["rds.primary", "rds.replicas"]}))
    (pair,) = found.pairs
    assert pair.ours == pytest.approx(sum(line.usd for line in pair.lines))
    assert pair.difference == pytest.approx((pair.ours or 0) - 680)
    assert found.ours == pytest.approx(found.matched + sum(line.usd for line in found.unmatched), abs=0.01)


def test_a_line_that_names_nothing_of_ours_counts_for_the_total_alone(prices: Snapshot) -> None:
    found = compare(make_bill(Spec(), prices), other({"name": "everything", "usd": 3200.0}))
    assert found.pairs[0].ours is None
    assert found.theirs == 3200
    assert found.ratio == pytest.approx(found.ours / 3200)


def test_a_feature_that_is_off_costs_nothing(prices: Snapshot) -> None:
    found = compare(make_bill(Spec(), prices), other({"name": "cdn", "usd": 90.0, "matches": ["cdn.transfer"]}))
    assert found.pairs[0].ours == 0


def test_an_unknown_line_is_an_error_that_proposes_one(prices: Snapshot) -> None:
    with pytest.raises(UsageError, match=r"did you mean rds\.primary"):
        compare(make_bill(Spec(), prices), other({"name": "db", "usd": 1.0, "matches": ["rds.primry"]}))


def test_a_line_of_ours_can_not_be_counted_twice(prices: Snapshot) -> None:
    twice: list[dict[str, object]] = [{"name": name, "usd": 1.0, "matches": ["kms"]} for name in ("a", "b")]
    with pytest.raises(UsageError, match="kms is matched by 'a' and by 'b'"):
        compare(make_bill(Spec(), prices), other(*twice))


def test_a_change_of_the_spec_shows_the_lines_that_differ_and_no_others(prices: Snapshot) -> None:
    before = make_bill(Spec(), prices)
    after = make_bill(
        spec(aws={"cache_engine": "valkey", "architecture": "arm64"}, usage={"cross_zone_gb": 0.0}), prices
    )
    found = {change.line_id: change for change in changes(before, after)}
    assert set(found) == {"cache.nodes", "pooler.tasks", "transfer.cross_zone"}
    assert sum(change.difference for change in found.values()) == pytest.approx(after.total - before.total, abs=0.1)


def test_a_line_that_goes_away_has_no_price_after(prices: Snapshot) -> None:
    after = make_bill(spec(postgres={"read_replicas": 0}), prices)
    found = {change.line_id: change for change in changes(make_bill(Spec(), prices), after)}
    assert found["rds.replicas"].after is None
    assert found["rds.backup"].difference > 0, "less storage, fewer backups free"


def test_the_same_spec_changes_nothing(prices: Snapshot) -> None:
    assert changes(make_bill(Spec(), prices), make_bill(Spec(), prices)) == ()


def test_alternatives_come_cheapest_first_with_the_difference_of_whole_bills(prices: Snapshot) -> None:
    bill = make_bill(Spec(), prices)
    found = {item.what: item for item in find_alternatives(Spec(), bill)}
    valkey = make_bill(spec(aws={"cache_engine": "valkey"}), prices)
    assert found["Valkey instead of Redis OSS"].difference == pytest.approx(valkey.total - bill.total)
    differences = [item.difference for item in found.values()]
    assert differences == sorted(differences)


def test_an_alternative_that_is_chosen_already_is_not_offered(prices: Snapshot) -> None:
    chosen = spec(
        aws={"cache_engine": "valkey", "architecture": "arm64"},
        postgres={"instance_class": "db.r7g.xlarge", "replica_class": "db.r7g.large"},
    )
    names = {item.what for item in find_alternatives(chosen, make_bill(chosen, prices))}
    assert not names & {"Valkey instead of Redis OSS", "ARM instead of x86 tasks", "db.r7g for all databases"}
