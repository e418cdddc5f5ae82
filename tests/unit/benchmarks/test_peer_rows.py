"""What libraries are compared with."""

from dataclasses import replace

from harness.cells import Cell
from harness.samples import Summary
from peers.entries import Entry
from peers.rows import rows_of

SUMMARY = Summary(1000.0, cpu_us_per_op=50.0, p50_ms=1.0, p99_ms=2.0, errors=0, rounds=3, spread=0.1)

SMALL_POOL = Entry("redis-py", "pool of 8", "redis_py", baseline=True)
LARGE_POOL = Entry("redis-py", "pool of 50", "redis_py", baseline=True)
RUST = Entry("valkey-glide", "", "glide")
BLOCKING = Entry("dogpile.cache", "", "dogpile", threads=True)
OURS = Entry("candlefish", "", "candlefish")


def fast(ops_per_second: float, *, errors: int = 0) -> Summary:
    return replace(SUMMARY, ops_per_second=ops_per_second, errors=errors)


def test_the_baseline_is_the_fastest_of_redis_py_s_settings() -> None:
    rows = rows_of(
        Cell(), [(SMALL_POOL, fast(1000)), (LARGE_POOL, fast(2000)), (RUST, fast(3000)), (OURS, fast(30_000))]
    )
    assert [row["vs_redis_py"] for row in rows] == [0.5, 1.0, 1.5, 15.0]
    assert {row["baseline"] for row in rows} == {"pool of 50"}


def test_a_setting_that_made_errors_is_no_baseline() -> None:
    rows = rows_of(Cell(), [(SMALL_POOL, fast(1000)), (LARGE_POOL, fast(9000, errors=1)), (OURS, fast(12_000))])
    assert rows[-1]["vs_redis_py"] == 12.0
    assert rows[1]["errors"] == 1


def test_cpu_is_compared_with_the_setting_that_was_fastest() -> None:
    cheap = replace(fast(30_000), cpu_us_per_op=4.0)
    rows = rows_of(
        Cell(), [(SMALL_POOL, replace(fast(100), cpu_us_per_op=1.0)), (LARGE_POOL, fast(2000)), (OURS, cheap)]
    )
    assert rows[-1]["cpu_vs_redis_py"] == 0.08


def test_the_best_peer_is_never_ourselves() -> None:
    rows = rows_of(Cell(), [(LARGE_POOL, fast(2000)), (RUST, fast(3000)), (OURS, fast(30_000))])
    assert rows[-1]["vs_best_peer"] == 10.0
    assert rows[-1]["best_peer"] == "valkey-glide"


def test_without_redis_py_there_is_nothing_to_compare_with() -> None:
    (row,) = rows_of(Cell(), [(OURS, fast(30_000))])
    assert (row["vs_redis_py"], row["cpu_vs_redis_py"], row["vs_best_peer"]) == (None, None, None)


def test_a_library_that_blocks_runs_on_threads_not_on_the_cell_s_loop() -> None:
    loops = [row["loop"] for row in rows_of(Cell(), [(BLOCKING, SUMMARY), (OURS, SUMMARY)])]
    assert loops == ["threads", "uvloop"]
