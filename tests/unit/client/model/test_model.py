"""In no order of its steps does the protocol of docs/consistency.md keep what is out of date; each rule is needed."""

import pytest
from tests.unit.client.model.protocol import FAULTS, Reader, Rule, Writer
from tests.unit.client.model.search import find_stale

A, B = Writer("a", announces=True), Writer("b", announces=False)
TO_A, TO_B = Reader("a"), Reader("b")
EXPIRED = frozenset({"expired"})

WHOLE = {
    "one writer, one load, every fault": ([A], [TO_A], FAULTS),
    "one writer, two loads": ([A], [TO_A, TO_A], EXPIRED | {"died"}),
    "a plain delete and two loads": ([B], [TO_B, TO_B], EXPIRED),
    "a plain delete beside another key's load": ([B], [TO_A, TO_B, TO_B], EXPIRED),
}
"""Searched to the end."""

LARGE = {
    "two writers of two keys": ([A, B], [TO_A, TO_B], frozenset[str]()),
    "two writers whose commits may change places": ([A, A], [TO_A, TO_A], EXPIRED),
}
"""Searched as far as BOUND goes: what a missing rule does in them is found at 65,000 and 74,000 worlds."""

BOUND = 100_000


@pytest.mark.parametrize("scene", [*WHOLE, *LARGE])
def test_nothing_that_is_out_of_date_can_be_found(scene: str) -> None:
    writers, readers, may = (WHOLE | LARGE)[scene]
    assert find_stale(writers, readers, may=may, at_most=None if scene in WHOLE else BOUND) is None


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.name.lower())
def test_without_a_rule_something_that_is_out_of_date_can_be_found(rule: Rule) -> None:
    assert any(
        find_stale(writers, readers, may=may, without=frozenset({rule}), at_most=BOUND) is not None
        for writers, readers, may in (WHOLE | LARGE).values()
    ), f"the protocol holds though {rule.value}"
