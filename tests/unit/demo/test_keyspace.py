from random import Random

import pytest

from candlefish.demo.keys import key, rows
from candlefish.demo.keyspace import Pick, keyspace
from candlefish.demo.operations import WEIGHTS, cacheable_keys, expected_ceiling
from candlefish.demo.zipf import Zipf


def test_the_cacheable_keys_are_fixed_by_the_scale() -> None:
    assert cacheable_keys(1.0) == 150 + 120 + 40 + 40
    assert cacheable_keys(4.0) == 4 * cacheable_keys(1.0)


def test_a_tiny_scale_never_asks_for_rows_that_it_has_not_got() -> None:
    space = keyspace(0.001)
    assert space.online_users <= rows("users", 0.001)
    assert space.active_organizations <= rows("organizations", 0.001)


def test_cacheable_picks_stay_within_the_stated_keys() -> None:
    space = keyspace(1.0)
    pick = Pick(space, Random(5))
    users = {key("users", number) for number in range(1, space.online_users + 1)}
    dashboards = {key("dashboards", number) for number in range(1, space.open_dashboards + 1)}
    assert {pick.online_user() for _ in range(3000)} <= users
    assert {pick.open_dashboard() for _ in range(3000)} <= dashboards


def test_other_picks_range_over_the_whole_table() -> None:
    pick = Pick(keyspace(0.01), Random(5))
    seen = {pick.any_of("dashboards") for _ in range(20_000)}
    assert len(seen) > rows("dashboards", 0.01) * 0.8


def test_the_expected_ceiling_is_what_a_perfect_cache_reaches() -> None:
    space, random = keyspace(1.0), Random(9)
    reads = [(name, items) for name, items in zip(CACHED, sizes(), strict=True)]
    warm_up, measured = 2000, 3000
    ratios = []
    for _ in range(4):
        seen: set[tuple[str, int]] = set()
        hits = asked = 0
        for request in range(warm_up + measured):
            name = random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
            if name not in CACHED:
                continue
            drawn = (name, Zipf(dict(reads)[name]).draw(random))
            if request >= warm_up:
                asked += 1
                hits += drawn in seen
            seen.add(drawn)
        ratios.append(hits / asked)
    assert space.cacheable_keys == sum(sizes())
    expected = expected_ceiling(1.0, warm_up=warm_up, measured=measured)
    assert sum(ratios) / len(ratios) == pytest.approx(expected, abs=0.015)


def test_the_ceiling_at_scale_1_leaves_room_for_nine_hits_in_ten() -> None:
    assert expected_ceiling(1.0, warm_up=2000, measured=3000) > 0.93


CACHED = ("user_dashboards", "dashboard_page", "organization_overview", "organization_sources")


def sizes() -> tuple[int, ...]:
    space = keyspace(1.0)
    return (space.online_users, space.open_dashboards, space.active_organizations, space.active_organizations)
