"""When requests are meant to start, and which operation each of them is: drawn in advance from a seed. No I/O."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random
from typing import Literal

from candlefish.bench.workload import Operation

Pattern = Literal["poisson", "constant"]


def arrival_offsets(rate: float, pattern: Pattern, random: Random) -> Iterator[float]:
    """Give the seconds after the start at which requests arrive, without end.

    Independent users arrive in a Poisson stream; a constant one leaves out the small bursts that they make.
    """
    at = 0.0
    interval = 1.0 / rate
    while True:
        yield at
        at += random.expovariate(rate) if pattern == "poisson" else interval


def operation_indexes(operations: Sequence[Operation], random: Random) -> Iterator[int]:
    """Give the index of each arrival's operation, drawn by weight, without end."""
    indexes = range(len(operations))
    bounds = list(accumulate(operation.weight for operation in operations))
    while True:
        yield from random.choices(indexes, cum_weights=bounds, k=256)


def request_seed(seed: int, worker: int, number: int) -> int:
    """Return the seed of one request's own draws: the same run asks for the same rows, in whatever order it ends."""
    return (seed * 1_009 + worker) * 1_000_000_007 + number
