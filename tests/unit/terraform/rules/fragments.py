"""A small plan that is right, and the same with something changed."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from candlefish.terraform.rules import check_plan

Values = dict[str, Any]

ANYWHERE = "0.0.0.0/0"
POOL = {"max_db_connections": "12", "max_client_conn": "10000", "tcp_keepalive": "1", "tcp_keepidle": "5"}
ENVIRONMENT = {
    "AWS_SECRET_NAME": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tier/app-AbCdEf",
    "DB_HOST": "tier.example",
    "DRAIN_S": "100",
    "PGBOUNCER_SETTINGS": json.dumps(POOL),
}
ALERTS = "arn:aws:sns:eu-west-1:123456789012:tier-alerts"


def container(environment: Mapping[str, str] = {}, **more: Any) -> str:
    """Give container definitions: those of the pooler, with something else."""
    variables = [{"name": name, "value": value} for name, value in {**ENVIRONMENT, **environment}.items()]
    limits = [{"name": "nofile", "softLimit": 12000, "hardLimit": 12000}]
    return json.dumps([{"name": "pgbouncer", "stopTimeout": 120, "ulimits": limits, "environment": variables} | more])


def pool(**settings: str) -> str:
    """Give container definitions with other settings of PgBouncer."""
    return container({"PGBOUNCER_SETTINGS": json.dumps({**POOL, **settings})})


def policy(*statements: Values) -> str:
    """Give a policy."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]})


def parameters(values: Mapping[str, str], *static: str) -> list[Values]:
    """Give the blocks of a parameter group; static ones wait for a restart."""
    methods = {name: "pending-reboot" if name in static else "immediate" for name in values}
    return [{"name": name, "value": value, "apply_method": methods[name]} for name, value in values.items()]


def alarm(metric: str, comparison: str, threshold: float, statistic: str, dimensions: Values, **more: Any) -> Values:
    """Give an alarm on one metric."""
    namespace = "AWS/ElastiCache" if "CacheClusterId" in dimensions else "AWS/RDS"
    return {
        "metric_name": metric, "namespace": namespace, "comparison_operator": f"{comparison}Threshold",
        "threshold": threshold, "statistic": statistic, "period": 60, "evaluation_periods": 1,
        "alarm_actions": [ALERTS], "dimensions": dimensions, **more,
    }  # fmt: skip


def query(name: str, metric: str, **more: Any) -> Values:
    """Give one metric of an alarm's expression."""
    read = {"namespace": "AWS/ElastiCache", "metric_name": metric, "stat": "Sum", "period": 300}
    return {"id": name, "return_data": None, "metric": [read | {"dimensions": {"CacheClusterId": "tier-001"}} | more]}


POSTGRES = {
    "max_connections": "500", "shared_buffers": "{DBInstanceClassMemory/32768}", "work_mem": "16384",
    "effective_cache_size": "{DBInstanceClassMemory*3/32768}", "max_wal_size": "2048", "statement_timeout": "300000",
    "track_io_timing": "1", "track_functions": "pl", "rds.force_ssl": "1", "max_worker_processes": "10",
    "max_wal_senders": "10", "max_locks_per_transaction": "128", "random_page_cost": "1.1",
}  # fmt: skip
STATIC = ("max_connections", "shared_buffers", "max_worker_processes", "max_wal_senders", "max_locks_per_transaction")
MAIN, REPLICA = {"DBInstanceIdentifier": "tier"}, {"DBInstanceIdentifier": "tier-replica-1"}
NODE = {"CacheClusterId": "tier-001"}
GREATER, LESS = "GreaterThan", "LessThan"

