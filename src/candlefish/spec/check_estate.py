"""Contradictions in [aws] itself: the network, the pooler's tasks, copies of backups."""

from collections.abc import Iterator
from ipaddress import IPv4Network

from candlefish.errors import closest
from candlefish.spec.model import Spec
from candlefish.spec.problem import Problem
from candlefish.spec.regions import REGIONS

VPC_PREFIXES = (16, 22)
"""A VPC is a /16 at the largest (AWS, "VPC CIDR blocks"); from a /22 on each subnet still has
59 addresses, besides the five that AWS keeps."""

MAX_NODES = 90
"""Nodes of one replication group, all shards together, before AWS raises the quota (AWS, "Quotas for ElastiCache")."""

DEPLOYMENT_MAX_RATIO = 2
"""Tasks of a service during a deployment, against those before it: new ones serve before old ones go."""


SHORTEST_NAME = 2
"""Letters of a backup vault's name at the least (AWS Backup API, CreateBackupVault)."""

RESERVED = "internal"
"""Load balancers may not begin so, with a hyphen (Elastic Load Balancing API, CreateLoadBalancer)."""


def find_estate_contradictions(spec: Spec) -> Iterator[Problem]:
    """Give what can't stand on AWS."""
    yield from _regions(spec)
    yield from _vpc(spec)
    yield from _pooler(spec)
    yield from _cache(spec)
    yield from _backups(spec)
    yield from _words(spec)


def _regions(spec: Spec) -> Iterator[Problem]:
    for key, region in (("region", spec.aws.region), ("backup_copy_region", spec.aws.backup_copy_region)):
        if region is not None and region not in REGIONS:
            message = f'"{region}" is no region that the module is made for{closest(region, REGIONS)}'
            yield Problem(("aws", key), message)


def _vpc(spec: Spec) -> Iterator[Problem]:
    aws = spec.aws
    network, vpc = ("aws", "vpc_cidr"), ("aws", "vpc_id")
    try:
        cidr = IPv4Network(aws.vpc_cidr)
    except ValueError as error:
        yield Problem(network, f'{aws.vpc_cidr!r} is no network: {error}; write one such as "10.20.0.0/16"')
        return
    smallest, largest = VPC_PREFIXES
    if not cidr.is_private:
        yield Problem(network, f"{cidr} is no private network: take one of 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16")
    elif not smallest <= cidr.prefixlen <= largest:
        yield Problem(network, f"{cidr} is not possible: from /{smallest} to /{largest}")
    yield from _way_to_aws(spec)
    given = len(set(aws.private_subnet_ids))
    subnets = ("aws", "private_subnet_ids")
    if aws.vpc_id is None and given:
        yield Problem(vpc, "private_subnet_ids are given, but not the VPC that they belong to", (subnets,))
    elif aws.vpc_id is not None and given < aws.zones:
        message = f"{given} for {aws.zones} zones: give at least one private subnet of each zone"
        yield Problem(subnets, message, (vpc, ("aws", "zones")))


def _way_to_aws(spec: Spec) -> Iterator[Problem]:
    for block in spec.aws.https_cidr_blocks:
        try:
            IPv4Network(block)
        except ValueError as error:
            message = f'{block!r} is no network: {error}; write one such as "10.0.0.0/16"'
            yield Problem(("aws", "https_cidr_blocks"), message)


def _pooler(spec: Spec) -> Iterator[Problem]:
    aws, servers = spec.aws, spec.pgbouncer.max_server_connections
    most = ("aws", "pooler_max_tasks")
    if aws.pooler_max_tasks < aws.pooler_tasks:
        yield Problem(
            most, f"{aws.pooler_max_tasks} is less than pooler_tasks ({aws.pooler_tasks})", (("aws", "pooler_tasks"),)
        )
    elif aws.pooler_max_tasks * DEPLOYMENT_MAX_RATIO > servers:
        yield Problem(
            most,
            f"{aws.pooler_max_tasks} tasks, {DEPLOYMENT_MAX_RATIO} times as many during a deployment, can't share "
            f"{servers} server connections: not one for each",
            (("pgbouncer", "max_server_connections"),),
        )


def _cache(spec: Spec) -> Iterator[Problem]:
    nodes = spec.aws.cache_shards * spec.redis.nodes
    if nodes > MAX_NODES:
        yield Problem(
            ("aws", "cache_shards"),
            f"{spec.aws.cache_shards} shards of {spec.redis.nodes} nodes are {nodes}: AWS allows {MAX_NODES}",
            (("redis", "nodes"),),
        )


def _backups(spec: Spec) -> Iterator[Problem]:
    region, copy = spec.aws.region, spec.aws.backup_copy_region
    if copy is None:
        return
    key = ("aws", "backup_copy_region")
    if copy == region:
        message = f'"{copy}" is the region of the tier itself: a copy belongs into another'
        yield Problem(key, message, (("aws", "region"),))
    if not spec.postgres.backup_retention_days:
        other = ("postgres", "backup_retention_days")
        yield Problem(key, "there are no backups to copy: backup_retention_days is 0", (other,))


def _words(spec: Spec) -> Iterator[Problem]:
    if len(spec.name) < SHORTEST_NAME or spec.name == RESERVED or spec.name.startswith(f"{RESERVED}-"):
        message = f'"{spec.name}" is no name on AWS: at least {SHORTEST_NAME} letters, not beginning with "{RESERVED}"'
        yield Problem(("name",), message)
    email = spec.aws.alert_email
    if email is not None and email.count("@") != 1:
        yield Problem(("aws", "alert_email"), f"{email!r} is no e-mail address")
    for name in spec.aws.tags:
        if name.lower().startswith("aws:"):
            yield Problem(("aws", "tags"), f'{name!r} is not possible: AWS keeps names that begin with "aws:"')
