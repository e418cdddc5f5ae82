"""The mistakes that the proof has to find, by the step that finds them; those of our own rules are beside."""

from tests.standin.mistake import (
    CACHE,
    NETWORK,
    POOLER,
    RDS,
    ROTATION,
    SECRETS,
    SEEDED_SECRET,
    VALUES,
    WATCH,
    Mistake,
    value,
)
from tests.standin.mistakes_by_rule import BY_RULE

IN_TEXT = (
    Mistake("wrong argument", "text", "unknown-argument", RDS, r"multi_az ( *)=", r"multi_azz\1="),
    Mistake("wrong block", "text", "unknown-argument", POOLER, "deployment_circuit_breaker {",
            "deployment_circuit_braker {"),
    Mistake("argument of version 4", "text", "unknown-argument", CACHE, "num_cache_clusters ",
            "number_cache_clusters "),
    Mistake("missing required argument", "text", "missing-argument", POOLER, r"^  family +=.*\n", ""),
    Mistake("missing required block", "text", "missing-block", ROTATION, r"^  flexible_time_window {\n.*\n  }\n", ""),
    Mistake("type that there is not", "text", "unknown-type", CACHE, '"aws_elasticache_subnet_group"',
            '"aws_elasticache_subnets"'),
    Mistake("what AWS sets", "text", "set-by-aws", RDS, r'^(resource "aws_db_instance" "main" {\n)',
            r'\1  endpoint = "here:5432"\n'),
    Mistake("wrong type", "text", "wrong-type", RDS, "monitoring_interval ( *)= 60",
            r'monitoring_interval \1= "often"'),
    Mistake("dead reference", "text", "undeclared-reference", SECRETS, r"aws_kms_key\.main\.key_id",
            "aws_kms_key.mian.key_id"),
    Mistake("attribute that there is not", "text", "unknown-attribute", SECRETS, r"aws_kms_key\.main\.key_id",
            "aws_kms_key.main.key"),
    Mistake("one of several, unsaid which", "text", "missing-index", POOLER,
            r'aws_security_group\.this\["pgbouncer"\]\.id', "aws_security_group.this.id"),
    Mistake("each without for_each", "text", "repeat-without-reason", SECRETS, r'"alias/\$\{var\.name\}"', "each.key"),
    Mistake("unused variable", "text", "unused-variable", "variables.tf", r"\Z",
            'variable "spare" {\n  description = "Nobody reads it."\n  type        = string\n  default     = ""\n}\n'),
    Mistake("tags left out", "text", "unused-variable", "versions.tf", r"^  default_tags {\n.*\n  }\n", ""),
    Mistake("unused data source", "text", "unused-data", NETWORK, r"\Z", 'data "aws_region" "here" {}\n'),
    Mistake("unused ephemeral resource", "text", "unused-ephemeral", SECRETS, r"\Z",
            'ephemeral "aws_secretsmanager_random_password" "spare" {}\n'),
    Mistake("variable without a description", "text", "undescribed", "variables.tf", r"^  description =.*\n", ""),
    Mistake("value of no variable", "text", "value-without-variable", VALUES, r"^multi_az ", "multi_azs "),
    Mistake("variable without a value", "text", "variable-without-value", VALUES, r"^replica_count .*\n", ""),
    Mistake("output that says nothing", "text", "useless-output", "outputs.tf", r"\Z",
            'output "hello" {\n  description = "A word."\n  value       = "hello"\n}\n'),
    Mistake("provider of another major version", "text", "provider-version", "versions.tf", r'"~> 6[^"]*"', '"~> 5.0"'),
    Mistake("resource declared twice", "text", "declared-twice", NETWORK, r"\Z",
            'resource "aws_kms_alias" "main" {\n  target_key_id = local.vpc_id\n}\n'),
)  # fmt: skip
"""Found without any Terraform."""

BY_FORMAT = (
    Mistake("equals signs out of line", "format", "engine_version", RDS, r"^  engine         =", "  engine ="),
)

