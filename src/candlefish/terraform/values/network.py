"""What network.tf is given."""

from collections.abc import Iterator

from candlefish.spec.model import Spec
from candlefish.terraform.value import Value


def network_values(spec: Spec) -> Iterator[Value]:
    """Give the VPC, made or given, and its subnets."""
    aws = spec.aws
    given = aws.vpc_id is not None
    yield Value("vpc_id", aws.vpc_id, "declared" if given else "not declared: one is made")
    yield Value("vpc_cidr", aws.vpc_cidr, "declared: of the VPC that is made")
    yield Value("zones", aws.zones, "declared")
    yield Value("private_subnet_ids", aws.private_subnet_ids, "declared" if given else "they are made")
    if given:
        why = "where AWS's services answer: at the VPC's endpoints; behind a NAT gateway it is 0.0.0.0/0"
        yield Value("https_cidr_blocks", aws.https_cidr_blocks, why)


def public_values(spec: Spec) -> Iterator[Value]:
    """Give the public subnets of a VPC that is there."""
    why = "declared" if spec.aws.vpc_id else "made, where the load balancer faces the internet"
    yield Value("public_subnet_ids", spec.aws.public_subnet_ids, why)
