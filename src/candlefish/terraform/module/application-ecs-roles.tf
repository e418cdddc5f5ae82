# Who may do what for the application: ECS itself (images, logs, secrets), its deployments (the listener's rules), the
# schedule that renews tasks, and each service's own code, which gets nothing here.

resource "aws_iam_role" "application" {
  for_each = var.application_services

  name               = "${var.name}-app-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.ecs_trust.json
}

resource "aws_iam_role" "application_execution" {
  name               = "${var.name}-application-execution"
  assume_role_policy = data.aws_iam_policy_document.ecs_trust.json
}

data "aws_iam_policy_document" "application_execution" {
  statement {
    sid       = "Login"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # the action knows no resource (AWS, "Actions, resources, and condition keys for Amazon ECR")
  }

  statement {
    sid       = "Images"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [for repository in aws_ecr_repository.application : repository.arn]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [for group in aws_cloudwatch_log_group.application : "${group.arn}:*"]
  }

  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for name in ["app", "redis"] : aws_secretsmanager_secret.this[name].arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.main.arn]
  }
}

resource "aws_iam_role_policy" "application_execution" {
  name   = "start-tasks"
  role   = aws_iam_role.application_execution.id
  policy = data.aws_iam_policy_document.application_execution.json
}

# As AWS gives it, without a condition ("Amazon ECS infrastructure IAM role for load balancers").
data "aws_iam_policy_document" "application_deployment_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "application_deployment" {
  name               = "${var.name}-application-deployment"
  assume_role_policy = data.aws_iam_policy_document.application_deployment_trust.json
}

# AWS's own AmazonECSInfrastructureRolePolicyForLoadBalancers, for this load balancer instead of every one.
data "aws_iam_policy_document" "application_deployment" {
  statement {
    sid = "Look"
    actions = [
      "elasticloadbalancing:DescribeListeners",
      "elasticloadbalancing:DescribeRules",
      "elasticloadbalancing:DescribeTargetGroups",
      "elasticloadbalancing:DescribeTargetHealth",
    ]
    resources = ["*"] # Describe actions know no resource
  }

  statement {
    sid       = "Targets"
    actions   = ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]
    resources = [for group in aws_lb_target_group.application : group.arn]
  }

  statement {
    sid       = "Traffic"
    actions   = ["elasticloadbalancing:ModifyRule"]
    resources = [for rule in aws_lb_listener_rule.application : rule.arn]
  }
}

resource "aws_iam_role_policy" "application_deployment" {
  name   = "move-traffic"
  role   = aws_iam_role.application_deployment.id
  policy = data.aws_iam_policy_document.application_deployment.json
}

# ECS hands secrets to a container when it starts. Of the two users that alternate, the one before stays valid until the
# next rotation: tasks that are renewed after each rotation never hold a password that is gone.
locals {
  rotation_clock = regex("^cron\\((\\d+) (\\d+) (.+)\\)$", var.rotation_schedule)

  # Four hours later, on the same day: a rotation that can't be started is given up after three.
  renewal_hour     = tonumber(local.rotation_clock[1]) + 4
  renewal_schedule = "cron(${local.rotation_clock[0]} ${local.renewal_hour} ${local.rotation_clock[2]})"
}

resource "aws_iam_role" "application_renewal" {
  name               = "${var.name}-application-renewal"
  assume_role_policy = data.aws_iam_policy_document.schedule_trust.json
}

data "aws_iam_policy_document" "application_renewal" {
  statement {
    sid       = "Renew"
    actions   = ["ecs:UpdateService"]
    resources = [for service in aws_ecs_service.application : service.arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"] # of the schedule's own text
    resources = [aws_kms_key.main.arn]
  }
}

resource "aws_iam_role_policy" "application_renewal" {
  name   = "renew-tasks"
  role   = aws_iam_role.application_renewal.id
  policy = data.aws_iam_policy_document.application_renewal.json
}

resource "aws_scheduler_schedule" "application_renewal" {
  for_each = aws_ecs_service.application

  name                         = "${var.name}-renew-${each.key}"
  description                  = "New tasks of ${each.key}, which read the secrets anew"
  schedule_expression          = local.renewal_schedule
  schedule_expression_timezone = "UTC"
  kms_key_arn                  = aws_kms_key.main.arn

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 30 # so that not all services double at once
  }

  target {
    arn      = "arn:${data.aws_partition.current.partition}:scheduler:::aws-sdk:ecs:updateService"
    role_arn = aws_iam_role.application_renewal.arn

    input = jsonencode({
      Cluster            = aws_ecs_cluster.main.name
      Service            = each.value.name
      ForceNewDeployment = true
    })
  }

  lifecycle {
    precondition {
      condition     = local.renewal_hour <= 23
      error_message = "The rotation must begin before 20:00 UTC: tasks are renewed four hours later, on the same day."
    }
  }
}
