from candlefish.bench.pgbench_log import TransactionLog


def log(*lines: str) -> TransactionLog:
    read = TransactionLog([("r.sql", "read"), ("w.sql", "write")], started_at=100.0, measure_from=102.0)
    read.read(lines)
    return read


def test_each_script_has_its_own_figures() -> None:
    reads, writes = log("0 0 1500 0 103 0", "1 0 2500 0 103 500", "0 1 9000 1 104 0").operations()
    assert (reads.name, reads.kind, reads.requests, reads.latency.mean_ms) == ("r.sql", "read", 2, 2.0)
    assert (writes.name, writes.kind, writes.requests, writes.latency.mean_ms) == ("w.sql", "write", 1, 9.0)


def test_what_was_due_in_the_warm_up_is_left_out() -> None:
    seen = log("0 0 1500 0 101 0", "0 1 1500000 0 103 0", "0 2 1500 0 103 1000")
    assert seen.latency().count == 1
    assert [(second.at, second.served) for second in seen.timeline()] == [(1.0, 1), (3.0, 2)]


def test_failed_and_skipped_transactions_are_errors_without_a_time() -> None:
    reads, writes = log("0 0 failed 0 103 0", "0 1 skipped 1 103 0 skipped", "0 2 800 1 103 0 20").operations()
    assert (reads.requests, reads.errors, reads.error_kinds) == (1, 1, (("failed", 1),))
    assert (writes.requests, writes.errors, writes.latency.count) == (2, 1, 1)


def test_the_schedule_lag_of_a_fixed_rate_is_read() -> None:
    assert log("0 0 800 0 103 0 200", "0 1 800 0 103 0 400").schedule_lag().mean_ms == 0.3


def test_the_half_line_of_a_killed_pgbench_is_left_out() -> None:
    assert log("0 0 800 0 103 0", "0 1 80").latency().count == 1
