# The application: a Fargate service for each part of it, in private subnets, reached through the load balancer alone.
# A new version starts beside the old one, takes all traffic, is watched, and only then the old one goes (blue/green by
# ECS itself); an alarm on the way brings the old one back.

resource "aws_ecr_repository" "application" {
  for_each = var.application_services

  name                 = "${var.name}/${each.key}"
  image_tag_mutability = "IMMUTABLE" # a version that was rolled back to is the version that ran
  force_delete         = !var.deletion_protection

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.main.arn
  }
}

resource "aws_ecr_lifecycle_policy" "application" {
  for_each = aws_ecr_repository.application

  repository = each.value.name
  policy     = aws_ecr_lifecycle_policy.pgbouncer.policy
}

resource "aws_cloudwatch_log_group" "application" {
  for_each = var.application_services

  name              = "/ecs/${var.name}/${each.key}"
  kms_key_id        = aws_kms_key.main.arn
  retention_in_days = var.log_retention_days
}

resource "aws_ecs_task_definition" "application" {
  for_each = var.application_services

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.application_size.cpu_units
  memory                   = var.application_size.memory_mib
  execution_role_arn       = aws_iam_role.application_execution.arn
  task_role_arn            = aws_iam_role.application[each.key].arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = upper(var.architecture)
  }

  container_definitions = jsonencode([{
    name                   = each.key
    image                  = "${aws_ecr_repository.application[each.key].repository_url}:${lookup(var.application_image_tags, each.key, "1")}"
    essential              = true
    readonlyRootFilesystem = true
    stopTimeout            = 60 # seconds: 30 in which the load balancer lets requests end, and as many to close what is open
    portMappings           = [{ containerPort = var.application_port, protocol = "tcp" }]

    linuxParameters = {
      initProcessEnabled = true
      capabilities       = { drop = ["ALL"] }

      # In memory, for every user: a volume would be root's alone (containers-roadmap, issue 938). On Fargate since
      # 6 Jan 2026 (AWS, "Amazon ECS now supports tmpfs mounts on AWS Fargate").
      tmpfs = [{ containerPath = "/tmp", size = 64, mountOptions = ["nodev", "noexec", "nosuid"] }] # MiB of the task's memory
    }

    environment = [
      for name, value in local.application_environment : { name = name, value = value }
    ]

    secrets = [
      for name, key in local.application_secrets : { name = name, valueFrom = key }
    ]

    logConfiguration = {
      logDriver = "awslogs"
      options   = merge(local.pgbouncer_log_options, { awslogs-group = aws_cloudwatch_log_group.application[each.key].name })
    }
  }])
}

locals {
  # URLs are put together by the application: a whole URL would carry the password in plain sight of the task definition.
  application_environment = {
    CANDLEFISH_DATABASE = aws_db_instance.main.db_name
    PORT                = tostring(var.application_port)
    PGBOUNCER_HOST      = aws_lb.pgbouncer.dns_name
    PGBOUNCER_PORT      = tostring(aws_lb_listener.pgbouncer.port)
    REDIS_ENDPOINT      = local.redis_endpoint
  }

  application_secrets = {
    DB_USERNAME      = "${aws_secretsmanager_secret.this["app"].arn}:username::"
    DB_PASSWORD      = "${aws_secretsmanager_secret.this["app"].arn}:password::"
    REDIS_AUTH_TOKEN = "${aws_secretsmanager_secret.this["redis"].arn}:auth_token::"
  }
}

resource "aws_ecs_service" "application" {
  for_each = var.application_services

  name            = each.key
  cluster         = aws_ecs_cluster.main.id
  task_definition = aws_ecs_task_definition.application[each.key].arn
  desired_count   = var.application_size.tasks
  launch_type     = "FARGATE"

  availability_zone_rebalancing     = "ENABLED"
  health_check_grace_period_seconds = 60 # what a container may take to start before its health counts
  enable_ecs_managed_tags           = true
  propagate_tags                    = "SERVICE"
  enable_execute_command            = false # nobody gets a shell beside the passwords

  network_configuration {
    subnets          = local.private_subnet_ids
    assign_public_ip = false
    security_groups  = [aws_security_group.application["tasks"].id, aws_security_group.this["clients"].id]
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.application["${each.key}-blue"].arn
    container_name   = each.key
    container_port   = var.application_port

    advanced_configuration {
      alternate_target_group_arn = aws_lb_target_group.application["${each.key}-green"].arn
      production_listener_rule   = aws_lb_listener_rule.application[each.key].arn
      role_arn                   = aws_iam_role.application_deployment.arn
    }
  }

  deployment_configuration {
    strategy             = "BLUE_GREEN"
    bake_time_in_minutes = var.application_bake_minutes
  }

  # A version whose containers never become healthy; both ways of noticing work with blue/green (AWS, "Amazon ECS
  # deployment failure detection").
  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  alarms {
    enable   = true
    rollback = true
    alarm_names = [
      for key, watched in local.application_watched : aws_cloudwatch_metric_alarm.application[key].alarm_name
      if watched.service == each.key
    ]
  }

  # Autoscaling decides how many; ECS decides which of the two target groups is in use, and what is named above stops
  # being true with the first deployment (AWS provider, issue 45678).
  lifecycle {
    ignore_changes = [desired_count, load_balancer]
  }

  depends_on = [aws_iam_role_policy.application_deployment, aws_iam_role_policy.application_execution]
}
