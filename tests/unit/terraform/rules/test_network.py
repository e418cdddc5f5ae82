import pytest
from tests.unit.terraform.rules.fragments import ANYWHERE, Values, found, plan

DATABASE, WEB = "aws_vpc_security_group_ingress_rule.database", "aws_vpc_security_group_ingress_rule.web"
OUT = "aws_vpc_security_group_egress_rule.web"


@pytest.mark.parametrize(
    ("address", "changes", "rule", "argument"),
    [
        (DATABASE, {"cidr_ipv4": ANYWHERE}, "open-to-world", "cidr_ipv4"),
        (DATABASE, {"cidr_ipv6": "::/0"}, "open-to-world", "cidr_ipv6"),
        (DATABASE, {"cidr_ipv4": ANYWHERE, "from_port": 443, "to_port": 443}, "open-to-world", "cidr_ipv4"),
        (WEB, {"from_port": 22, "to_port": 22}, "open-to-world", "cidr_ipv4"),
        (WEB, {"from_port": 80, "to_port": 443}, "open-to-world", "cidr_ipv4"),
        (OUT, {"cidr_ipv4": ANYWHERE}, "open-to-world", "cidr_ipv4"),
        (DATABASE, {"ip_protocol": "-1", "from_port": None, "to_port": None}, "every-port", "ip_protocol"),
        (DATABASE, {"from_port": 0, "to_port": 65535}, "every-port", "ip_protocol"),
        ("aws_security_group.database", {"ingress": [{"cidr_blocks": [ANYWHERE], "protocol": "tcp", "from_port": 22}]},
         "open-to-world", "ingress"),
        ("aws_security_group.database", {"egress": [{"ipv6_cidr_blocks": ["::/0"], "protocol": "tcp"}]},
         "open-to-world", "egress"),
        ("aws_security_group_rule.old", {"type": "ingress", "cidr_blocks": [ANYWHERE], "protocol": "tcp"},
         "open-to-world", "cidr_blocks"),
        ("aws_db_subnet_group.main", {"subnet_ids": ["subnet-1"]}, "subnet-zones", "subnet_ids"),
        ("aws_elasticache_subnet_group.main", {"subnet_ids": ["subnet-1", "subnet-1"]}, "subnet-zones", "subnet_ids"),
        ("aws_subnet.two", {"availability_zone": "a"}, "subnet-zones", None),
        ("aws_subnet.two", {"cidr_block": "10.1.0.0/24"}, "addresses", "cidr_block"),
        ("aws_subnet.two", {"cidr_block": "10.0.0.128/25"}, "addresses", "cidr_block"),
        ("aws_subnet.two", {"cidr_block": "10.0.9.0/29"}, "addresses", "cidr_block"),
        ("aws_vpc.main", {"cidr_block": "10.0.0.0/8"}, "addresses", "cidr_block"),
        ("aws_vpc.main", {"enable_dns_hostnames": None}, "endpoint-names", None),
        ("aws_ecs_service.pgbouncer", {"network_configuration": [{"assign_public_ip": True}]}, "public-tasks",
         "network_configuration.assign_public_ip"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_network_is_found(address: str, changes: Values, rule: str, argument: str | None) -> None:
    rules = found(plan({address: changes}))
    assert {one for one, _ in rules} == {rule}
    assert argument is None or (rule, f"{address}.{argument}") in rules


@pytest.mark.parametrize(
    ("address", "changes"),
    [
        (WEB, {"from_port": 80, "to_port": 80}),
        (WEB, {"cidr_ipv4": None, "cidr_ipv6": "::/0"}),
        (DATABASE, {"referenced_security_group_id": None, "cidr_ipv4": "10.0.0.0/16"}),
        ("aws_db_subnet_group.main", {"subnet_ids": ["subnet-of-another-module", "subnet-2"]}),
        ("aws_default_security_group.main", {"ingress": [], "egress": []}),
    ],
)
def test_what_the_network_may_be_is_let_through(address: str, changes: Values) -> None:
    assert found(plan({address: changes})) == set()


def test_an_internal_balancer_is_not_open_to_the_world() -> None:
    assert found(plan({"aws_lb.web": {"internal": True}})) == {("open-to-world", f"{WEB}.cidr_ipv4")}
