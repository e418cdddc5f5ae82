"""What the benchmarks share: servers, keys, one fresh process a row, rounds that take turns, medians, tables."""
