"""ElastiCache: replication groups and their parameter groups."""

import re
from collections.abc import Iterator

from candlefish.results import Finding
from candlefish.terraform.rules.finding import doubtful, is_on, number, wrong
from candlefish.terraform.rules.planned import Planned, Resource
from candlefish.terraform.rules.rule import Rule

GROUP = "aws_elasticache_replication_group"
PARAMETERS = "aws_elasticache_parameter_group"

MAX_NODES, MAX_REPLICAS = 6, 5
"""Of one shard: nodes, and those of them that are replicas."""

REFUSED = {
    "appendonly": "ElastiCache has had no append-only file since 2.8.22: keep snapshots",
    "appendfsync": "ElastiCache has had no append-only file since 2.8.22: keep snapshots",
    "save": "ElastiCache has no such parameter: keep snapshots (snapshot_retention_limit)",
    "maxmemory": "the node type decides it: set reserved-memory-percent",
    "requirepass": "set auth_token_wo on the replication group",
    "masterauth": "set auth_token_wo on the replication group",
    "bind": "the subnet group decides it",
    "port": "set port on the replication group",
    "dir": "ElastiCache keeps files for itself",
    "dbfilename": "ElastiCache keeps files for itself",
    "logfile": "use log_delivery_configuration",
    "replicaof": "num_cache_clusters makes replicas",
    "slaveof": "num_cache_clusters makes replicas",
    "repl-timeout": "not supported since 2.8.22",
    "maxclients": "65,000, and not modifiable",
    "lua-time-limit": "not modifiable",
    "rename-command": "ElastiCache has no such parameter",
    "tls-port": "set transit_encryption_enabled on the replication group",
}
"""Parameters of Redis that a parameter group has not, or does not let change, and what does it instead."""

POLICIES = (
    "volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "volatile-random", "allkeys-random", "volatile-ttl",
    "noeviction",
)  # fmt: skip

SHORTEST_SLOW_US = 100
"""A slow command is one of thousands of microseconds; fewer is a number of milliseconds."""

LAST_REDIS, FIRST_VALKEY = (7, 1), (7, 2)
"""Redis OSS ends there on ElastiCache, and Valkey begins."""

_TOKEN = re.compile(r"[A-Za-z0-9!&#$^<>-]{16,128}")
_NAME = re.compile(r"[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]|[a-z]")


def check_nodes(planned: Planned) -> Iterator[Finding]:
    """Find groups whose nodes can't do what is asked of them."""
    for group in planned.of(GROUP):
        nodes, shards = number(group.get("num_cache_clusters")), number(group.get("num_node_groups"))
        replicas, failover = number(group.get("replicas_per_node_group")), group.get("automatic_failover_enabled")
        if failover and (nodes == 1 or (shards is None and nodes is None)):
            yield wrong(group, "automatic_failover_enabled", "true with one node", "at least 2 nodes")
        if failover and shards and replicas == 0:
            yield doubtful(group, "replicas_per_node_group", "0: a shard that fails is lost, there is no failover")
        if shards and shards > 1 and failover is False:
            yield wrong(group, "automatic_failover_enabled", "false with several shards, which need it", "true")
        if group.get("multi_az_enabled") and not failover and not group.is_unknown("automatic_failover_enabled"):
            yield wrong(group, "multi_az_enabled", "true without automatic failover")
        if nodes and nodes > MAX_NODES and (shards or 1) == 1:
            yield wrong(group, "num_cache_clusters", f"{nodes:g}: at most {MAX_NODES}")
        if replicas and replicas > MAX_REPLICAS:
            yield wrong(group, "replicas_per_node_group", f"{replicas:g}: at most {MAX_REPLICAS}")


def check_failover(planned: Planned) -> Iterator[Finding]:
    """Find groups that have replicas and would not use them."""
    for group in planned.of(GROUP):
        nodes = number(group.get("num_cache_clusters"))
        if nodes and nodes > 1 and not group.get("automatic_failover_enabled"):
            yield doubtful(group, "automatic_failover_enabled", f"off with {nodes:g} nodes: nobody takes over")
        elif nodes and nodes > 1 and not group.get("multi_az_enabled"):
            yield doubtful(group, "multi_az_enabled", "off: all nodes may stand in one zone")


def check_encryption(planned: Planned) -> Iterator[Finding]:
    """Find groups without encryption, without a token, or with a token that would go out in plain text."""
    for group in planned.of(GROUP):
        tokens = [name for name in ("auth_token", "auth_token_wo") if group.is_given(name) or group.is_written(name)]
        if not is_on(group.get("transit_encryption_enabled")):
            reason = "off, and a token needs it" if tokens else "off: keys and values go out in plain text"
            yield wrong(group, "transit_encryption_enabled", reason, "true; clients use rediss://")
        elif group.get("transit_encryption_mode") == "preferred":
            yield doubtful(group, "transit_encryption_mode", "preferred: plain text is let in too", "required")
        if not tokens and not group.is_given("user_group_ids"):
            yield wrong(group, "auth_token_wo", "missing: whoever reaches the port reads and writes")
        if not is_on(group.get("at_rest_encryption_enabled")) and not group.is_unknown("at_rest_encryption_enabled"):
            yield wrong(group, "at_rest_encryption_enabled", "off: snapshots and disks are not encrypted")


