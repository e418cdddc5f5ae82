"""What network.tf is given."""

from collections.abc import Iterator

from candlefish.spec.check_road import faces_internet
from candlefish.spec.model import Spec
from candlefish.terraform.value import Value

PRIVATE_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
"""Addresses inside networks (RFC 1918): there a VPC's own endpoints answer."""


def network_values(spec: Spec) -> Iterator[Value]:
    """Give the VPC, made or given, and its subnets."""
    aws = spec.aws
    given = aws.vpc_id is not None
    yield Value("vpc_id", aws.vpc_id, "declared" if given else "not declared: one is made")
    yield Value("vpc_cidr", aws.vpc_cidr, "declared: of the VPC that is made")
    yield Value("zones", aws.zones, "declared")
    public = faces_internet(spec) and not given
    why = "the application's load balancer faces the internet" if public else "nothing made here faces the internet"
    yield Value("public_subnets", public, why)
    yield Value("private_subnet_ids", aws.private_subnet_ids, "declared" if given else "they are made")
    yield Value("public_subnet_ids", aws.public_subnet_ids, "declared" if given else "made, where anything needs them")
    if given:
        why = "the endpoints of your VPC; with a NAT gateway instead of endpoints it is 0.0.0.0/0"
        yield Value("https_cidr_blocks", PRIVATE_RANGES, why)
