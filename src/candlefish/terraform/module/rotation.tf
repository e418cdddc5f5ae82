# New passwords and a new cache token on a schedule, and the database's roles once: tasks of the pooler's image, which
# has both as commands. The application's two users take turns, so that nobody is logged out.

resource "aws_cloudwatch_log_group" "roles" {
  name              = "/ecs/${var.name}/roles"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.main.arn
}

resource "aws_ecs_task_definition" "roles" {
  family                   = "${var.name}-roles"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.pgbouncer_cpu
  memory                   = var.pgbouncer_memory
  execution_role_arn       = aws_iam_role.ecs_execution.arn
  task_role_arn            = aws_iam_role.roles.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = upper(var.architecture)
  }

  volume {
    name = "run"
  }

  container_definitions = jsonencode([merge(local.pgbouncer_container, {
    name    = "roles"
    command = ["rotate"]

    environment = [for name, value in merge(local.pgbouncer_environment, {
      AWS_ADMIN_SECRET_NAME      = aws_secretsmanager_secret.this["admin"].arn
      AWS_REDIS_SECRET_NAME      = aws_secretsmanager_secret.this["redis"].arn
      REDIS_REPLICATION_GROUP_ID = aws_elasticache_replication_group.redis.replication_group_id
    }) : { name = name, value = value }]

    logConfiguration = {
      logDriver = "awslogs"
      options   = merge(local.pgbouncer_log_options, { awslogs-group = aws_cloudwatch_log_group.roles.name })
    }
  })])
}

# What a rotation may do: prepare, prove and promote the versions of three secrets, and hand the cache its token. The
# one of the monitoring user is read by `bootstrap` and not replaced: it is one user, of whom PgBouncer knows one
# password, so whoever looks at its console would be refused until each task has read the new one.
resource "aws_iam_role" "roles" {
  name               = "${var.name}-roles"
  assume_role_policy = data.aws_iam_policy_document.ecs_trust.json
}

data "aws_iam_policy_document" "roles" {
  statement {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = [for secret in aws_secretsmanager_secret.this : secret.arn]
  }

  statement {
    sid       = "ReplaceSecrets"
    actions   = ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    resources = [for name in ["admin", "app", "redis"] : aws_secretsmanager_secret.this[name].arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [aws_kms_key.main.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${var.region}.amazonaws.com"]
    }
  }

  statement {
    sid       = "Cache"
    actions   = ["elasticache:DescribeReplicationGroups", "elasticache:ModifyReplicationGroup"]
    resources = [aws_elasticache_replication_group.redis.arn]
  }
}

resource "aws_iam_role_policy" "roles" {
  name   = "rotate-secrets"
  role   = aws_iam_role.roles.id
  policy = data.aws_iam_policy_document.roles.json
}

# A cron expression, because a schedule that says rate(...) begins with a run at once: before there is an image, and
# before the database has its roles (EventBridge Scheduler, "Schedule types": rate-based schedules without a start date).
resource "aws_scheduler_schedule" "rotation" {
  name                         = "${var.name}-rotation"
  description                  = "New passwords and a new cache token, at least every ${var.rotation_days} days"
  schedule_expression          = var.rotation_schedule
  schedule_expression_timezone = "UTC"
  kms_key_arn                  = aws_kms_key.main.arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_ecs_cluster.main.arn
    role_arn = aws_iam_role.schedule.arn

    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.roles.arn
      launch_type         = "FARGATE"

      network_configuration {
        subnets          = local.private_subnet_ids
        security_groups  = [aws_security_group.this["roles"].id]
        assign_public_ip = false
      }
    }

    retry_policy {
      maximum_retry_attempts       = 10    # with growing pauses; the default of 185 lasts a day
      maximum_event_age_in_seconds = 10800 # 3 hours: then somebody is told
    }

    dead_letter_config {
      arn = aws_sqs_queue.rotation.arn
    }
  }
}

# What the schedule could not start; an alarm looks at it.
resource "aws_sqs_queue" "rotation" {
  name                      = "${var.name}-rotation-not-started"
  sqs_managed_sse_enabled   = true
  message_retention_seconds = 1209600 # 14 days, the most that SQS keeps
}

data "aws_iam_policy_document" "schedule_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "schedule" {
  name               = "${var.name}-rotation-schedule"
  assume_role_policy = data.aws_iam_policy_document.schedule_trust.json
}

data "aws_iam_policy_document" "schedule" {
  statement {
    sid       = "Run"
    actions   = ["ecs:RunTask"]
    resources = ["${aws_ecs_task_definition.roles.arn_without_revision}:*"]

    condition {
      test     = "ArnEquals"
      variable = "ecs:cluster"
      values   = [aws_ecs_cluster.main.arn]
    }
  }

  statement {
    sid       = "HandOnRoles"
    actions   = ["iam:PassRole"]
    resources = [aws_iam_role.ecs_execution.arn, aws_iam_role.roles.arn]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["ecs-tasks.amazonaws.com"]
    }
  }

  statement {
    sid       = "TellFailures"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.rotation.arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.main.arn]
  }
}

resource "aws_iam_role_policy" "schedule" {
  name   = "run-rotation"
  role   = aws_iam_role.schedule.id
  policy = data.aws_iam_policy_document.schedule.json
}
