"""What can be reserved: only with prices that were read, scaled only as AWS scales them."""

import pytest

from candlefish.cost import make_bill
from candlefish.cost.model import Snapshot
from candlefish.cost.savings import find_savings, size_factor
from candlefish.spec.model import Spec


def spec(**sections: dict[str, object]) -> Spec:
    return Spec.model_validate(sections)


def test_without_a_price_there_is_no_offer(prices: Snapshot) -> None:
    savings = find_savings(make_bill(Spec(), prices))
    assert [line.offers for line in savings.lines] == [()] * 4


def test_a_reservation_of_the_same_class_is_priced_by_its_own_row(prices: Snapshot) -> None:
    chosen = spec(postgres={"instance_class": "db.m6g.xlarge", "replica_class": "db.m6g.large"})
    savings = find_savings(make_bill(chosen, prices))
    (replicas,) = (line for line in savings.lines if line.line_id == "rds.replicas")
    offer = next(o for o in replicas.offers if o.years == 1 and o.payment == "no upfront" and not o.derived)
    assert offer.usd == pytest.approx(2 * 730 * offer.commitment.effective_hourly)
    assert offer.saves == pytest.approx(replicas.usd - offer.usd)
    assert 0.30 < offer.saves / replicas.usd < 0.40


def test_each_term_is_offered_once_by_the_size_that_is_nearest(prices: Snapshot) -> None:
    chosen = spec(postgres={"instance_class": "db.m6g.xlarge", "replica_class": "db.m6g.large"})
    savings = find_savings(make_bill(chosen, prices))
    (primary,) = (line for line in savings.lines if line.line_id == "rds.primary")
    terms = [(offer.years, offer.payment) for offer in primary.offers]
    assert len(terms) == len(set(terms))
    no_upfront = next(offer for offer in primary.offers if (offer.years, offer.payment) == (1, "no upfront"))
    assert no_upfront.commitment.key == "rds.postgres.db.m6g.xlarge.single"
    assert no_upfront.derived.startswith("2 x"), "a Multi-AZ instance counts double"


@pytest.mark.parametrize(
    ("offered", "wanted", "factor"),
    [
        ("rds.postgres.db.m6g.large.single", "rds.postgres.db.m6g.large.single", 1),
        ("rds.postgres.db.m6g.large.single", "rds.postgres.db.m6g.xlarge.single", 2),
        ("rds.postgres.db.m6g.large.single", "rds.postgres.db.m6g.xlarge.multi", 4),
        ("rds.postgres.db.m6g.large.single", "rds.postgres.db.r6g.large.single", 0),
        ("elasticache.redis.cache.m6g.large", "elasticache.redis.cache.m6g.4xlarge", 8),
        ("elasticache.redis.cache.m6g.large", "elasticache.valkey.cache.m6g.large", 0),
    ],
)
def test_a_reservation_serves_its_family_by_normalised_units(offered: str, wanted: str, factor: float) -> None:
    assert size_factor(offered, wanted) == factor


def test_the_reservable_part_is_what_runs_all_month_on_rds_and_elasticache(prices: Snapshot) -> None:
    bill = make_bill(Spec(), prices)
    savings = find_savings(bill)
    lines = [bill.line(name) for name in ("rds.primary", "rds.replicas", "cache.nodes")]
    assert savings.reservable == pytest.approx(sum(line.usd for line in lines if line))
    assert savings.needed_discount(0.30) == pytest.approx(0.30 * bill.total / savings.reservable)


@pytest.mark.parametrize(
    ("sections", "line_id", "words"),
    [
        ({}, "cache.nodes", "Valkey alone"),
        ({}, "rds.primary", "generation 7"),
        ({"aws": {"cache_engine": "valkey"}}, "cache.nodes", "no price found"),
        ({"postgres": {"instance_class": "db.r7g.xlarge"}}, "rds.primary", "no price found"),
    ],
)
def test_the_scope_of_database_savings_plans_is_said(
    prices: Snapshot, sections: dict[str, dict[str, object]], line_id: str, words: str
) -> None:
    savings = find_savings(make_bill(spec(**sections), prices))
    (line,) = (line for line in savings.lines if line.line_id == line_id)
    assert words in line.note
