"""`Redis`: one server, a primary that Sentinels name, or a cluster, through one connection for each node."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final

from candlefish.client.local.tier import LocalTier
from candlefish.client.redis.address import ClusterAddress, RedisAddress, SentinelAddress
from candlefish.client.redis.cluster import Cluster
from candlefish.client.redis.connect import connect, require_authorities
from candlefish.client.redis.connection import Argument, Local, RedisConnection, RedisRefused
from candlefish.client.redis.epoch import NO_EPOCH
from candlefish.client.redis.gets import Gets, Waiter
from candlefish.client.redis.node import NOT_SERVING, Find, Listener, Node
from candlefish.client.redis.script import Script
from candlefish.client.redis.sentinel import connect_to_primary
from candlefish.errors import CacheUnavailable

__all__ = ["Address", "Argument", "OnReturn", "Redis", "Script"]

Address = RedisAddress | SentinelAddress | ClusterAddress
Wake = Callable[[], None]
OnReturn = Callable[[RedisConnection, Callable[[str], bool]], Awaitable[None]]
"""Called with a new connection before anyone uses it, and a function that tells whether it serves a key."""

REDIRECTS: Final = 5
"""How often a command follows MOVED and ASK: once while a slot moves, twice when it moved on meanwhile."""


class Single:
    """One server, or whichever is the primary: it serves every key."""

    def __init__(self, find: Find, listener: Listener, local: Local | None, *, timeout_s: float) -> None:
        self._node = Node(find, listener, local)
        self._timeout_s = timeout_s
        self.nodes = (self._node,)
        self.open, self.close = self._node.open, self._node.close
        self.time_away_s = self._node.time_away_s

    @property
    def reconnects(self) -> int:
        """Return how often the connection was made again."""
        return self._node.reconnects

    def node_of(self, _: str) -> Node:
        """Return the node."""
        return self._node

    async def redirect(self, node: Node, error: RedisRefused) -> Node:
        """Leave a server that does not serve any more, and wait for the one that does; raise any other error."""
        if error.code not in NOT_SERVING:
            raise error
        node.drop()
        await node.until_up(self._timeout_s)
        return node


class Redis:
    """Send commands to the node that serves a key.

    While no node is `up` the circuit is open: every call raises CacheUnavailable at once, and tasks in the background
    connect again, with growing pauses. `on_return` runs on each new connection before it is used, and `on_epochs`
    before that when a server is another primary than before.
    """

    get: Callable[[str], Waiter]
    """Ask for the value of a key. The gets of one loop tick travel as one MGET or a few, equal keys are asked once, and
    every caller has a future of its own. Raises CacheUnavailable, at once or from the future."""

    def __init__(
        self,
        address: Address,
        *,
        timeout_s: float,
        on_return: OnReturn | None = None,
        on_epochs: Callable[[], None] | None = None,
        local: LocalTier | None = None,
    ) -> None:
        self._local = local
        self._on_return = on_return
        self._on_epochs = on_epochs
        self._wakers: dict[bytes, list[Wake]] = {}
        self._following: set[asyncio.Task[None]] = set()
        self._topology: Single | Cluster
        require_authorities(address if isinstance(address, RedisAddress) else _nodes(address)[0])
        if isinstance(address, ClusterAddress):
            self._topology = Cluster(address, self, local, timeout_s=timeout_s)
            self.get = self._get
        else:
            ask = connect_to_primary if isinstance(address, SentinelAddress) else connect
            find = partial(ask, address, timeout_s=timeout_s)  # type: ignore[arg-type]
            self._topology = Single(find, self, local, timeout_s=timeout_s)
            self.get = self._topology.nodes[0].get

    @property
    def up(self) -> bool:
        """Tell whether any call can be made now."""
        return any(node.up for node in self._topology.nodes)

    @property
    def pushes(self) -> bool:
        """Tell whether the servers say when a watched key changes."""
        return all(node.pushes for node in self._topology.nodes if node.up)

    @property
    def epochs(self) -> tuple[bytes, ...]:
        """Return the epoch of each node that has been reached."""
        return tuple({node.epoch: None for node in self._topology.nodes if node.epoch is not None})

    def epoch_of(self, key: str) -> bytes:
        """Return the epoch of the node of a key; NO_EPOCH while that is not known."""
        try:
            return self._topology.node_of(key).epoch or NO_EPOCH
        except CacheUnavailable:
            return NO_EPOCH

    @property
    def reconnects(self) -> int:
        """Return how often a connection was made again."""
        return self._topology.reconnects

    @property
    def away_s(self) -> float:
        """Return for how many seconds a node could not be used, summed over the nodes."""
        return self._topology.time_away_s()

    async def open(self) -> None:
        """Connect; raise CacheUnavailable, and go on trying."""
        if self._local is not None:
            self._local.open(self._connections)
        await self._topology.open()

    async def close(self) -> None:
        """Close for good; who still waits gets CacheUnavailable."""
        if self._local is not None:
            await self._local.close()
        await self._topology.close()
        await asyncio.gather(*self._following)

    async def ping(self) -> None:
        """Return when every node answers; raise CacheUnavailable when one does not."""
        for node in self._topology.nodes:
            await node.main().call("PING")
        if not self.up:
            raise CacheUnavailable("redis is away")

    def connections(self) -> tuple[RedisConnection, ...]:
        """Return the connection to each node, for what concerns no single key; raise CacheUnavailable."""
        return tuple(node.main() for node in self._topology.nodes)

    async def call(self, key: str, *command: Argument) -> Any:
        """Send a command to the node of `key` and return the reply; raise CacheUnavailable."""
        return await self._send(key, command)

    async def eval(self, script: Script, keys: Sequence[str], args: Sequence[Argument], *, watch: bool = False) -> Any:
        """Run a script on keys of one slot; with `watch`, hear when others change a key that it read (see `listen`)."""
        rest = (len(keys), *keys, *args)
        changes = keys[0] if script.changes else ""
        try:
            return await self._send(keys[0], ("EVALSHA", script.sha, *rest), watch=watch, changes=changes)
        except RedisRefused as error:
            if error.code != "NOSCRIPT":
                raise
        return await self._send(keys[0], ("EVAL", script.text, *rest), watch=watch, changes=changes)

    def listen(self, key: str, wake: Wake) -> None:
        """Call `wake` when another client changes a watched key, and when nobody can know: a connection was lost."""
        self._wakers.setdefault(key.encode(), []).append(wake)

    def unlisten(self, key: str, wake: Wake) -> None:
        """Call it no more."""
        wakers = self._wakers.get(key.encode(), [])
        if wake in wakers:
            wakers.remove(wake)
        if not wakers:
            self._wakers.pop(key.encode(), None)

    # what the nodes tell (Listener)

    def changed(self, keys: list[bytes] | None) -> None:
        """Wake who listens to keys; with None everyone."""
        if self._local is not None:
            self._local.changed(keys)
        for key in tuple(self._wakers) if keys is None else keys:
            for wake in tuple(self._wakers.get(key, ())):
                wake()

    async def returning(self, node: Node, connection: RedisConnection) -> None:
        """Let `on_return` do its work on a new connection."""
        if self._on_epochs is not None:
            self._on_epochs()
        if self._on_return is not None:
            await self._on_return(connection, lambda key: self._serves(node, key))

    def refused_gets(self, node: Node, gets: Gets, error: RedisRefused) -> None:
        """Send an MGET to where it is served, or tell its callers."""
        following = asyncio.get_running_loop().create_task(self._follow(node, gets, error))
        self._following.add(following)
        following.add_done_callback(self._following.discard)

    async def _follow(self, node: Node, gets: Gets, error: RedisRefused) -> None:
        try:
            if error.code in ("ASK", "TRYAGAIN") and len(gets) > 1:
                for single in gets.split():  # a slot is on its way: one key is either here or there
                    self._resend(node, single, asking=False)
            else:
                self._resend(await self._topology.redirect(node, error), gets, asking=error.code == "ASK")
        except CacheUnavailable as failure:
            gets.fail(failure)

    def _resend(self, node: Node, gets: Gets, *, asking: bool) -> None:
        gets.redirects += 1
        if gets.redirects > REDIRECTS:
            raise CacheUnavailable("redis sent a lookup from node to node")
        node.main().send_gets(gets, asking=asking)

    def _connections(self) -> list[RedisConnection]:
        return [node.main() for node in self._topology.nodes if node.up]

    def _get(self, key: str) -> Waiter:
        return self._topology.node_of(key).get(key)

    def _serves(self, node: Node, key: str) -> bool:
        try:
            return self._topology.node_of(key) is node
        except CacheUnavailable:
            return False

    async def _send(self, key: str, command: tuple[Argument, ...], *, watch: bool = False, changes: str = "") -> Any:
        node, asking = self._topology.node_of(key), False
        for _ in range(REDIRECTS):
            connection = await node.pick(key, command)
            if asking:
                connection.tell("ASKING")  # which counts only for the very next command, as CACHING does
            elif watch and node.pushes:
                connection.tell("CLIENT", "CACHING", "YES")
            try:
                return await connection.call(*command, changes=changes)
            except RedisRefused as error:
                node, asking = await self._topology.redirect(node, error), error.code == "ASK"
        raise CacheUnavailable("redis sent a command from node to node")


def _nodes(address: SentinelAddress | ClusterAddress) -> tuple[RedisAddress, ...]:
    return address.sentinels if isinstance(address, SentinelAddress) else address.seeds