def check_token(planned: Planned) -> Iterator[Finding]:
    """Find tokens, where they stand in the module, that ElastiCache refuses."""
    for group in planned.of(GROUP):
        for argument in ("auth_token", "auth_token_wo"):
            constant = group.written.get(argument, {}).get("constant_value")
            token = group.get(argument) or constant
            if isinstance(token, str) and not _TOKEN.fullmatch(token):
                message = f"{len(token)} characters: 16 to 128 of A-Z a-z 0-9 ! & # $ ^ < > -"
                yield wrong(group, argument, message)


def check_version(planned: Planned) -> Iterator[Finding]:
    """Find versions that ElastiCache does not write so, or does not have."""
    for group in planned.of(GROUP):
        engine, version = group.get("engine") or "redis", group.get("engine_version")
        if not isinstance(version, str):
            continue
        match = re.fullmatch(r"(\d+)\.(\d+|x)", version)
        if match is None:
            yield wrong(group, "engine_version", f"{version!r}: major and minor, such as 7.1")
            continue
        found = (int(match[1]), int(match[2]) if match[2].isdigit() else 0)
        if engine == "redis" and found > LAST_REDIS:
            yield wrong(group, "engine_version", f"redis {version}: Redis OSS ends at 7.1", 'engine = "valkey"')
        if engine == "valkey" and found < FIRST_VALKEY:
            yield wrong(group, "engine_version", f"valkey {version}: Valkey begins at 7.2")


def check_family(planned: Planned) -> Iterator[Finding]:
    """Find parameter groups of another engine or version than their replication group."""
    for group in planned.of(GROUP):
        engine, version = group.get("engine") or "redis", str(group.get("engine_version") or "")
        for parameters in planned.linked(group, "parameter_group_name", PARAMETERS):
            family = parameters.get("family")
            major = version.split(".")[0]
            wanted = "redis6.x" if (engine, major) == ("redis", "6") else f"{engine}{major}"
            if version and family and family != wanted:
                message = f"{parameters.address} is of the family {family}, the engine is {engine} {version}"
                yield wrong(group, "parameter_group_name", message, f'family = "{wanted}"')
            yield from _check_mode(group, parameters)


def _check_mode(group: Resource, parameters: Resource) -> Iterator[Finding]:
    sharded = (number(group.get("num_node_groups")) or 1) > 1
    enabled = _values(parameters).get("cluster-enabled") == "yes"
    if sharded and not enabled:
        message = f"several shards, but {parameters.address} has cluster-enabled off"
        yield wrong(group, "parameter_group_name", message, "cluster-enabled = yes")


def check_parameters(planned: Planned) -> Iterator[Finding]:
    """Find parameters that ElastiCache refuses, and values in the wrong unit."""
    for group in planned.of(PARAMETERS):
        for name, value in _values(group).items():
            if name in REFUSED:
                yield wrong(group, _at(name), REFUSED[name])
            elif message := _check_value(name, value):
                yield wrong(group, _at(name), message)


def _check_value(name: str, value: str) -> str:
    amount = number(value)
    if name == "maxmemory-policy" and value not in POLICIES:
        return f"{value!r}: one of {', '.join(POLICIES)}"
    if name == "reserved-memory-percent" and (amount is None or not 0 <= amount < 100):
        return f"{value!r}: percent of the node's memory, from 0 to 99"
    if name == "slowlog-log-slower-than" and amount is not None and 0 <= amount < SHORTEST_SLOW_US:
        return f"{value} microseconds: it counts in microseconds, 10 ms are 10000"
    if name == "cluster-enabled" and value not in ("yes", "no"):
        return f"{value!r}: yes or no"
    return ""


def check_name(planned: Planned) -> Iterator[Finding]:
    """Find identifiers that ElastiCache refuses."""
    for group in planned.of(GROUP):
        name = group.get("replication_group_id")
        if isinstance(name, str) and not _NAME.fullmatch(name):
            message = f"{name!r}: 1 to 40 small letters, digits and single hyphens, beginning with a letter"
            yield wrong(group, "replication_group_id", message)


def _at(name: str) -> str:
    return f'parameter["{name}"]'


def _values(group: Resource) -> dict[str, str]:
    return {str(one["name"]): str(one["value"]) for one in group.blocks("parameter") if one.get("name")}


RULES = (
    Rule(
        "cache-nodes",
        "ElastiCache API, CreateReplicationGroup (AutomaticFailoverEnabled, NumCacheClusters, ReplicasPerNodeGroup)",
        check_nodes,
    ),
    Rule("cache-failover", "ElastiCache API, CreateReplicationGroup (AutomaticFailoverEnabled, MultiAZEnabled)",
         check_failover),
    Rule("cache-encryption", "ElastiCache API, CreateReplicationGroup (TransitEncryptionEnabled, AuthToken)",
         check_encryption),
    Rule("cache-token", "ElastiCache API, CreateReplicationGroup (AuthToken: password constraints)", check_token),
    Rule("cache-version", "AWS, 'Supported engines and versions' of ElastiCache; docs of the provider: engine_version",
         check_version),
    Rule("cache-family", "AWS, 'ElastiCache engine parameters' (families; cluster-enabled)", check_family),
    Rule("cache-parameter", "AWS, 'ElastiCache engine parameters' (Modifiable; no longer supported)", check_parameters),
    Rule("cache-identifier", "ElastiCache API, CreateReplicationGroup (ReplicationGroupId)", check_name),
)  # fmt: skip
