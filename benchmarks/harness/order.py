"""`order`: have the benchmark do something to its tier, from inside a row's process; see `harness.deeds`."""

import asyncio
import sys
from typing import Final

ORDER: Final = "do "


async def order(deed: str) -> None:
    """Return when the deed is done; raise EOFError when nobody is there who could do it."""
    print(f"{ORDER}{deed}", flush=True)
    if not await asyncio.to_thread(sys.stdin.readline):
        raise EOFError(deed)
