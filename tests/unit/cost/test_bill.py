"""The bill agrees with the research's table line by line, each figure computed from rows."""

import pytest

from candlefish.cost import make_bill
from candlefish.cost.bill import LINE_IDS
from candlefish.cost.model import HOURS_PER_MONTH, Bill, Snapshot
from candlefish.cost.snapshot import find_row
from candlefish.errors import UsageError
from candlefish.plan.aws.alarms import make_alarms
from candlefish.spec.model import Spec
from candlefish.spec.model_aws import UsageSpec

CENT = 0.005
ROUNDING = 1.0
"""USD: what AWS's rounding of db.r6g.xlarge to three digits makes of twice db.r6g.large in a month, and no more."""


def spec(**sections: dict[str, object]) -> Spec:
    return Spec.model_validate(sections)


def price(prices: Snapshot, key: str) -> float:
    row = find_row(prices, key)
    assert row is not None
    return row.price


def usd(bill: Bill, line_id: str) -> float:
    line = bill.line(line_id)
    assert line is not None
    return line.usd


def research(prices: Snapshot) -> dict[str, float]:
    """The research's table: quantities times rows, db.r6g.xlarge as twice db.r6g.large."""
    large = price(prices, "rds.postgres.db.r6g.large.single")
    task = 0.5 * price(prices, "fargate.x86_64.vcpu") + price(prices, "fargate.x86_64.gb")
    return {
        "rds.primary": HOURS_PER_MONTH * 2 * price(prices, "rds.postgres.db.r6g.large.multi"),
        "rds.replicas": HOURS_PER_MONTH * 2 * large,
        "rds.storage": 100 * price(prices, "rds.storage.gp3.multi") + 200 * price(prices, "rds.storage.gp3.single"),
        "rds.backup": 0.0,
        "cache.nodes": HOURS_PER_MONTH * 3 * price(prices, "elasticache.redis.cache.r7g.xlarge"),
        "pooler.tasks": HOURS_PER_MONTH * 2 * task,
    }


@pytest.fixture
def bill(prices: Snapshot) -> Bill:
    return make_bill(Spec(), prices)


def test_the_research_figures_are_those_of_its_table(prices: Snapshot) -> None:
    table = {"rds.primary": 657.00, "rds.replicas": 328.50, "rds.storage": 46.00, "cache.nodes": 957.03}
    assert {name: round(value, 2) for name, value in research(prices).items() if name in table} == table
    assert round(research(prices)["pooler.tasks"], 2) == 36.04


@pytest.mark.parametrize("line_id", ["rds.replicas", "rds.storage", "rds.backup", "cache.nodes", "pooler.tasks"])
def test_the_default_estate_agrees_with_the_research_to_the_cent(bill: Bill, prices: Snapshot, line_id: str) -> None:
    assert usd(bill, line_id) == pytest.approx(research(prices)[line_id], abs=CENT)


def test_the_primary_costs_what_the_price_list_says_which_is_a_rounding_less_than_the_research(
    bill: Bill, prices: Snapshot
) -> None:
    assert usd(bill, "rds.primary") == HOURS_PER_MONTH * price(prices, "rds.postgres.db.r6g.xlarge.multi")
    assert 0 < research(prices)["rds.primary"] - usd(bill, "rds.primary") < ROUNDING


def test_every_line_is_one_that_a_comparison_may_name(bill: Bill) -> None:
    ids = [line.id for line in bill.lines]
    assert set(ids) <= set(LINE_IDS)
    assert len(ids) == len(set(ids))


def test_everything_on_has_every_line(prices: Snapshot) -> None:
    whole = spec(
        postgres={"storage_gb": 400, "iops": 14_000},
        redis={"persistence": True},
        aws={"backup_copy_region": "us-west-2", "alert_email": "you@example.com"},
        cdn={"enabled": True},
        application={"enabled": True},
        gateway={"enabled": True},
    )
    found = {line.id for line in make_bill(whole, prices).lines}
    assert set(LINE_IDS) - found == {"application.addresses"}, "behind a CDN or a gateway the balancer is internal"


def test_a_balancer_that_faces_the_internet_pays_for_an_address_in_each_zone(prices: Snapshot) -> None:
    bill = make_bill(spec(application={"enabled": True}), prices)
    assert usd(bill, "application.addresses") == 2 * HOURS_PER_MONTH * price(prices, "ipv4.hour")


