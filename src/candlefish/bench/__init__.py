"""Load and what it tells: the load generator, pgbench, redis-benchmark, and the statistics of all three."""
