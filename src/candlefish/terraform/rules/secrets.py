"""Secrets, and what keeps data secret: write-only arguments, no plain variables, keys, retention."""

import re
from collections.abc import Iterator

from candlefish.results import Finding
from candlefish.terraform.rules.containers import all_containers, environment
from candlefish.terraform.rules.finding import doubtful, number, wrong
from candlefish.terraform.rules.planned import Planned
from candlefish.terraform.rules.rule import Rule
from candlefish.terraform.rules.written import constant

PLAIN = {
    "aws_db_instance": ("password",),
    "aws_rds_cluster": ("master_password",),
    "aws_elasticache_replication_group": ("auth_token",),
    "aws_elasticache_user": ("passwords",),
    "aws_secretsmanager_secret_version": ("secret_string", "secret_binary"),
    "aws_ssm_parameter": ("value",),
}
"""Arguments whose value would stand in the plan and in the state."""

WRITE_ONLY = {
    "aws_db_instance": "password_wo",
    "aws_elasticache_replication_group": "auth_token_wo",
    "aws_secretsmanager_secret_version": "secret_string_wo",
}

RECOVERY_DAYS = (7, 30)

_SECRET_NAME = re.compile(r"PASSW|TOKEN|SECRET|PRIVATE_KEY|API_?KEY|CREDENTIAL", re.IGNORECASE)
_NO_SECRET = re.compile(r"_(ARN|NAME|FILE|ID|S|DAYS|VERSION)$", re.IGNORECASE)
_IN_URL = re.compile(r"://[^/@\s:]+:[^/@\s]+@")


def check_arguments(planned: Planned) -> Iterator[Finding]:
    """Find secrets in arguments that plan and state keep."""
    for kind, arguments in PLAIN.items():
        for resource in planned.of(kind):
            for argument in arguments:
                if resource.is_given(argument) and (
                    kind != "aws_ssm_parameter" or resource.get("type") == "SecureString"
                ):
                    hint = WRITE_ONLY.get(kind) or f"{argument}_wo"
                    yield wrong(resource, argument, "a secret that plan and state would hold", f"use {hint}")
    for kind, argument in WRITE_ONLY.items():
        for resource in planned.of(kind):
            if isinstance(constant(resource.written.get(argument)), str):
                yield wrong(
                    resource, argument, "a secret that stands in the module itself", "use an ephemeral resource"
                )


def check_environment(planned: Planned) -> Iterator[Finding]:
    """Find secrets in plain variables of containers, which whoever sees the task definition reads."""
    for task, container in all_containers(planned):
        for name, value in environment(container).items():
            named = _SECRET_NAME.search(name) and not _NO_SECRET.search(name) and not value.startswith("arn:")
            if value and (named or _IN_URL.search(value)):
                message = f"container {container.get('name')}: {name} is a plain variable"
                yield wrong(task, f'environment["{name}"]', message, "use secrets with valueFrom, or a role")


def check_keys(planned: Planned) -> Iterator[Finding]:
    """Find secrets and keys that are kept less well than they could be."""
    for secret in planned.of("aws_secretsmanager_secret"):
        if not secret.is_given("kms_key_id"):
            yield doubtful(secret, "kms_key_id", "missing: AWS's own key, which can't be limited or taken away")
        days = number(secret.get("recovery_window_in_days"))
        if days and not RECOVERY_DAYS[0] <= days <= RECOVERY_DAYS[1]:
            yield wrong(secret, "recovery_window_in_days", f"{days:g}: 0, or from 7 to 30 days")
    for key in planned.of("aws_kms_key"):
        if key.get("enable_key_rotation") is not True:
            yield doubtful(key, "enable_key_rotation", "off: one key for ever", "true")
        days = number(key.get("deletion_window_in_days"))
        if days is not None and not RECOVERY_DAYS[0] <= days <= RECOVERY_DAYS[1]:
            yield wrong(key, "deletion_window_in_days", f"{days:g}: from 7 to 30 days")


def check_logs(planned: Planned) -> Iterator[Finding]:
    """Find logs that are kept for ever, or with AWS's own key."""
    for group in planned.of("aws_cloudwatch_log_group"):
        if not group.get("retention_in_days"):
            yield doubtful(group, "retention_in_days", "missing: kept, and charged, for ever")
        if not group.is_given("kms_key_id"):
            yield doubtful(group, "kms_key_id", "missing: statements and addresses are in it, under AWS's own key")


RULES = (
    Rule(
        "secret-argument",
        "Terraform, 'Use write-only arguments' (kept in no plan and no state); docs of the provider: password_wo, "
        "auth_token_wo, secret_string_wo",
        check_arguments,
    ),
    Rule(
        "secret-environment",
        "ECS API, ContainerDefinition (environment: no sensitive information, such as credentials)",
        check_environment,
    ),
    Rule(
        "keys",
        "Secrets Manager API, CreateSecret (KmsKeyId) and DeleteSecret (7 to 30 days); KMS API, ScheduleKeyDeletion "
        "(7 to 30 days); AWS KMS, 'Rotate AWS KMS keys'",
        check_keys,
    ),
    Rule(
        "logs",
        "CloudWatch Logs API, PutRetentionPolicy (never, by default); 'Encrypt log data in CloudWatch Logs using AWS "
        "KMS'",
        check_logs,
    ),
)
