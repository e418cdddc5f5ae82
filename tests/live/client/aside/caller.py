"""A process of callers: it connects, waits for a line on its input, asks for one key, and prints what came of it.

Arguments: URL, key, callers, what the loader does ('never' comes back, or the seconds that it takes), lease in seconds.
"""

import asyncio
import json
import sys

from candlefish import Cache


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def main(url: str, key: str, callers: int, loader: str, lease_s: float) -> None:
    async def load() -> str:
        say("loading")
        await asyncio.sleep(3600 if loader == "never" else float(loader))
        return "value"

    async with Cache(url, timeout_s=10.0, lease_s=lease_s) as cache:
        await cache.ping()
        say("ready")
        await asyncio.to_thread(sys.stdin.readline)
        answers = await asyncio.gather(*[cache.get_or_load(key, load) for _ in range(callers)], return_exceptions=True)
        wrong = [repr(answer) for answer in answers if answer != "value"]
        say(json.dumps({"loads": cache.stats().loads, "answers": len(answers), "wrong": wrong[:3]}))


if __name__ == "__main__":
    url, key, callers, loader, lease_s = sys.argv[1:]
    asyncio.run(main(url, key, int(callers), loader, float(lease_s)))
