"""Redis: one primary and its replicas, and the Sentinels that watch them."""

import json
from collections.abc import Callable
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from candlefish import process
from candlefish.engines.runtime import Runtime
from candlefish.engines.secrets import Secrets
from candlefish.engines.state import State
from candlefish.engines.supervisor import Program
from candlefish.plan.model import RedisNode, RedisPlan, Sentinel

Address = tuple[str, int]

CALL_S = 0.5
"""Seconds that one question to a Redis or a Sentinel on this machine may take."""


def make_programs(plan: RedisPlan, state: State, runtime: Runtime) -> tuple[Program, ...]:
    """Give the command lines: each Redis through the launcher that decides its role, then the Sentinels."""
    launcher = (*runtime.python, "-m", "candlefish.engines.redis_launcher", str(state.root))
    nodes = tuple(Program(node.name, (*launcher, node.name), priority=30, env=runtime.env) for node in plan.nodes)
    server = str(process.find_binary("redis-server"))
    sentinels = tuple(
        Program(sentinel.name, (server, str(_conf(state, sentinel.name)), "--sentinel"), priority=40)
        for sentinel in plan.sentinels
    )
    return nodes + sentinels


def write_configs(plan: RedisPlan, state: State, secrets: Secrets, *, fresh: bool) -> None:
    """Write the configuration of every node, and what the launcher needs to know.

    `fresh` is for a tier of which no Redis runs: nothing is stored, so the first node becomes primary and
    the Sentinels forget what they knew. Otherwise roles stay what the Sentinels made of them.
    """
    for node in plan.nodes:
        state.write(_conf(state, node.name), _render_node(plan, node, state, secrets))
        (state.data / node.name).mkdir(mode=0o700, exist_ok=True)
        state.own(state.data / node.name)
    for sentinel in plan.sentinels:
        if fresh or not _conf(state, sentinel.name).exists():
            state.write(_conf(state, sentinel.name), _render_sentinel(plan, sentinel, state, secrets))
    for node in plan.nodes:
        ticket = state.run / f"{node.name}.first-start"
        if fresh:
            state.write(ticket, plan.nodes[0].name)
        else:
            ticket.unlink(missing_ok=True)
    state.write(state.config / "redis.json", json.dumps(_launch_facts(plan, secrets), indent=2))


def _conf(state: State, name: str) -> Any:
    return state.config / f"{name}.conf"


def _render_node(plan: RedisPlan, node: RedisNode, state: State, secrets: Secrets) -> str:
    own = {
        "bind": node.host,
        "port": str(node.port),
        "protected-mode": "yes",
        "dir": str(state.data / node.name),
        "requirepass": secrets.redis,
        "masterauth": secrets.redis,
        "maxmemory": str(plan.maxmemory_bytes),
    }
    settings = {setting.name: setting.value for setting in plan.settings}
    return "".join(f"{name} {value}\n" for name, value in {**settings, **own}.items())


def _render_sentinel(plan: RedisPlan, sentinel: Sentinel, state: State, secrets: Secrets) -> str:
    first, service = plan.nodes[0], plan.service
    options = {setting.name: setting.value for setting in plan.sentinel_settings if setting.name != "quorum"}
    lines = [
        f"bind {sentinel.host}",
        f"port {sentinel.port}",
        "protected-mode yes",
        f"dir {state.run}",
        f"requirepass {secrets.redis}",
        f"sentinel sentinel-pass {secrets.redis}",
        f"sentinel monitor {service} {first.host} {first.port} {plan.quorum}",
        f"sentinel auth-pass {service} {secrets.redis}",
        *(f"sentinel {name} {service} {value}" for name, value in options.items()),
    ]
    return "\n".join(lines) + "\n"


def _launch_facts(plan: RedisPlan, secrets: Secrets) -> dict[str, Any]:
    return {
        "service": plan.service,
        "password": secrets.redis,
        "nodes": {node.name: [node.host, node.port] for node in plan.nodes},
        "sentinels": [[sentinel.host, sentinel.port] for sentinel in plan.sentinels],
    }


def connect(host: str, port: int, password: str) -> "redis.Redis":
    """Open a client for one node that answers quickly or fails."""
    return redis.Redis(
        host=host, port=port, password=password, socket_timeout=CALL_S, socket_connect_timeout=CALL_S,
        decode_responses=True, retry=Retry(NoBackoff(), 0),
    )  # fmt: skip


def ask(host: str, port: int, password: str, question: Callable[["redis.Redis"], Any]) -> Any:
    """Ask one node something; None when it does not answer."""
    try:
        with connect(host, port, password) as client:
            return question(client)
    except redis.RedisError:
        return None


def fetch_info(node: RedisNode, password: str) -> dict[str, Any] | None:
    """Return what a node says of itself (INFO), or None when it does not answer."""
    info: dict[str, Any] | None = ask(node.host, node.port, password, lambda client: client.info())
    return info


def fetch_primary(plan: RedisPlan, password: str) -> RedisNode | None:
    """Return the node that most Sentinels name as primary; without Sentinels, the only node."""
    if not plan.sentinels:
        return plan.nodes[0]
    named = named_primary(_addresses(plan), plan.service, password)
    return next((node for node in plan.nodes if (node.host, node.port) == named), None)


def fetch_named(plan: RedisPlan, password: str) -> frozenset[str]:
    """Return the names of all nodes that a Sentinel holds for the primary: one, but for the time of a failover."""
    told = ask_sentinels(_addresses(plan), plan.service, password)
    return frozenset(node.name for node in plan.nodes if (node.host, node.port) in told)


def named_primary(sentinels: list[Address], service: str, password: str) -> Address | None:
    """Return the address that more than half of the Sentinels name, or None."""
    told = ask_sentinels(sentinels, service, password)
    return next((address for address in told if address and told.count(address) * 2 > len(sentinels)), None)


def ask_sentinels(sentinels: list[Address], service: str, password: str) -> list[Address | None]:
    """Return whom each Sentinel names as primary; None for one that does not answer."""
    answers = [
        ask(host, port, password, lambda client: client.sentinel_get_master_addr_by_name(service))
        for host, port in sentinels
    ]
    return [answer and (str(answer[0]), int(answer[1])) for answer in answers]


def _addresses(plan: RedisPlan) -> list[Address]:
    return [(sentinel.host, sentinel.port) for sentinel in plan.sentinels]


def reconfigure(plan: RedisPlan, password: str) -> None:
    """Hand the running nodes the present settings; one that does not answer reads them when it starts."""
    settings = {setting.name: setting.value for setting in plan.settings} | {"maxmemory": str(plan.maxmemory_bytes)}
    for node in plan.nodes:
        for name, value in settings.items():
            ask(node.host, node.port, password, lambda client, n=name, v=value: client.config_set(n, v))  # type: ignore[misc]
