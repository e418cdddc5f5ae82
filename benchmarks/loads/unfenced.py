"""The reference application on the same cache without its fence: import path of a workload for the load generator.

Loads prove nothing and read where they like; a transaction announces nothing and deletes its keys after its commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from candlefish.client.aside import batch
from candlefish.client.fence import NO_FENCE, Fence, Load
from candlefish.client.postgres.transaction import Block
from candlefish.demo.operations import operations

__all__ = ["operations"]


@contextmanager
def _under(_: Fence) -> Iterator[Load]:
    yield Load(NO_FENCE)


async def _announce(_: Block) -> None:
    """Leave it to what follows the commit."""


for place, name, instead in ((batch, "under", _under), (Block, "_announce", _announce)):
    setattr(place, name, instead)
