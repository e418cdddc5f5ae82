"""Start one Redis in the right role, then become it.

A Redis without persistence that comes back as primary before Sentinel noticed its death is empty, and
empties its replicas (100 keys to 0, measured). So each start asks the Sentinels first: a node is started
as a replica of whoever they name, and never as the primary that it was, unless no other node holds anything.

    python -m candlefish.engines.redis_launcher STATE_FOLDER NODE
"""

import json
import logging
import os
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import redis

from candlefish import process
from candlefish.engines.redis import Address, ask, connect, named_primary

POLL_S = 0.2
ELECTION_LIMIT_S = 60.0
"""An election takes 2 s here; when none came in this time, an empty cache serves better than none."""

ALONE_ROUNDS = 5
"""Questions in a row that no other node answers before it counts as dead: on a busy machine one answer can be late,
and a node that starts empty as primary empties the others."""

log = logging.getLogger("redis-launcher")


@dataclass(frozen=True, slots=True)
class Fleet:
    """The addresses of a tier's Redis nodes and Sentinels, seen from one of the nodes."""

    service: str
    password: str
    me: Address
    others: tuple[Address, ...]
    sentinels: tuple[Address, ...]

    def named_primary(self) -> Address | None:
        """Return who most Sentinels say is primary."""
        return named_primary(list(self.sentinels), self.service, self.password)

    def answers(self, node: Address) -> bool:
        """Tell whether a node can be asked."""
        return ask(*node, self.password, lambda client: client.ping()) is not None


def load_fleet(state_root: Path, name: str) -> Fleet:
    """Read what `candlefish up` wrote for the launchers."""
    facts = json.loads((state_root / "config/redis.json").read_text())
    nodes = {node: (host, port) for node, (host, port) in facts["nodes"].items()}
    return Fleet(
        service=facts["service"],
        password=facts["password"],
        me=nodes[name],
        others=tuple(address for node, address in nodes.items() if node != name),
        sentinels=tuple((host, port) for host, port in facts["sentinels"]),
    )


def choose_primary(fleet: Fleet) -> Address:
    """Return whom this node has to follow; itself when it must be the primary."""
    if not fleet.sentinels:
        return fleet.me
    deadline = time.monotonic() + ELECTION_LIMIT_S
    rounds_alone = 0
    while time.monotonic() < deadline:
        named = fleet.named_primary()
        alone = named == fleet.me and not any(fleet.answers(node) for node in fleet.others)
        rounds_alone = rounds_alone + 1 if alone else 0
        if rounds_alone == ALONE_ROUNDS:
            log.info("the Sentinels name this node and no other node lives: starting as primary")
            return fleet.me
        if named not in (None, fleet.me) and fleet.answers(named):
            return named
        time.sleep(POLL_S)
    log.warning("no primary was elected in %.0f s: starting as primary", ELECTION_LIMIT_S)
    return fleet.me


def retire_orphan(fleet: Fleet) -> None:
    """End a Redis that a killed supervisord left on this node's port, after its role went to another node."""
    orphan = process.find_listener(*fleet.me)
    if orphan is None:
        return
    log.info("pid %d of an earlier supervisord holds this node's port", orphan.pid)
    process.wait_until(lambda: _is_replica_or_handed_over(fleet), timeout_s=ELECTION_LIMIT_S, poll_s=1.0)
    process.stop(orphan.pid, with_signal=signal.SIGTERM)


def _is_replica_or_handed_over(fleet: Fleet) -> bool:
    if not fleet.sentinels:
        return True
    try:
        with connect(*fleet.me, fleet.password) as client:
            info = client.info("replication")
            if info["role"] == "slave":
                return True
            if info["connected_slaves"] == 0:
                return False
        with connect(*fleet.sentinels[0], fleet.password) as sentinel:
            sentinel.execute_command("SENTINEL", "FAILOVER", fleet.service)
    except redis.RedisError as error:
        log.info("not handed over yet: %s", error)
    return False


def main(state_root: Path, name: str) -> None:
    """Choose the role and replace this process by redis-server."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    fleet = load_fleet(state_root, name)
    retire_orphan(fleet)
    ticket = state_root / "run" / f"{name}.first-start"
    if ticket.exists():
        facts = json.loads((state_root / "config/redis.json").read_text())
        primary: Address = tuple(facts["nodes"][ticket.read_text()])
        ticket.unlink()
    else:
        primary = choose_primary(fleet)
    # Sentinel rewrites the file of a running node, so each start gets a copy of its own.
    conf = state_root / "run" / f"{name}.conf"
    shutil.copyfile(state_root / "config" / f"{name}.conf", conf)
    conf.chmod(0o600)
    if primary != fleet.me:
        with conf.open("a") as file:
            file.write(f"replicaof {primary[0]} {primary[1]}\n")
    server = str(process.find_binary("redis-server"))
    os.execv(server, [server, str(conf)])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
