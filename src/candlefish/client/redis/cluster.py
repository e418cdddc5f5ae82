"""The nodes of a Redis cluster, and which of them serves a key."""

import asyncio
import contextlib
from functools import partial
from random import sample
from typing import Final

from candlefish.client.redis.address import ClusterAddress, RedisAddress
from candlefish.client.redis.connect import connect
from candlefish.client.redis.connection import Local, RedisRefused
from candlefish.client.redis.node import NOT_SERVING, Listener, Node
from candlefish.client.redis.sentinel import NoOwner
from candlefish.client.redis.slots import SLOTS, slot_of
from candlefish.errors import CacheUnavailable

LOOK_AGAIN_S: Final = 0.5
"""Between two looks at the map while a node is away; the cluster takes cluster-node-timeout (seconds) to vote."""

TRY_AGAIN_S: Final = 0.02
"""Before a command is repeated whose keys are at both ends of a moving slot: a small one moves in milliseconds."""

_STALE_MAP: Final = frozenset({"MOVED", "CLUSTERDOWN"})

Place = tuple[str, int]


class Cluster:
    """Keep a node for each primary, and the map of the slots; look at the map again when it proves wrong."""

    def __init__(self, address: ClusterAddress, listener: Listener, local: Local | None, *, timeout_s: float) -> None:
        self._seeds = address.seeds
        self._listener = listener
        self._local = local
        self._timeout_s = timeout_s
        self._nodes: dict[Place, Node] = {}
        self._slots: list[Node | None] = [None] * SLOTS
        self._looking: asyncio.Task[None] | None = None
        self._absent: set[Place] = set()
        self._retired: set[asyncio.Task[None]] = set()
        self._past_reconnects = 0
        self._past_away_s = 0.0
        self._closed = False

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Give the nodes that are known now."""
        return tuple(self._nodes.values())

    @property
    def reconnects(self) -> int:
        """Return how often a connection was made again, of nodes that have left, too."""
        return self._past_reconnects + sum(node.reconnects for node in self.nodes)

    def time_away_s(self) -> float:
        """Return for how many seconds nodes could not be used, of nodes that have left, too."""
        return self._past_away_s + sum(node.time_away_s() for node in self.nodes)

    async def open(self) -> None:
        """Look at the map and connect to every primary; raise CacheUnavailable, and go on trying."""
        try:
            await self._look()
        except CacheUnavailable:
            self.look_again()
            raise

    async def close(self) -> None:
        """Close every node for good."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await asyncio.gather(*(node.close() for node in self.nodes), *self._retired)

    def node_of(self, key: str) -> Node:
        """Return the node that serves a key; raise CacheUnavailable when none is known."""
        node = self._slots[slot_of(key)]
        if node is None:
            self.look_again()
            raise CacheUnavailable("no node of the redis cluster serves the slot of this key")
        if not node.up:
            self.look_again()
        return node

    async def redirect(self, node: Node, error: RedisRefused) -> Node:
        """Return the node to ask now: the one that MOVED or ASK names; raise errors that no other node mends."""
        if error.code in _STALE_MAP:
            self.look_again()
        if error.code in NOT_SERVING:
            node.drop()
        if error.code == "TRYAGAIN":
            await asyncio.sleep(TRY_AGAIN_S)
            return node
        if error.code not in ("MOVED", "ASK"):
            raise error
        _, slot, place = error.text.split(" ")[:3]
        host, _, port = place.rpartition(":")
        named = self._node_at((host or self._seeds[0].host, int(port)))
        if error.code == "MOVED":
            self._slots[int(slot)] = named
        await named.until_up(self._timeout_s)
        return named

    def look_again(self) -> None:
        """Look at the map soon, and until every node that serves slots is up."""
        if self._looking is None and not self._closed:
            self._looking = asyncio.get_running_loop().create_task(self._keep_looking())

    async def _keep_looking(self) -> None:
        try:
            while True:
                with contextlib.suppress(CacheUnavailable):
                    await self._look()
                await asyncio.sleep(LOOK_AGAIN_S)
                if self._nodes and not self._absent and all(node.up for node in self.nodes):
                    return
        finally:
            self._looking = None

    async def _look(self) -> None:
        served = await self._fetch_map()
        places = {place for _, _, place in served}
        self._retire_all_but(places)
        nodes = [self._node_at(place) for place in places]
        slots: list[Node | None] = [None] * SLOTS
        for first, last, place in served:
            slots[first : last + 1] = [self._nodes[place]] * (last - first + 1)
        self._slots = slots
        await asyncio.gather(*(node.tried() for node in nodes))
        if not any(node.up for node in nodes):
            raise CacheUnavailable("no node of the redis cluster could be reached")

    async def _fetch_map(self) -> list[tuple[int, int, Place]]:
        problems = []
        up = [self._seeds[0].at(*place) for place, node in self._nodes.items() if node.up]
        for seed in (*sample(up, len(up)), *self._seeds):
            try:
                return await self._ask(seed)
            except CacheUnavailable as error:
                problems.append(error.message)
        raise CacheUnavailable("no node of the redis cluster told its slots", detail="; ".join(problems))

    async def _ask(self, seed: RedisAddress) -> list[tuple[int, int, Place]]:
        connection = await connect(seed, NoOwner(), timeout_s=self._timeout_s)
        try:
            reply = await connection.call("CLUSTER", "SLOTS")
        finally:
            connection.close()
        if not reply:
            raise CacheUnavailable(f"redis at {seed.host}:{seed.port} is in a cluster that serves no slot")
        return [
            (first, last, (primary[0].decode() if primary[0] else seed.host, primary[1]))
            for first, last, primary, *_ in reply
        ]

    def _retire_all_but(self, places: set[Place]) -> None:
        """Close nodes that two looks did not find; one that ASK names owns no slot yet."""
        absent = self._nodes.keys() - places
        for gone in absent & self._absent:
            self._retire(self._nodes.pop(gone))
        self._absent = absent & self._nodes.keys()

    def _retire(self, node: Node) -> None:
        self._past_reconnects += node.reconnects
        self._past_away_s += node.time_away_s()
        closing = asyncio.get_running_loop().create_task(node.close())
        self._retired.add(closing)
        closing.add_done_callback(self._retired.discard)

    def _node_at(self, place: Place) -> Node:
        self._absent.discard(place)
        node = self._nodes.get(place)
        if node is None:
            address = self._seeds[0].at(*place)
            find = partial(connect, address, timeout_s=self._timeout_s, group=slot_of)
            node = self._nodes[place] = Node(find, self._listener, self._local)
            node.open_soon()
        return node