def test_an_alarm_costs_as_much_as_the_metrics_that_it_reads(bill: Bill, prices: Snapshot) -> None:
    replicas, nodes = 2, 3
    each = {"replica": replicas, "cache": nodes, "application": 0}
    metrics = sum(each.get(alarm.subject, 1) * alarm.metrics for alarm in make_alarms(Spec()))
    assert usd(bill, "alarms") == pytest.approx(metrics * price(prices, "cloudwatch.alarm"))


def test_the_total_is_the_sum_of_its_parts(bill: Bill) -> None:
    assert sum(line.usd for _, lines in bill.parts() for line in lines) == pytest.approx(bill.total)


def test_a_line_that_depends_on_use_names_its_input_and_its_assumption(bill: Bill) -> None:
    for line in bill.lines:
        assert not line.usage or line.usage in UsageSpec.model_fields
        assert not line.usage or line.assumption


def test_backups_are_free_up_to_all_storage_and_cost_beyond_it(prices: Snapshot) -> None:
    free = 100 * 3
    assert usd(make_bill(spec(usage={"backup_gb": float(free)}), prices), "rds.backup") == 0
    beyond = make_bill(spec(usage={"backup_gb": free + 105.0}), prices)
    assert usd(beyond, "rds.backup") == pytest.approx(105 * price(prices, "rds.backup"))


def test_three_dashboards_are_free(bill: Bill) -> None:
    assert usd(bill, "dashboards") == 0


def test_cloudfront_costs_nothing_within_its_free_terabyte(prices: Snapshot) -> None:
    within = make_bill(spec(cdn={"enabled": True}, usage={"cdn_gb": 1024.0, "cdn_requests_million": 10.0}), prices)
    assert usd(within, "cdn.transfer") + usd(within, "cdn.requests") == 0
    beyond = make_bill(spec(cdn={"enabled": True}, usage={"cdn_gb": 1124.0}), prices)
    assert usd(beyond, "cdn.transfer") == pytest.approx(100 * price(prices, "cloudfront.transfer"))


def test_a_gp3_volume_pays_for_iops_above_its_baseline_on_every_copy(prices: Snapshot) -> None:
    bill = make_bill(spec(postgres={"storage_gb": 400, "iops": 14_000}), prices)
    expected = 2000 * price(prices, "rds.iops.gp3.multi") + 2 * 2000 * price(prices, "rds.iops.gp3.single")
    assert usd(bill, "rds.iops") == pytest.approx(expected)


def test_a_given_vpc_has_no_endpoints_of_ours(prices: Snapshot) -> None:
    given = spec(aws={"vpc_id": "vpc-0123456789abcdef0", "private_subnet_ids": ["subnet-1", "subnet-2"]})
    bill = make_bill(given, prices)
    assert bill.line("endpoints.hours") is None
    assert any("given VPC" in item.what for item in bill.unpriced)


def test_what_is_not_priced_is_named_with_its_reason(bill: Bill) -> None:
    assert all(item.what and item.why for item in bill.unpriced)
    named = " ".join(item.what for item in bill.unpriced)
    assert "support" in named
    assert "internet" in named


def test_single_zone_and_no_replicas_cost_what_one_instance_costs(prices: Snapshot) -> None:
    bill = make_bill(spec(postgres={"multi_az": False, "read_replicas": 0}), prices)
    assert usd(bill, "rds.primary") == HOURS_PER_MONTH * price(prices, "rds.postgres.db.r6g.xlarge.single")
    assert bill.line("rds.replicas") is None


def test_a_kind_without_a_price_is_an_error_and_never_a_guess(prices: Snapshot) -> None:
    with pytest.raises(UsageError, match="io1 storage") as missing:
        make_bill(spec(postgres={"storage_type": "io1"}), prices)
    assert "--refresh" in missing.value.hint


def test_prices_of_another_region_are_refused(prices: Snapshot) -> None:
    with pytest.raises(UsageError, match="eu-west-1"):
        make_bill(spec(aws={"region": "eu-west-1"}), prices)


def test_capacity_units_follow_whichever_dimension_is_greatest(prices: Snapshot) -> None:
    quiet = spec(usage={"pooler_gb": 1.0}, pgbouncer={"max_client_connections": 100_000})
    assert usd(make_bill(quiet, prices), "nlb.capacity") == HOURS_PER_MONTH * price(prices, "nlb.lcu")
