"""How a driver is compared with the bare one."""

from drivers.entries import BARE, CANDLEFISH, Entry, Library, Path
from drivers.rows import paired_ratio, rows_of
from harness.samples import Sample

PATH = Path("pooler", "postgresql://nowhere")


def sample(ops_per_second: float) -> Sample:
    return Sample(ops_per_second, 10.0, 1.0, 2.0)


def entry(library: Library, *, prepared: bool = True) -> Entry:
    return Entry(PATH, "select", "uvloop", 50, library, prepared)


def test_a_noisy_minute_that_hits_both_leaves_the_ratio_as_it_is() -> None:
    taken, base = [sample(90), sample(9), sample(90)], [sample(100), sample(10), sample(100)]
    assert paired_ratio(taken, base, "ops_per_second") == 0.9


def test_a_driver_that_never_answered_has_no_ratio_to_it() -> None:
    assert paired_ratio([sample(5)], [sample(0)], "ops_per_second") is None


def test_rows_are_compared_with_the_bare_driver_of_their_cell() -> None:
    samples = {entry(BARE): [sample(100)], entry(BARE, prepared=False): [sample(50)], entry(CANDLEFISH): [sample(95)]}
    assert [row["vs_asyncpg"] for row in rows_of(samples)] == [1.0, 0.5, 0.95]
