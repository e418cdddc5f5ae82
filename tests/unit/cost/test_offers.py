"""Products in the shape of the AWS Price List become rows; what is none of ours is passed over."""

from datetime import date
from typing import Any

import pytest

from candlefish.cost.catalogue import PRODUCTS, find_product
from candlefish.cost.model import Snapshot
from candlefish.cost.offers import difference, make_snapshot
from candlefish.cost.snapshot import find_row
from candlefish.errors import EngineError, UsageError


def dimension(usd: str, unit: str = "Hrs", begin: str = "0") -> dict[str, Any]:
    return {"unit": unit, "beginRange": begin, "endRange": "Inf", "pricePerUnit": {"USD": usd}, "appliesTo": []}


def on_demand(*dimensions: dict[str, Any]) -> dict[str, Any]:
    return {
        "SKU.JRTCKXETXF": {"priceDimensions": {f"SKU.R{i}": d for i, d in enumerate(dimensions)}, "termAttributes": {}}
    }


def reserved(years: str, option: str, hourly: str, upfront: str = "") -> dict[str, Any]:
    dimensions = {"SKU.H": dimension(hourly)}
    if upfront:
        dimensions["SKU.U"] = {"unit": "Quantity", "description": "Upfront Fee", "pricePerUnit": {"USD": upfront}}
    about = {"LeaseContractLength": years, "PurchaseOption": option, "OfferingClass": "standard"}
    return {"priceDimensions": dimensions, "termAttributes": about}


def product(family: str, usage: str, prices: dict[str, Any], **attributes: str) -> dict[str, Any]:
    described = {"sku": "SKU", "productFamily": family, "attributes": {"usagetype": usage, **attributes}}
    return {"product": described, "terms": {"OnDemand": prices}}


def database(usage: str, name: str, usd: str, engine: str = "PostgreSQL") -> dict[str, Any]:
    prices = on_demand(dimension(usd))
    return product("Database Instance", usage, prices, instanceType=name, databaseEngine=engine)


def cache(name: str, usd: str, engine: str, terms: dict[str, Any] | None = None) -> dict[str, Any]:
    found = product(
        "Cache Instance", f"NodeUsage:{name}", on_demand(dimension(usd)), instanceType=name, cacheEngine=engine
    )
    found["terms"]["Reserved"] = terms or {}
    return found


def snapshot(
    *documents: tuple[str, dict[str, Any]], region: str = "us-east-1", before: Snapshot | None = None
) -> Snapshot:
    return make_snapshot(documents, region, date(2026, 11, 23), "here", before)


def test_an_instance_is_priced_by_its_full_name_although_its_usage_type_is_abbreviated() -> None:
    found = snapshot(("AmazonRDS", database("Multi-AZUsage:db.r6g.xl", "db.r6g.xlarge", "0.8990000000")))
    row = find_row(found, "rds.postgres.db.r6g.xlarge.multi")
    assert row is not None
    assert (row.price, row.unit, row.as_of) == (0.899, "hour", date(2026, 11, 23))
    assert "Multi-AZUsage:db.r6g.xl" in row.source


@pytest.mark.parametrize(
    "document",
    [
        database("InstanceUsage:db.r6g.large", "db.r6g.large", "0.2150000000", "MySQL"),
        database("InstanceUsage:db.x2g.large", "db.x2g.large", "0.3260000000"),
        database("Multi-AZClusterUsage:db.r6g.large", "db.r6g.large", "0.9"),
        cache("cache.r7g.large", "0.219", "Memcached"),
        product("Load Balancer-Application", "Outposts-LCUUsage", on_demand(dimension("0.0", "LCU-Hrs"))),
    ],
)
def test_what_no_bill_has_is_passed_over(document: dict[str, Any]) -> None:
    wanted = ("AmazonECS", product("Compute", "USE1-Fargate-GB-Hours", on_demand(dimension("0.004445", "hours"))))
    services = ("AmazonRDS", "AmazonElastiCache", "AWSELB")
    found = snapshot(wanted, *((service, document) for service in services))
    assert [row.key for row in found.rows] == ["fargate.x86_64.gb"]


def test_the_usage_type_of_another_region_loses_its_prefix() -> None:
    found = snapshot(
        ("AmazonECS", product("Compute", "EUC1-Fargate-GB-Hours", on_demand(dimension("0.0051", "hours")))),
        region="eu-central-1",
    )
    assert [(row.key, row.region) for row in found.rows] == [("fargate.x86_64.gb", "eu-central-1")]