GOOD: dict[str, Values] = {
    "aws_vpc.main": {
        "id": "vpc-1", "cidr_block": "10.0.0.0/16", "enable_dns_support": True, "enable_dns_hostnames": True,
    },
    "aws_subnet.one": {"id": "subnet-1", "vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24", "availability_zone": "a"},
    "aws_subnet.two": {"id": "subnet-2", "vpc_id": "vpc-1", "cidr_block": "10.0.1.0/24", "availability_zone": "b"},
    "aws_vpc_endpoint.logs": {"vpc_id": "vpc-1", "private_dns_enabled": True},
    "aws_security_group.database": {"id": "sg-database"},
    "aws_security_group.web": {"id": "sg-web"},
    "aws_vpc_security_group_ingress_rule.database": {
        "security_group_id": "sg-database", "referenced_security_group_id": "sg-web", "ip_protocol": "tcp",
        "from_port": 5432, "to_port": 5432,
    },
    "aws_vpc_security_group_ingress_rule.web": {
        "security_group_id": "sg-web", "cidr_ipv4": ANYWHERE, "ip_protocol": "tcp", "from_port": 443, "to_port": 443,
    },
    "aws_vpc_security_group_egress_rule.web": {
        "security_group_id": "sg-web", "referenced_security_group_id": "sg-database", "ip_protocol": "tcp",
        "from_port": 5432, "to_port": 5432,
    },
    "aws_lb.web": {"load_balancer_type": "application", "internal": False, "security_groups": ["sg-web"]},
    "aws_db_subnet_group.main": {"subnet_ids": ["subnet-1", "subnet-2"]},
    "aws_db_parameter_group.main": {
        "name": "tier-main", "family": "postgres15", "parameter": parameters(POSTGRES, *STATIC),
    },
    "aws_db_parameter_group.replica": {
        "name": "tier-replica", "family": "postgres15", "parameter": parameters(POSTGRES, *STATIC),
    },
    "aws_db_instance.main": {
        "identifier": "tier", "engine": "postgres", "engine_version": "15", "instance_class": "db.r6g.xlarge",
        "allocated_storage": 100, "storage_type": "gp3", "storage_encrypted": True, "multi_az": True,
        "publicly_accessible": False, "backup_retention_period": 30, "backup_window": "03:00-04:00",
        "maintenance_window": "sun:04:30-sun:05:30", "deletion_protection": True, "skip_final_snapshot": False,
        "final_snapshot_identifier": "tier-final", "parameter_group_name": "tier-main", "username": "owner",
        "performance_insights_retention_period": 7, "database_insights_mode": "standard",
    },
    "aws_db_instance.replica": {
        "identifier": "tier-replica-1", "replicate_source_db": "tier", "instance_class": "db.r6g.large",
        "storage_type": "gp3", "storage_encrypted": True, "publicly_accessible": False, "skip_final_snapshot": True,
        "maintenance_window": "sun:06:00-sun:07:00", "parameter_group_name": "tier-replica",
    },
    "aws_elasticache_subnet_group.main": {"subnet_ids": ["subnet-1", "subnet-2"]},
    "aws_elasticache_parameter_group.main": {
        "name": "tier-redis7", "family": "redis7",
        "parameter": [
            {"name": "maxmemory-policy", "value": "allkeys-lru"},
            {"name": "reserved-memory-percent", "value": "25"},
            {"name": "slowlog-log-slower-than", "value": "10000"},
        ],
    },
    "aws_elasticache_replication_group.redis": {
        "replication_group_id": "tier", "engine": "redis", "engine_version": "7.1", "num_cache_clusters": 3,
        "automatic_failover_enabled": True, "multi_az_enabled": True, "transit_encryption_enabled": True,
        "transit_encryption_mode": "required", "at_rest_encryption_enabled": True,
        "parameter_group_name": "tier-redis7", "snapshot_window": "02:00-03:00",
        "maintenance_window": "sun:06:00-sun:07:00",
    },
    "aws_ecs_task_definition.pgbouncer": {
        "arn": "arn:task", "requires_compatibilities": ["FARGATE"], "cpu": "512", "memory": "1024",
        "container_definitions": container(),
    },
    "aws_ecs_service.pgbouncer": {
        "name": "pgbouncer", "task_definition": "arn:task", "desired_count": 2, "deployment_maximum_percent": 200,
        "network_configuration": [{"assign_public_ip": False}],
    },
    "aws_appautoscaling_target.pgbouncer": {"resource_id": "service/tier/pgbouncer", "max_capacity": 4},
    "aws_lb_listener.pgbouncer": {"protocol": "TCP", "tcp_idle_timeout_seconds": 350},
    "aws_cloudwatch_metric_alarm.cpu": alarm("CPUUtilization", GREATER, 80, "Average", MAIN),
    "aws_cloudwatch_metric_alarm.connections": alarm("DatabaseConnections", GREATER, 400, "Maximum", MAIN),
    "aws_cloudwatch_metric_alarm.storage": alarm("FreeStorageSpace", LESS, 10 * 1024**3, "Minimum", MAIN),
    "aws_cloudwatch_metric_alarm.cpu_1": alarm("CPUUtilization", GREATER, 80, "Average", REPLICA),
    "aws_cloudwatch_metric_alarm.connections_1": alarm("DatabaseConnections", GREATER, 400, "Maximum", REPLICA),
    "aws_cloudwatch_metric_alarm.storage_1": alarm("FreeStorageSpace", LESS, 10 * 1024**3, "Minimum", REPLICA),
    "aws_cloudwatch_metric_alarm.lag": alarm("ReplicaLag", GREATER, 1, "Maximum", REPLICA),
    "aws_cloudwatch_metric_alarm.stopped": alarm("ReplicaLag", LESS, 0, "Minimum", REPLICA),
    "aws_cloudwatch_metric_alarm.memory": alarm("DatabaseMemoryUsagePercentage", GREATER, 85, "Maximum", NODE),
    "aws_cloudwatch_metric_alarm.evictions": alarm("Evictions", GREATER, 100, "Sum", NODE),
    "aws_cloudwatch_metric_alarm.hits": {
        "comparison_operator": "LessThanThreshold", "threshold": 0.85, "evaluation_periods": 1,
        "alarm_actions": [ALERTS],
        "metric_query": [
            {"id": "value", "return_data": True, "expression": "metric / (part0 + part1)", "metric": []},
            query("metric", "CacheHits"), query("part0", "CacheHits"), query("part1", "CacheMisses"),
        ],
    },
    "aws_kms_key.main": {
        "id": "key", "enable_key_rotation": True, "deletion_window_in_days": 30,
        "policy": policy({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}),
    },
    "aws_secretsmanager_secret.app": {"kms_key_id": "key", "recovery_window_in_days": 30},
    "aws_cloudwatch_log_group.app": {"kms_key_id": "key", "retention_in_days": 30},
    "aws_iam_role.task": {
        "assume_role_policy": policy({"Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}),
    },
    "aws_iam_role_policy.task": {
        "policy": policy(
            {"Action": "ecr:GetAuthorizationToken", "Resource": "*"},
            {"Action": ["secretsmanager:GetSecretValue"], "Resource": [ENVIRONMENT["AWS_SECRET_NAME"]]},
        ),
    },
    "aws_iam_role_policy_attachment.task": {"policy_arn": "arn:aws:iam::aws:policy/service-role/AmazonECSTaskRole"},
    "aws_sns_topic_policy.alerts": {
        "policy": policy(
            {"Principal": "*", "Action": "sns:Publish", "Resource": ALERTS, "Condition": {"StringEquals": {"a": "b"}}}
        ),
    },
}  # fmt: skip

WRITE_ONLY = {
    "aws_elasticache_replication_group.redis": {"auth_token_wo": {"references": ["ephemeral.secret"]}},
    "aws_db_instance.main": {"password_wo": {"references": ["ephemeral.secret"]}},
}
"""What stands in the configuration alone."""


def plan(changes: Mapping[str, Values] = {}, without: tuple[str, ...] = (), **more: Values) -> Values:
    """Give the plan that is right, with changes by address; a value of None takes the argument away."""
    resources = deepcopy(GOOD)
    for address, values in changes.items():
        resources[address] = {**resources.get(address, {}), **values}
    made = {
        address: {name: value for name, value in values.items() if value is not None}
        for address, values in resources.items()
        if address not in without
    }
    written = {address: {name: {"constant_value": one} for name, one in made[address].items()} for address in made}
    for address, expressions in more.get("written", WRITE_ONLY).items():
        written[address] |= expressions
    return as_json(made, written)


def as_json(resources: Mapping[str, Values], written: Mapping[str, Values]) -> Values:
    """Give resources as `terraform show -json` does."""
    bare = {address.split("[")[0] for address in resources}
    return {
        "planned_values": {"root_module": {"resources": [
            {"address": address, "mode": "managed", "type": address.split(".")[0], "values": values}
            for address, values in resources.items()
        ]}},
        "configuration": {"root_module": {"resources": [
            {"address": address, "expressions": written[address]} for address in written if address in bare
        ]}},
    }  # fmt: skip


def found(plan: Values) -> set[tuple[str, str]]:
    """Give what the rules find: rule and subject."""
    return {(finding.message.split(":")[0], finding.subject) for finding in check_plan(plan)}
