"""What the AWS provider's own Go code refuses, as far as the module could meet it; the schema does not tell.

Rules of AWS itself are not here but in `candlefish.terraform.rules`: they belong to the product.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.standin.protocol import is_unknown

Config = dict[str, Any]
Finding = tuple[str, str]
"""The attribute, and what is wrong with it."""

AUTH_TOKEN = re.compile(r"[A-Za-z0-9!&#$^<>-]{16,128}")


def findings(type_name: str, config: Config) -> Iterator[Finding]:
    """Give what the provider would refuse before it asked AWS."""
    if rule := RULES.get(type_name):
        yield from rule(config)


def _known(config: Config, name: str) -> Any:
    """Give a value, or None where it is unset or not known yet."""
    value = config.get(name)
    return None if is_unknown(value) else value


def _exactly_one(config: Config, *names: str) -> Iterator[Finding]:
    """Follow ExactlyOneOf: what is not known yet may turn out to be unset."""
    known = [name for name in names if _known(config, name) is not None]
    unknown = any(is_unknown(config.get(name)) for name in names)
    if len(known) > 1 or (not known and not unknown):
        yield names[0], f"exactly one of {', '.join(names)} is needed, found {len(known)}"


def _db_instance(config: Config) -> Iterator[Finding]:
    """Follow `resourceInstanceCreate` and the schema's ConflictsWith in internal/service/rds/instance.go."""
    copied = ("replicate_source_db", "snapshot_identifier", "restore_to_point_in_time", "s3_import")
    if not any(config.get(name) for name in copied):
        for name in ("engine", "allocated_storage", "username"):
            if config.get(name) is None:
                yield name, f'"{name}": required field is not set'
    passwords = [name for name in ("manage_master_user_password", "password", "password_wo") if _known(config, name)]
    if len(passwords) > 1:
        yield passwords[0], f"conflicts with {', '.join(passwords[1:])}"
    if config.get("password_wo") is not None and config.get("password_wo_version") is None:
        yield "password_wo", "all of `password_wo,password_wo_version` must be specified"
    if config.get("replicate_source_db") is not None and _known(config, "manage_master_user_password"):
        yield "manage_master_user_password", "RDS does not manage the password of an instance with read replicas"
    if not config.get("skip_final_snapshot") and config.get("final_snapshot_identifier") is None:
        yield "final_snapshot_identifier", "required when skip_final_snapshot is false"


def _replication_group(config: Config) -> Iterator[Finding]:
    """Follow internal/service/elasticache/replication_group.go: its schema, and CustomizeDiff."""
    tokens = [name for name in ("auth_token", "auth_token_wo") if config.get(name) is not None]
    for name in tokens:
        token = _known(config, name)
        if token is not None and not AUTH_TOKEN.fullmatch(token):
            yield name, "only 16 to 128 of the characters A-Z a-z 0-9 ! & # $ ^ < > - are allowed"
        if _known(config, "transit_encryption_enabled") is not True and not is_unknown(
            config.get("transit_encryption_enabled")
        ):
            yield name, "needs transit_encryption_enabled = true"
    if _known(config, "multi_az_enabled") and config.get("automatic_failover_enabled") in (None, False):
        yield "multi_az_enabled", "automatic_failover_enabled must be true if multi_az_enabled is true"
    if _known(config, "automatic_failover_enabled") and _known(config, "num_cache_clusters") == 1:
        yield "num_cache_clusters", "must be at least 2 if automatic_failover_enabled is true"
    if None not in (_known(config, "num_cache_clusters"), _known(config, "num_node_groups")):
        yield "num_cache_clusters", "conflicts with num_node_groups"


def _secret_version(config: Config) -> Iterator[Finding]:
    """Follow internal/service/secretsmanager/secret_version.go: ExactlyOneOf, RequiredWith."""
    yield from _exactly_one(config, "secret_string", "secret_binary", "secret_string_wo")
    if config.get("secret_string_wo") is not None and config.get("secret_string_wo_version") is None:
        yield "secret_string_wo", "all of `secret_string_wo,secret_string_wo_version` must be specified"


def _rule_of_security_group(config: Config) -> Iterator[Finding]:
    """Follow ConfigValidators in internal/service/ec2/vpc_security_group_ingress_rule.go."""
    yield from _exactly_one(config, "cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id")
    if _known(config, "ip_protocol") == "-1" and config.get("from_port") is not None:
        yield "from_port", "must not be set when ip_protocol is -1"


RULES: dict[str, Callable[[Config], Iterator[Finding]]] = {
    "aws_db_instance": _db_instance,
    "aws_elasticache_replication_group": _replication_group,
    "aws_secretsmanager_secret_version": _secret_version,
    "aws_vpc_security_group_egress_rule": _rule_of_security_group,
    "aws_vpc_security_group_ingress_rule": _rule_of_security_group,
}
