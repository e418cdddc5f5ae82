"""The regions that a spec may name are AWS's own."""

import botocore.session
import pytest

from candlefish.spec.regions import REGIONS


@pytest.mark.parametrize("service", ["rds", "elasticache", "ecs", "secretsmanager"])
def test_every_region_has_what_the_tier_stands_on(service: str) -> None:
    assert set(botocore.session.get_session().get_available_regions(service)) >= set(REGIONS)


def test_no_region_with_a_database_is_left_out() -> None:
    assert set(botocore.session.get_session().get_available_regions("rds")) == set(REGIONS)
