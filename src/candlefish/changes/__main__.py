"""The tier's own follower: python -m candlefish.changes STATE_FOLDER."""

import asyncio
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Final

from candlefish.changes.service import Progress, Reached, Route, follow
from candlefish.changes.source import Source
from candlefish.client.redis.address import parse_url
from candlefish.client.rules import load_rules
from candlefish.engines.changes import rules_file
from candlefish.engines.state import State
from candlefish.engines.tier import load_tier
from candlefish.engines.urls import make_endpoints
from candlefish.errors import CheckFailed, UsageError

LOOK_AGAIN_S: Final = 5.0
"""Seconds between two looks whether the rules fit by now: a table may come with the next migration."""

log = logging.getLogger("changes")


def make_route(state: State) -> Route:
    """Return the way from the tier's first database to its cache."""
    tier = load_tier(state)
    plan = tier.plan
    urls = make_endpoints(tier, plan.postgres.database, plan.postgres.nodes[0], plan.redis.nodes[0])
    return Route(
        Source(urls.admin_url),
        load_rules(rules_file(state)),
        parse_url(urls.sentinel_url or urls.redis_url),
        plan.spec.cache.prefix,
    )


def load_reached(state: State) -> Reached | None:
    """Return where the last follower was, as far as it told."""
    told = state.read_json(state.changes) or {}
    return Reached(told["timeline"], told["known_lsn"]) if told.get("timeline") else None


async def main(state: State) -> None:
    """Follow until the process is ended; a word about the progress each second goes to the state folder."""

    def tell(progress: Progress) -> None:
        if progress.timeline:  # while nothing is read, what was told before still holds
            state.write(state.changes, json.dumps(asdict(progress)) + "\n")

    while True:
        try:
            await follow(make_route(state), tell, load_reached(state))
        except (CheckFailed, UsageError) as error:
            log.warning("%s", error)
            problem = {"problem": error.detail or error.message}
            state.write(state.changes, json.dumps((state.read_json(state.changes) or {}) | problem) + "\n")
        await asyncio.sleep(LOOK_AGAIN_S)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    asyncio.run(main(State(Path(sys.argv[1]))))
