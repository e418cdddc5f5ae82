"""Which smaller index takes the place of a wide one, by runs that are written down here."""

import pytest
from tests.unit.advise.proof.test_judge import A, B, C, Written, statement

from candlefish.advise.index.definition import Index
from candlefish.advise.proof.judge import Judge
from candlefish.advise.proof.slim import slim

SIZES = {A: 100, B: 40, C: 60}


def slimmed(wide_ms: float, slim_ms: float, *, sizes: dict[Index, int] | None = None) -> dict[Index, Index]:
    """Return what takes A's place: B does it in `slim_ms` where A does it in `wide_ms`, and nothing in 100."""

    def time(indexes: frozenset[Index]) -> float:
        return wide_ms if A in indexes else slim_ms if B in indexes else 100.0

    bench, asked = Written({"s": time}), (statement("s"),)
    judgement = Judge(bench, lambda _: asked, lambda _: None).decide([A])
    return slim(bench, judgement, lambda _: asked, lambda _: True, {A: (B,)}, lambda index: (sizes or SIZES)[index])


@pytest.mark.parametrize(("wide_ms", "slim_ms"), [(1.0, 1.05), (0.05, 0.07), (2.0, 2.6)])
def test_a_smaller_one_that_does_as_well_takes_its_place(wide_ms: float, slim_ms: float) -> None:
    assert slimmed(wide_ms, slim_ms) == {A: B}


@pytest.mark.parametrize(("wide_ms", "slim_ms"), [(1.0, 2.0), (10.0, 14.0)])
def test_one_that_is_clearly_slower_does_not(wide_ms: float, slim_ms: float) -> None:
    assert slimmed(wide_ms, slim_ms) == {}


def test_one_that_is_a_little_slower_must_be_half_as_large() -> None:
    assert slimmed(2.0, 2.6, sizes={A: 100, B: 60}) == {}


def test_one_that_turns_out_larger_does_not() -> None:
    assert slimmed(1.0, 1.0, sizes={A: 100, B: 120}) == {}


def test_one_that_cannot_be_built_does_not() -> None:
    bench, asked = Written({"s": lambda indexes: 1.0 if indexes else 100.0}), (statement("s"),)
    judgement = Judge(bench, lambda _: asked, lambda _: None).decide([A])
    assert slim(bench, judgement, lambda _: asked, lambda _: False, {A: (B,)}, lambda index: SIZES[index]) == {}


@pytest.mark.parametrize(("rare_ms", "expected"), [(1.0, {A: B}), (20.0, {})])
def test_no_rare_statement_pays_for_the_space_that_others_save(rare_ms: float, expected: dict[Index, Index]) -> None:
    bench = Written(
        {
            "often": lambda indexes: 10.0 if indexes else 100.0,
            "rare": lambda indexes: 0.5 if A in indexes else rare_ms if B in indexes else 60.0,
        }
    )
    asked = (statement("often", 1000.0), statement("rare", 1.0))
    judgement = Judge(bench, lambda _: asked, lambda _: None).decide([A])
    assert slim(bench, judgement, lambda _: asked, lambda _: True, {A: (B,)}, lambda index: SIZES[index]) == expected
