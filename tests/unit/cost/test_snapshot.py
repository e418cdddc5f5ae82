"""The snapshot in the package: whole, dated, sourced; old ones are refused, missing prices are never guessed."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from candlefish.cost.model import Row, Snapshot
from candlefish.cost.snapshot import (
    REFUSE_AFTER_DAYS,
    WARN_AFTER_DAYS,
    check_age,
    find_row,
    load_packaged,
    parse_snapshot,
    render_snapshot,
    require_row,
)
from candlefish.errors import UsageError
from candlefish.spec.instances import CACHE_CLASSES, DATABASE_CLASSES

OLDEST = date(2024, 1, 1)


def test_every_row_has_a_price_a_unit_a_day_and_a_source(prices: Snapshot) -> None:
    for row in prices.rows:
        assert row.price > 0, row.key
        assert row.unit, row.key
        assert OLDEST < row.as_of <= prices.as_of + timedelta(days=7), row.key
        assert len(row.source) > 20, row.key


def test_no_key_is_there_twice(prices: Snapshot) -> None:
    keys = [row.key for row in prices.rows]
    assert len(keys) == len(set(keys))


def test_no_source_is_a_path_of_a_machine(prices: Snapshot) -> None:
    assert not [row.source for row in prices.rows if re.search(r"(^|\s)/\w", row.source)]


@pytest.mark.parametrize("name", DATABASE_CLASSES)
def test_every_database_class_of_the_spec_has_both_prices(prices: Snapshot, name: str) -> None:
    single, multi = (find_row(prices, f"rds.postgres.{name}.{zones}") for zones in ("single", "multi"))
    assert single is not None
    assert multi is not None
    assert multi.price == pytest.approx(2 * single.price, abs=0.0011), "a standby costs what its primary costs"


@pytest.mark.parametrize("name", CACHE_CLASSES)
def test_every_cache_class_of_the_spec_has_both_engines(prices: Snapshot, name: str) -> None:
    redis, valkey = (find_row(prices, f"elasticache.{engine}.{name}") for engine in ("redis", "valkey"))
    assert redis is not None
    assert valkey is not None
    assert valkey.price == pytest.approx(0.8 * redis.price, rel=0.005), "Valkey costs a fifth less (AWS)"


def test_every_commitment_is_one_of_a_row_and_costs_less(prices: Snapshot) -> None:
    for commitment in prices.commitments:
        row = find_row(prices, commitment.key)
        assert row is not None
        assert 0.3 * row.price < commitment.effective_hourly < row.price


def test_what_is_rendered_is_read_back_as_it_was(prices: Snapshot) -> None:
    assert parse_snapshot(render_snapshot(prices), prices.origin) == prices


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"format": 1}', "null", '{"format": 1, "region": "x", "as_of": "y"}']
)
def test_a_text_that_is_no_snapshot_is_an_error_that_names_the_file(text: str) -> None:
    with pytest.raises(UsageError, match=r"prices\.json"):
        parse_snapshot(text, "prices.json")


def test_a_snapshot_of_another_format_says_so(prices: Snapshot) -> None:
    data = json.loads(render_snapshot(prices)) | {"format": 99}
    with pytest.raises(UsageError, match="format 99"):
        parse_snapshot(json.dumps(data), "prices.json")


@pytest.mark.parametrize(("days", "warned"), [(0, False), (WARN_AFTER_DAYS, False), (WARN_AFTER_DAYS + 1, True)])
def test_prices_are_warned_of_when_they_are_old(prices: Snapshot, days: int, warned: bool) -> None:
    assert bool(check_age(prices, prices.as_of + timedelta(days=days))) is warned


def test_prices_too_old_are_refused_unless_that_is_wanted(prices: Snapshot) -> None:
    late = prices.as_of + timedelta(days=REFUSE_AFTER_DAYS + 1)
    with pytest.raises(UsageError, match="days old") as refused:
        check_age(prices, late)
    assert "--allow-old-prices" in refused.value.hint
    assert "days old" in check_age(prices, late, allow_old=True)


def test_a_region_without_prices_is_an_error_with_the_next_step() -> None:
    with pytest.raises(UsageError, match="eu-central-1") as missing:
        load_packaged("eu-central-1")
    assert "--refresh" in missing.value.hint


def test_a_missing_price_names_the_class_the_region_and_the_next_step(prices: Snapshot) -> None:
    with pytest.raises(UsageError, match=r"db\.x9z\.large in us-east-1") as missing:
        require_row(prices, "rds.postgres.db.x9z.large.single", "db.x9z.large")
    assert "--refresh" in missing.value.hint


def tiered(*tiers: tuple[float, float]) -> Row:
    return Row("key", "service", "what", "GB", "us-east-1", OLDEST, "source", tiers)


@pytest.mark.parametrize(
    ("quantity", "usd"), [(0, 0), (1024, 0), (1025, 0.085), (10_240, 9216 * 0.085), (10_340, 9216 * 0.085 + 100 * 0.08)]
)
def test_tiers_are_walked_from_the_first_on(quantity: float, usd: float) -> None:
    row = tiered((0, 0), (1024, 0.085), (10_240, 0.08))
    assert row.usd(quantity) == pytest.approx(usd)
    assert (row.price, row.free) == (0.085, 1024)


def test_a_row_without_a_free_tier_has_none() -> None:
    assert tiered((0, 1.0), (300, 0.9)).free == 0
    assert replace(tiered((0, 1.0)), note="x").price == 1.0
