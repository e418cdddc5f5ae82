"""What AWS would call what is made: identifiers, ARNs, endpoints of the right shape, for an account that is nobody's.

ARN formats are those of AWS's Service Authorization Reference ("Resource types defined by ..."), the forms of addresses
those of the services' user guides. `{name}` stands for the attribute of that name, `{hex8}` for eight hexadecimal
digits, `{uuid}` for a UUID: both are the same each time for the same resource.
"""

ACCOUNT = "123456789012"
"""The account number of AWS's own examples."""

PARTITION = "aws"

IDS = {
    "aws_db_instance": "db-{HEX26}",
    "aws_ec2_managed_prefix_list": "pl-{hex17}",
    "aws_eip": "eipalloc-{hex17}",
    "aws_flow_log": "fl-{hex17}",
    "aws_internet_gateway": "igw-{hex17}",
    "aws_kms_key": "{uuid}",
    "aws_nat_gateway": "nat-{hex17}",
    "aws_network_acl": "acl-{hex17}",
    "aws_route_table": "rtb-{hex17}",
    "aws_route_table_association": "rtbassoc-{hex17}",
    "aws_security_group": "sg-{hex17}",
    "aws_subnet": "subnet-{hex17}",
    "aws_vpc": "vpc-{hex17}",
    "aws_vpc_endpoint": "vpce-{hex17}",
    "aws_vpc_security_group_egress_rule": "sgr-{hex17}",
    "aws_vpc_security_group_ingress_rule": "sgr-{hex17}",
    "aws_apigatewayv2_api": "{hex10}",
    "aws_apigatewayv2_authorizer": "{hex6}",
    "aws_apigatewayv2_integration": "{hex7}",
    "aws_apigatewayv2_route": "{hex7}",
    "aws_apigatewayv2_stage": "{name}",
    "aws_apigatewayv2_vpc_link": "{hex6}",
    "aws_cloudfront_distribution": "E{HEX13}",
    "aws_cloudfront_origin_access_control": "E{HEX13}",
    "aws_cloudfront_vpc_origin": "vo_{hex22}",
    "aws_elasticache_replication_group": "{replication_group_id}",
    "aws_s3_bucket": "{bucket}",
}
"""Where a resource has another identifier than its ARN or its name."""

ARNS = {
    "aws_acm_certificate": "acm:{region}:{account}:certificate/{uuid}",
    "aws_apigatewayv2_api": "apigateway:{region}::/apis/{id}",
    "aws_apigatewayv2_stage": "apigateway:{region}::/apis/{api_id}/stages/{name}",
    "aws_apigatewayv2_vpc_link": "apigateway:{region}::/vpclinks/{id}",
    "aws_backup_plan": "backup:{region}:{account}:backup-plan:{uuid}",
    "aws_backup_vault": "backup:{region}:{account}:backup-vault:{name}",
    "aws_cloudfront_distribution": "cloudfront::{account}:distribution/{id}",
    "aws_cloudfront_vpc_origin": "cloudfront::{account}:vpcorigin/{id}",
    "aws_cloudwatch_composite_alarm": "cloudwatch:{region}:{account}:alarm:{alarm_name}",
    "aws_cloudwatch_event_rule": "events:{region}:{account}:rule/{name}",
    "aws_cloudwatch_log_group": "logs:{region}:{account}:log-group:{name}",
    "aws_cloudwatch_metric_alarm": "cloudwatch:{region}:{account}:alarm:{alarm_name}",
    "aws_cloudwatch_dashboard": "cloudwatch::{account}:dashboard/{dashboard_name}",
    "aws_cloudwatch_log_delivery_source": "logs:{region}:{account}:delivery-source:{name}",
    "aws_cloudwatch_log_delivery_destination": "logs:{region}:{account}:delivery-destination:{name}",
    "aws_cloudwatch_log_delivery": "logs:{region}:{account}:delivery:{hex16}",
    "aws_codedeploy_app": "codedeploy:{region}:{account}:application:{name}",
    "aws_db_event_subscription": "rds:{region}:{account}:es:{name}",
    "aws_db_instance": "rds:{region}:{account}:db:{identifier}",
    "aws_db_parameter_group": "rds:{region}:{account}:pg:{name}",
    "aws_db_subnet_group": "rds:{region}:{account}:subgrp:{name}",
    "aws_ecr_repository": "ecr:{region}:{account}:repository/{name}",
    "aws_ecs_cluster": "ecs:{region}:{account}:cluster/{name}",
    "aws_ecs_service": "ecs:{region}:{account}:service/{hex8}/{name}",
    "aws_ecs_task_definition": "ecs:{region}:{account}:task-definition/{family}:{revision}",
    "aws_elasticache_parameter_group": "elasticache:{region}:{account}:parametergroup:{name}",
    "aws_elasticache_replication_group": "elasticache:{region}:{account}:replicationgroup:{replication_group_id}",
    "aws_elasticache_subnet_group": "elasticache:{region}:{account}:subnetgroup:{name}",
    "aws_flow_log": "ec2:{region}:{account}:vpc-flow-log/{id}",
    "aws_iam_policy": "iam::{account}:policy/{name}",
    "aws_iam_role": "iam::{account}:role/{name}",
    "aws_internet_gateway": "ec2:{region}:{account}:internet-gateway/{id}",
    "aws_kms_alias": "kms:{region}:{account}:{name}",
    "aws_kms_key": "kms:{region}:{account}:key/{id}",
    "aws_lb": "elasticloadbalancing:{region}:{account}:loadbalancer/{kind}/{name}/{hex16}",
    "aws_lb_listener": "elasticloadbalancing:{region}:{account}:listener/net/{hex6}/{hex16}/{hex12}",
    "aws_lb_listener_rule": "elasticloadbalancing:{region}:{account}:listener-rule/app/{hex6}/{hex16}/{hex12}",
    "aws_lb_target_group": "elasticloadbalancing:{region}:{account}:targetgroup/{name}/{hex16}",
    "aws_s3_bucket": "s3:::{bucket}",
    "aws_scheduler_schedule": "scheduler:{region}:{account}:schedule/default/{name}",
    "aws_scheduler_schedule_group": "scheduler:{region}:{account}:schedule-group/{name}",
    "aws_secretsmanager_secret": "secretsmanager:{region}:{account}:secret:{name}-{hex6}",
    "aws_security_group": "ec2:{region}:{account}:security-group/{id}",
    "aws_sns_topic": "sns:{region}:{account}:{name}",
    "aws_sns_topic_subscription": "sns:{region}:{account}:{hex6}:{uuid}",
    "aws_sqs_queue": "sqs:{region}:{account}:{name}",
    "aws_subnet": "ec2:{region}:{account}:subnet/{id}",
    "aws_vpc": "ec2:{region}:{account}:vpc/{id}",
    "aws_vpc_endpoint": "ec2:{region}:{account}:vpc-endpoint/{id}",
    "aws_wafv2_web_acl": "wafv2:{region}:{account}:regional/webacl/{name}/{uuid}",
}
"""After `arn:PARTITION:`."""

