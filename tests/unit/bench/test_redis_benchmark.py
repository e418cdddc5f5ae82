from candlefish.bench.redis_benchmark import parse_csv

PRINTED = """WARNING: Could not fetch server CONFIG
"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
"SET","412371.12","1.664","0.304","1.671","2.231","3.415","4.063"
"GET","523560.19","1.212","0.272","1.207","1.655","2.735","3.015"
"""


def test_the_figures_of_each_command_are_read_past_the_warnings() -> None:
    written, read = parse_csv(PRINTED)
    assert (written.command, written.ops_per_second, written.p99_ms) == ("SET", 412371.12, 3.415)
    assert (read.command, read.ops_per_second, read.p50_ms) == ("GET", 523560.19, 1.207)


def test_a_benchmark_that_measured_nothing_has_no_figures() -> None:
    assert parse_csv("Could not connect to Redis at 127.0.0.1:1: Connection refused\n") == ()
