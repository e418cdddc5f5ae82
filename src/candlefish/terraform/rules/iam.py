"""IAM: what a role may do, on what, and who may become it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from candlefish.results import Finding
from candlefish.terraform.rules.finding import doubtful, wrong
from candlefish.terraform.rules.planned import Planned, Resource
from candlefish.terraform.rules.policies import Statement, statements
from candlefish.terraform.rules.rule import Rule

OF_IDENTITIES = ("aws_iam_role_policy", "aws_iam_policy", "aws_iam_user_policy", "aws_iam_group_policy")
OF_RESOURCES = (
    "aws_ecr_repository_policy", "aws_s3_bucket_policy", "aws_secretsmanager_secret_policy", "aws_sns_topic_policy",
    "aws_sqs_queue_policy", "aws_kms_key", "aws_vpc_endpoint",
)  # fmt: skip

WITHOUT_RESOURCE = (
    "cloudwatch:GetMetricData", "cloudwatch:ListMetrics", "cloudwatch:PutMetricData", "ec2:Describe*",
    "ecr:GetAuthorizationToken", "elasticloadbalancing:Describe*", "kms:ListAliases", "logs:DescribeLogGroups",
    "secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets", "ssmmessages:*", "sts:GetCallerIdentity",
    "xray:PutTelemetryRecords", "xray:PutTraceSegments",
)  # fmt: skip
"""Actions that know no resource, so that "*" is the only thing to write."""

BROAD_MANAGED = ("AdministratorAccess", "PowerUserAccess", "FullAccess")


def check_actions(planned: Planned) -> Iterator[Finding]:
    """Find roles that may do everything, of all or of one service."""
    for policy in planned.of(*OF_IDENTITIES):
        for statement in _allowed(planned, policy, "policy"):
            for action in statement.actions:
                if action == "*" or action.endswith(":*"):
                    yield wrong(policy, "policy", f"{_named(statement)}: {action}", "name the actions")
    for attachment in planned.of("aws_iam_role_policy_attachment"):
        name = str(attachment.get("policy_arn") or "").rsplit("/", 1)[-1]
        if name.endswith(BROAD_MANAGED):
            yield wrong(attachment, "policy_arn", f"{name} allows far more than a tier needs", "name the actions")


def check_resources(planned: Planned) -> Iterator[Finding]:
    """Find roles that may do something to everything, where one thing could be named."""
    for policy in planned.of(*OF_IDENTITIES):
        for statement in _allowed(planned, policy, "policy"):
            if "*" not in statement.resources:
                continue
            for action in statement.actions:
                if action != "?" and not any(fnmatchcase(action, known) for known in WITHOUT_RESOURCE):
                    message = f'{_named(statement)}: {action} on "*"'
                    yield wrong(policy, "policy", message, "name the resource")


def check_principals(planned: Planned) -> Iterator[Finding]:
    """Find roles that anybody may take, and things that anybody may use."""
    for role in planned.of("aws_iam_role"):
        for statement in _allowed(planned, role, "assume_role_policy"):
            if "*" in statement.principals:
                yield wrong(role, "assume_role_policy", f"{_named(statement)}: anybody may take the role")
    for resource in planned.of(*OF_RESOURCES):
        for statement in _allowed(planned, resource, "policy"):
            anybody = "*" in statement.principals and not statement.conditional
            if anybody and resource.type != "aws_vpc_endpoint":
                yield wrong(resource, "policy", f"{_named(statement)}: anybody, without a condition")
            elif anybody and "*" in statement.resources:
                message = f"{_named(statement)}: any account's principals may reach anything through it"
                yield doubtful(resource, "policy", message)


def _allowed(planned: Planned, resource: Resource, argument: str) -> Iterator[Statement]:
    return (one for one in statements(planned, resource, argument) if one.allows)


def _named(statement: Statement) -> str:
    return f"statement {statement.sid}" if statement.sid else "a statement"


RULES = (
    Rule("iam-action", "IAM User Guide, 'Security best practices in IAM' (apply least-privilege permissions)",
         check_actions),
    Rule(
        "iam-resource",
        "Service Authorization Reference, 'Actions, resources, and condition keys' (resource types of each action)",
        check_resources,
    ),
    Rule("iam-principal", "IAM User Guide, 'AWS JSON policy elements: Principal' (avoid *)", check_principals),
)  # fmt: skip
