import pytest
from tests.unit.terraform.rules.fragments import Values, container, found, plan, policy

TASK, POLICY = "aws_ecs_task_definition.pgbouncer", "aws_iam_role_policy.task"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tier/app-AbCdEf"


@pytest.mark.parametrize(
    ("address", "changes", "rule", "argument"),
    [
        ("aws_db_instance.main", {"password": "0123456789abcdef"}, "secret-argument", "password"),
        ("aws_elasticache_replication_group.redis", {"auth_token": "0123456789abcdef"}, "secret-argument",
         "auth_token"),
        ("aws_secretsmanager_secret_version.app", {"secret_string": "{}"}, "secret-argument", "secret_string"),
        ("aws_ssm_parameter.app", {"type": "SecureString", "value": "x"}, "secret-argument", "value"),
        (TASK, {"container_definitions": container({"DB_PASSWORD": "x"})}, "secret-environment",
         'environment["DB_PASSWORD"]'),
        (TASK, {"container_definitions": container({"REDIS_AUTH_TOKEN": "x"})}, "secret-environment",
         'environment["REDIS_AUTH_TOKEN"]'),
        (TASK, {"container_definitions": container({"MAIN": "postgresql://a:b@host/db"})}, "secret-environment",
         'environment["MAIN"]'),
        ("aws_secretsmanager_secret.app", {"kms_key_id": None}, "keys", "kms_key_id"),
        ("aws_secretsmanager_secret.app", {"recovery_window_in_days": 3}, "keys", "recovery_window_in_days"),
        ("aws_kms_key.main", {"enable_key_rotation": None}, "keys", "enable_key_rotation"),
        ("aws_kms_key.main", {"deletion_window_in_days": 60}, "keys", "deletion_window_in_days"),
        ("aws_cloudwatch_log_group.app", {"retention_in_days": 0}, "logs", "retention_in_days"),
        ("aws_cloudwatch_log_group.app", {"kms_key_id": None}, "logs", "kms_key_id"),
        (POLICY, {"policy": policy({"Action": "*", "Resource": SECRET})}, "iam-action", "policy"),
        (POLICY, {"policy": policy({"Action": ["secretsmanager:*"], "Resource": SECRET})}, "iam-action", "policy"),
        (POLICY, {"policy": policy({"Action": "secretsmanager:GetSecretValue", "Resource": "*"})}, "iam-resource",
         "policy"),
        (POLICY, {"policy": policy({"NotAction": "iam:*", "Resource": SECRET})}, "iam-action", "policy"),
        ("aws_iam_role_policy_attachment.task", {"policy_arn": "arn:aws:iam::aws:policy/AmazonRDSFullAccess"},
         "iam-action", "policy_arn"),
        ("aws_iam_role.task", {"assume_role_policy": policy({"Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})},
         "iam-principal", "assume_role_policy"),
        ("aws_sns_topic_policy.alerts", {"policy": policy({"Principal": "*", "Action": "sns:*", "Resource": "a"})},
         "iam-principal", "policy"),
        ("aws_vpc_endpoint.logs", {"policy": policy({"Principal": "*", "Action": "*", "Resource": "*"})},
         "iam-principal", "policy"),
    ],
)  # fmt: skip
def test_a_mistake_is_found(address: str, changes: Values, rule: str, argument: str) -> None:
    assert found(plan({address: changes})) == {(rule, f"{address}.{argument}")}


@pytest.mark.parametrize(
    ("address", "changes"),
    [
        ("aws_secretsmanager_secret_version.app", {"secret_string_wo_version": 1}),
        ("aws_ssm_parameter.app", {"type": "String", "value": "x"}),
        (TASK, {"container_definitions": container({"DB_PASSWORD_FILE": "/run/secrets/password"})}),
        (TASK, {"container_definitions": container({"APP_TOKEN": SECRET})}),
        (TASK, {"container_definitions": container({"REDIS_URL": "rediss://host:6379/0"})}),
        ("aws_secretsmanager_secret.app", {"recovery_window_in_days": 0}),
        (POLICY, {"policy": policy({"Effect": "Deny", "Action": "*", "Resource": "*"})}),
        (POLICY, {"policy": policy({"Action": "cloudwatch:PutMetricData", "Resource": "*"})}),
        ("aws_kms_key.main", {"policy": policy({"Principal": {"Service": "logs.amazonaws.com"}, "Action": "kms:Decrypt",
                                                "Resource": "*"})}),
    ],
)  # fmt: skip
def test_what_is_kept_well_is_let_through(address: str, changes: Values) -> None:
    assert found(plan({address: changes})) == set()


def test_a_secret_is_never_in_the_finding() -> None:
    from candlefish.terraform.rules import check_plan

    shown = check_plan(plan({TASK: {"container_definitions": container({"DB_PASSWORD": "hunter2-hunter2"})}}))
    assert shown
    assert "hunter2" not in str(shown)


def test_a_policy_that_names_unknown_arns_is_read_from_its_document() -> None:
    unknown = plan({POLICY: {"policy": None}})
    document = "data.aws_iam_policy_document.task"
    resources = unknown["configuration"]["root_module"]["resources"]
    (own,) = (one for one in resources if one["address"] == POLICY)
    own["expressions"]["policy"] = {"references": [f"{document}.json", document]}
    statement = {
        "actions": {"constant_value": ["kms:Decrypt", "kms:*"]},
        "resources": {"references": ["aws_kms_key.main.arn", "aws_kms_key.main"]},
    }
    resources.append({"address": document, "expressions": {"statement": [statement]}})
    assert found(unknown) == {("iam-action", f"{POLICY}.policy")}
    statement["actions"] = {"constant_value": ["kms:Decrypt"]}
    assert found(unknown) == set()
    statement["resources"] = {"constant_value": ["*"]}
    assert found(unknown) == {("iam-resource", f"{POLICY}.policy")}