ID_IS_ARN = frozenset(
    {
        "aws_acm_certificate",
        "aws_ecs_cluster",
        "aws_ecs_service",
        "aws_iam_policy",
        "aws_lb",
        "aws_lb_listener",
        "aws_lb_listener_rule",
        "aws_lb_target_group",
        "aws_secretsmanager_secret",
        "aws_sns_topic",
        "aws_sns_topic_subscription",
    }
)

NAMES = ("name", "identifier", "family", "alarm_name", "dashboard_name", "bucket", "domain")
"""Attributes of which the first that is set is the identifier where nothing above says otherwise."""

ATTRIBUTES = {
    "aws_apigatewayv2_api": {"api_endpoint": "https://{id}.execute-api.{region}.amazonaws.com"},
    "aws_apigatewayv2_stage": {"invoke_url": "https://{api_id}.execute-api.{region}.amazonaws.com/"},
    "aws_cloudfront_distribution": {"domain_name": "{hex14}.cloudfront.net", "hosted_zone_id": "Z2FDTNDATAQYW2"},
    "aws_db_instance": {
        "address": "{identifier}.c{hex11}.{region}.rds.amazonaws.com",
        "endpoint": "{identifier}.c{hex11}.{region}.rds.amazonaws.com:5432",
        "resource_id": "db-{HEX26}",
        "engine": "postgres",
        "ca_cert_identifier": "rds-ca-rsa2048-g1",
        "status": "available",
    },
    "aws_ecr_repository": {
        "registry_id": "{account}",
        "repository_url": "{account}.dkr.ecr.{region}.amazonaws.com/{name}",
    },
    "aws_ecs_task_definition": {
        "arn_without_revision": "arn:aws:ecs:{region}:{account}:task-definition/{family}",
    },
    "aws_elasticache_replication_group": {
        "primary_endpoint_address": "master.{replication_group_id}.{hex6}.use1.cache.amazonaws.com",
        "reader_endpoint_address": "replica.{replication_group_id}.{hex6}.use1.cache.amazonaws.com",
        "configuration_endpoint_address": "clustercfg.{replication_group_id}.{hex6}.use1.cache.amazonaws.com",
        "snapshot_window": "05:00-06:00",
    },
    "aws_iam_role": {"unique_id": "AROA{HEX17}", "create_date": "2026-01-01T00:00:00Z"},
    "aws_kms_key": {"key_id": "{uuid}"},
    "aws_lb": {
        "arn_suffix": "{kind}/{name}/{hex16}",
        "dns_name": "{name}-{hex16}.elb.{region}.amazonaws.com",
        "zone_id": "Z26RNL4JYFTOTI",
    },
    "aws_lb_target_group": {"arn_suffix": "targetgroup/{name}/{hex16}"},
    "aws_s3_bucket": {
        "bucket_domain_name": "{bucket}.s3.amazonaws.com",
        "bucket_regional_domain_name": "{bucket}.s3.{region}.amazonaws.com",
    },
    "aws_secretsmanager_secret_version": {"version_id": "{uuid}", "secret_arn": "{secret_id}"},
    "aws_vpc_endpoint": {"prefix_list_id": "pl-63a5400a"},
}
"""What else is computed, and read by others."""

DATA = {
    "aws_caller_identity": {
        "account_id": "{account}",
        "arn": "arn:aws:iam::{account}:user/nobody",
        "id": "{account}",
        "user_id": "AIDA{HEX17}",
    },
    "aws_partition": {
        "partition": "aws",
        "id": "aws",
        "dns_suffix": "amazonaws.com",
        "reverse_dns_prefix": "com.amazonaws",
    },
    "aws_prefix_list": {"id": "pl-63a5400a", "prefix_list_id": "pl-63a5400a"},
    "aws_ec2_managed_prefix_list": {"id": "pl-3b927c52"},
    "aws_region": {
        "id": "{region}",
        "name": "{region}",
        "region": "{region}",
        "endpoint": "ec2.{region}.amazonaws.com",
        "description": "a region of the stand-in",
    },
}

ZONES = "abc"
"""Each region has three."""
