from typing import Any

import pytest

from candlefish.client.aside.policy import Policy
from candlefish.errors import UsageError


def test_only_a_ttl_is_on_until_more_is_asked_for() -> None:
    policy = Policy()
    assert (policy.ttl_s, policy.none_ttl_s, policy.stale_s, policy.times_entries) == (300.0, 30.0, 0.0, False)


@pytest.mark.parametrize(
    "wrong",
    [
        {"ttl_s": 0},
        {"ttl_s": -1.0},
        {"jitter_ratio": 1.0},
        {"jitter_ratio": -0.1},
        {"none_ttl_s": -1.0},
        {"stale_while_revalidate_s": -1.0},
        {"stale_on_error_s": -0.1},
        {"soft_timeout_s": 0, "stale_on_error_s": 1},
        {"hard_timeout_s": 0},
        {"early_refresh": -1.0},
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Policy(**wrong)


def test_a_soft_timeout_without_anything_to_serve_is_refused() -> None:
    with pytest.raises(UsageError, match="stale_on_error_s"):
        Policy(soft_timeout_s=0.1)


@pytest.mark.parametrize(
    "policy", [Policy(stale_while_revalidate_s=1), Policy(stale_on_error_s=1), Policy(early_refresh=1.0)]
)
def test_what_depends_on_an_age_has_it_in_the_entry(policy: Policy) -> None:
    assert policy.times_entries


def test_a_value_is_kept_for_the_longer_of_the_two_windows() -> None:
    assert Policy(stale_while_revalidate_s=5, stale_on_error_s=60).stale_s == 60