def test_a_region_of_unknown_name_is_an_error() -> None:
    with pytest.raises(UsageError, match="mx-central-1"):
        find_product("AmazonECS", {"usagetype": "MXC1-Fargate-GB-Hours"}, "mx-central-1")


def test_both_balancers_are_told_apart_by_their_family() -> None:
    found = snapshot(
        ("AWSELB", product("Load Balancer-Network", "LCUUsage", on_demand(dimension("0.006", "LCU-Hrs")))),
        ("AWSELB", product("Load Balancer-Application", "LCUUsage", on_demand(dimension("0.008", "LCU-Hrs")))),
    )
    assert {row.key: row.price for row in found.rows} == {"nlb.lcu": 0.006, "alb.lcu": 0.008}


def test_prices_per_request_become_prices_of_the_unit_that_is_shown_tiers_and_all() -> None:
    tiers = on_demand(dimension("0.0000010000", "Requests"), dimension("0.0000009000", "Requests", "300000000"))
    found = snapshot(("AmazonApiGateway", product("API Calls", "USE1-ApiGatewayHttpRequest", tiers)))
    (row,) = found.rows
    assert row.tiers[0] == pytest.approx((0, 1.0))
    assert row.tiers[1] == pytest.approx((300, 0.9))


def test_what_is_free_by_a_product_of_its_own_comes_before_the_tiers() -> None:
    tiers = on_demand(dimension("0.085", "GB"), dimension("0.080", "GB", "10240"))
    found = snapshot(("AmazonCloudFront", product("Data Transfer", "US-DataTransfer-Out-Bytes", tiers)))
    (row,) = found.rows
    assert row.tiers == ((0, 0), (1024, 0.085), (10240, 0.08))
    assert row.region == "global"


def test_storage_of_any_engine_is_that_of_postgresql_too() -> None:
    document = product(
        "Database Storage", "USE1-RDS:Multi-AZ-GP3-Storage", on_demand(dimension("0.23", "GB-Mo")), databaseEngine="Any"
    )
    assert [row.key for row in snapshot(("AmazonRDS", document)).rows] == ["rds.storage.gp3.multi"]


def test_reserved_terms_spread_their_upfront_payment_over_the_term() -> None:
    terms = {
        "SKU.4NA7Y494T4": reserved("1yr", "No Upfront", "0.1384"),
        "SKU.6QCMYABX3D": reserved("1yr", "All Upfront", "0.0", "1143.7056"),
        "SKU.38NPMPTW36": reserved("3yr", "Partial Upfront", "0.0488", "1286.6688"),
        "SKU.OLD": reserved("1yr", "Heavy Utilization", "0.1", "10"),
    }
    found = snapshot(("AmazonElastiCache", cache("cache.m7g.large", "0.2040000000", "Valkey", terms)))
    by_term = {(c.years, c.payment): c.effective_hourly for c in found.commitments}
    assert by_term == {
        (1, "no upfront"): 0.1384,
        (1, "all upfront"): pytest.approx(1143.7056 / 8760),
        (3, "partial upfront"): pytest.approx(0.0488 + 1286.6688 / (3 * 8760)),
    }


def test_rows_that_were_not_found_stay_what_they_were_with_their_own_day(prices: Snapshot) -> None:
    found = snapshot(("AmazonElastiCache", cache("cache.r7g.xlarge", "0.5", "Redis")), before=prices)
    new, old = (find_row(found, f"elasticache.redis.cache.r7g.{size}") for size in ("xlarge", "large"))
    assert new is not None
    assert new.price == 0.5
    assert old == find_row(prices, "elasticache.redis.cache.r7g.large")
    assert [key for key, _, _ in difference(prices, found)] == ["elasticache.redis.cache.r7g.xlarge"]


def test_rows_of_one_region_never_fill_the_gaps_of_another(prices: Snapshot) -> None:
    document = product("Compute", "EUC1-Fargate-GB-Hours", on_demand(dimension("0.0051", "hours")))
    found = snapshot(("AmazonECS", document), region="eu-central-1", before=prices)
    assert len(found.rows) == 1


def test_a_list_without_one_of_our_prices_is_an_error() -> None:
    with pytest.raises(EngineError, match="none of the prices"):
        snapshot(("AmazonRDS", database("InstanceUsage:db.x2g.large", "db.x2g.large", "1")))


def test_every_row_of_the_catalogue_can_be_found_and_is_there_once(prices: Snapshot) -> None:
    keys = [product.key for product in PRODUCTS]
    assert len(keys) == len(set(keys))
    assert {key for key in keys if find_row(prices, key) is None} == set()