BY_VALIDATE = (
    Mistake("secret into the state", "validate", "Invalid use of ephemeral value", RDS,
            r"password_wo         = .*\n  password_wo_version = .*",
            'password = jsondecode(ephemeral.aws_secretsmanager_secret_version.admin.secret_string)["password"]'),
    Mistake("secret into an output", "validate", "Ephemeral value not allowed", "outputs.tf", r"\Z",
            'output "token" {\n  description = "The token."\n'
            "  value = ephemeral.aws_secretsmanager_random_password.redis.random_password\n}\n"),
    Mistake("write-only argument without its version", "validate", "password_wo_version", RDS,
            r"^  password_wo_version = .*\n", ""),
    Mistake("final snapshot without a name", "validate", "final_snapshot_identifier", RDS,
            r"^  skip_final_snapshot       = .*\n  final_snapshot_identifier = .*\n",
            "  skip_final_snapshot = false\n"),
    Mistake("function that there is not", "validate", "Call to unknown function", POOLER, r"upper\(", "uppercase("),
    Mistake("circle of references", "validate", "Cycle", SECRETS, r"^(  enable_key_rotation +=).*",
            r"\1 aws_kms_alias.main.name == var.name"),
)  # fmt: skip

BY_PLAN = (
    Mistake("IOPS on a small gp3 volume", "plan", "gp3 below 400 GB always has 3,000 IOPS",
            *value("storage_iops", "6000")),
    Mistake("token without TLS", "plan", "needs transit_encryption_enabled", CACHE, "transit_encryption_enabled = true",
            "transit_encryption_enabled = false"),
    Mistake("failover with one node", "plan", "must be at least 2", CACHE, r": var\.cache_nodes_per_shard\n", ": 1\n"),
    Mistake("one zone", "plan", "need subnets in two zones", *value("zones", "1")),
    Mistake("three numbers in a cache version", "plan", "takes major and minor",
            *value("cache_engine_version", '"7.1.0"')),
    Mistake("family of another version", "plan", "family is the engine and its major version",
            *value("cache_parameter_family", '"redis6"')),
    Mistake("asks later than the load balancer forgets", "plan", "before the load balancer forgets",
            *value("tcp_keepidle", '"600"')),
    Mistake("backups off with replicas", "plan", "RDS makes read replicas from a backup",
            *value("backup_retention_days", "0")),
    Mistake("replica count in words", "plan", "a number is required", *value("replica_count", '"two"')),
    Mistake("address block too small", "plan", "Error in function call", *value("vpc_cidr", '"10.20.0.0/30"')),
)  # fmt: skip

BY_APPLY = (
    Mistake("token that is too short", "apply", "16 to 128", SECRETS, "password_length     = 64",
            "password_length     = 8"),
)  # fmt: skip

BY_TEST = (
    Mistake("clients cut off by the load balancer", "test", "connections_are_kept_open", POOLER,
            "connection_termination = false", "connection_termination = true", "tests/pgbouncer-ecs.tftest.hcl"),
)  # fmt: skip

BY_CHECKOV = (
    Mistake("image that can be replaced", "checkov", "CKV_AWS_51", POOLER, '"IMMUTABLE"', '"MUTABLE"',
            "aws_ecr_repository.pgbouncer"),
    Mistake("image that nobody scans", "checkov", "CKV_AWS_163", POOLER, "scan_on_push = true", "scan_on_push = false",
            "aws_ecr_repository.pgbouncer"),
    Mistake("replica that is not updated", "checkov", "CKV_AWS_226", RDS,
            r"(?s)(auto_minor_version_upgrade +=) true(.*auto_minor_version_upgrade +=) true", r"\1 true\2 false",
            "aws_db_instance.replica"),
)  # fmt: skip

BY_SEARCH = (
    Mistake("secret in a plain argument", "secrets", "terraform.tfstate", SECRETS, r"\Z",
            'resource "aws_secretsmanager_secret_version" "spare" {\n'
            '  secret_id     = aws_secretsmanager_secret.this["monitor"].id\n'
            f'  secret_string = "{SEEDED_SECRET}"\n}}\n', "aws_secretsmanager_secret_version.spare.secret_string"),
)  # fmt: skip

BY_SECOND_PLAN = (
    Mistake("text that changes by itself", "second-plan", "alarm_description", WATCH,
            r"alarm_description   = each\.value\.reason", 'alarm_description = "${each.value.reason}, ${timestamp()}"'),
)  # fmt: skip

MISTAKES = (
    *IN_TEXT, *BY_FORMAT, *BY_VALIDATE, *BY_PLAN, *BY_APPLY, *BY_RULE, *BY_TEST, *BY_CHECKOV, *BY_SEARCH,
    *BY_SECOND_PLAN,
)  # fmt: skip
