"""The network: who may reach whom, and where things stand."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from candlefish.results import Finding
from candlefish.terraform.rules.finding import number, wrong
from candlefish.terraform.rules.planned import Planned, Resource
from candlefish.terraform.rules.rule import Rule

WEB_PORTS = (80, 443)
"""What a load balancer that faces the internet may answer on."""

LEAST_ZONES = 2
SUBNET_GROUPS = ("aws_db_subnet_group", "aws_elasticache_subnet_group")

LARGEST_PREFIX, SMALLEST_PREFIX = 16, 28
"""Of a VPC and of a subnet."""

INGRESS, EGRESS = "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"


@dataclass(frozen=True, slots=True)
class Flow:
    """One rule of a security group, whichever resource it was written in."""

    resource: Resource
    argument: str
    inward: bool
    protocol: str
    first: float | None
    last: float | None
    networks: tuple[str, ...]


def check_open(planned: Planned) -> Iterator[Finding]:
    """Find rules that let the whole internet in or out."""
    for flow in _flows(planned):
        for network in filter(_is_everything, flow.networks):
            if not flow.inward:
                yield wrong(flow.resource, flow.argument, f"{network}: everything may be called", "name a group")
            elif not (_is_web(flow) and _of_balancer(planned, flow.resource)):
                ports = "all ports" if flow.first is None else f"port {flow.first:g}"
                message = f"{network} may reach {ports}"
                yield wrong(flow.resource, flow.argument, message, "name the group of those who need it")


def check_ports(planned: Planned) -> Iterator[Finding]:
    """Find rules without a port."""
    for flow in _flows(planned):
        everything = flow.protocol in ("-1", "all") or (flow.first == 0 and flow.last == 65535)
        if everything and "default" not in flow.resource.type:
            yield wrong(flow.resource, "ip_protocol", "every port", "name the one that is needed")


def _flows(planned: Planned) -> Iterator[Flow]:
    for kind in (INGRESS, EGRESS):
        for rule in planned.of(kind):
            for argument in ("cidr_ipv4", "cidr_ipv6", "referenced_security_group_id", "prefix_list_id"):
                if rule.is_given(argument):
                    network = rule.get(argument) if argument.startswith("cidr") else None
                    yield _flow(rule, argument, kind == INGRESS, rule.values, (network,) if network else ())
    for rule in planned.of("aws_security_group_rule"):
        networks = (*(rule.get("cidr_blocks") or ()), *(rule.get("ipv6_cidr_blocks") or ()))
        yield _flow(rule, "cidr_blocks", rule.get("type") == "ingress", rule.values, networks)
    for group in planned.of("aws_security_group", "aws_default_security_group"):
        for name in ("ingress", "egress"):
            for block in group.blocks(name):
                networks = (*(block.get("cidr_blocks") or ()), *(block.get("ipv6_cidr_blocks") or ()))
                yield _flow(group, name, name == "ingress", block, networks)


def _flow(
    resource: Resource, argument: str, inward: bool, values: Mapping[str, Any], networks: tuple[str, ...]
) -> Flow:
    protocol = str(values.get("ip_protocol") or values.get("protocol") or "")
    first, last = number(values.get("from_port")), number(values.get("to_port"))
    return Flow(resource, argument, inward, protocol, first, last, networks)


def _is_everything(network: str) -> bool:
    try:
        return ipaddress.ip_network(network, strict=False).prefixlen == 0
    except ValueError:
        return False


def _is_web(flow: Flow) -> bool:
    return flow.protocol == "tcp" and flow.first == flow.last and flow.first in WEB_PORTS


def _of_balancer(planned: Planned, rule: Resource) -> bool:
    """Say whether a rule is of a group that stands before an application load balancer facing the internet."""
    groups = {group.address for group in planned.linked(rule, "security_group_id", "aws_security_group")}
    return any(
        groups & {group.address for group in planned.linked(balancer, "security_groups", "aws_security_group")}
        for balancer in planned.of("aws_lb")
        if balancer.get("load_balancer_type") == "application" and not balancer.get("internal")
    )


def check_zones(planned: Planned) -> Iterator[Finding]:
    """Find subnet groups, and services behind them, that stand in one zone."""
    for group in planned.of(*SUBNET_GROUPS):
        ids = group.get("subnet_ids")
        if not isinstance(ids, list) or group.is_unknown("subnet_ids"):
            continue
        subnets = planned.linked(group, "subnet_ids", "aws_subnet")
        zones = {one.values.get("availability_zone") for one in subnets}
        if len(set(ids)) < LEAST_ZONES:
            yield wrong(group, "subnet_ids", f"{len(set(ids))} subnet: at least {LEAST_ZONES}, in different zones")
        elif len(subnets) == len(set(ids)) and None not in zones and len(zones) < LEAST_ZONES:
            yield wrong(
                group, "subnet_ids", f"all in {', '.join(sorted(map(str, zones)))}: at least {LEAST_ZONES} zones"
            )


def check_addresses(planned: Planned) -> Iterator[Finding]:
    """Find subnets that the VPC has no room for, or that overlap."""
    for vpc in planned.of("aws_vpc"):
        whole = _network(vpc.get("cidr_block"))
        if whole and not LARGEST_PREFIX <= whole.prefixlen <= SMALLEST_PREFIX:
            message = f"{whole}: from /{LARGEST_PREFIX} to /{SMALLEST_PREFIX}"
            yield wrong(vpc, "cidr_block", message)
        subnets = [one for one in planned.of("aws_subnet") if vpc in planned.linked(one, "vpc_id", "aws_vpc")]
        taken: dict[str, ipaddress.IPv4Network] = {}
        for subnet in subnets:
            own = _network(subnet.get("cidr_block"))
            if own and whole and not own.subnet_of(whole):
                yield wrong(subnet, "cidr_block", f"{own} is not in {whole}, which is {vpc.address}")
            if own and own.prefixlen > SMALLEST_PREFIX:
                yield wrong(subnet, "cidr_block", f"{own}: not smaller than /{SMALLEST_PREFIX}")
            for address, other in taken.items():
                if own and own.overlaps(other):
                    yield wrong(subnet, "cidr_block", f"{own} overlaps {other}, which is {address}")
            if own:
                taken[subnet.address] = own


def _network(text: object) -> ipaddress.IPv4Network | None:
    try:
        return ipaddress.IPv4Network(str(text)) if text else None
    except ValueError:
        return None


def check_endpoints(planned: Planned) -> Iterator[Finding]:
    """Find endpoints whose private names nobody could resolve."""
    for endpoint in planned.of("aws_vpc_endpoint"):
        if not endpoint.get("private_dns_enabled"):
            continue
        for vpc in planned.linked(endpoint, "vpc_id", "aws_vpc"):
            if not vpc.get("enable_dns_hostnames") or vpc.get("enable_dns_support") is False:
                message = f"true, but {vpc.address} has no enable_dns_hostnames and enable_dns_support"
                yield wrong(endpoint, "private_dns_enabled", message)


def check_public(planned: Planned) -> Iterator[Finding]:
    """Find tasks that would get a public address."""
    for service in planned.of("aws_ecs_service"):
        for block in service.blocks("network_configuration"):
            if block.get("assign_public_ip"):
                yield wrong(service, "network_configuration.assign_public_ip", "true: tasks get public addresses")


RULES = (
    Rule(
        "open-to-world",
        "AWS, 'Security group rules'; the plan's promise: private subnets, and load balancers alone before them",
        check_open,
    ),
    Rule("every-port", "AWS, 'Security group rules' (ip_protocol -1)", check_ports),
    Rule(
        "subnet-zones",
        "RDS API, CreateDBSubnetGroup (subnets in at least two Availability Zones); ElastiCache, 'Minimizing downtime "
        "with Multi-AZ'",
        check_zones,
    ),
    Rule("addresses", "EC2 API, CreateSubnet (/28 to /16, no overlap, within the VPC)", check_addresses),
    Rule("endpoint-names", "EC2 API, CreateVpcEndpoint (PrivateDnsEnabled)", check_endpoints),
    Rule("public-tasks", "ECS API, AwsVpcConfiguration (assignPublicIp)", check_public),
)
