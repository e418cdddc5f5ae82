# PgBouncer on ECS Fargate: tasks in different zones behind an internal Network Load Balancer. How many server
# connections each task may hold is decided in terraform.tfvars: for the most tasks that there can be at once.

locals {
  pgbouncer_name = "${trim(substr(var.name, 0, 22), "-")}-pgbouncer" # load balancers: 32 characters at most
}

resource "aws_ecr_repository" "pgbouncer" {
  name                 = "${var.name}/pgbouncer"
  image_tag_mutability = "IMMUTABLE" # what runs under a tag is what was scanned under it
  force_delete         = true        # the image can be built again from its source

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.main.arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "pgbouncer" {
  repository = aws_ecr_repository.pgbouncer.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "the newest images: one runs, the others are there to go back to"
      action       = { type = "expire" }
      selection = {
        tagStatus   = "any"
        countType   = "imageCountMoreThan"
        countNumber = 10 # releases of some months; an image has some 60 MB
      }
    }]
  })
}

# Container Insights stays off: it is charged as custom metrics for every task, and what matters of PgBouncer (clients
# that wait, connections, query time) is in its own five metrics; CPU and memory of the service come without charge.
resource "aws_ecs_cluster" "main" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "disabled"
  }
}

resource "aws_cloudwatch_log_group" "pgbouncer" {
  name              = "/ecs/${var.name}/pgbouncer"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.main.arn
}

resource "aws_ecs_task_definition" "pgbouncer" {
  family                   = "${var.name}-pgbouncer"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.pgbouncer_cpu
  memory                   = var.pgbouncer_memory
  execution_role_arn       = aws_iam_role.ecs_execution.arn
  task_role_arn            = aws_iam_role.pgbouncer.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = upper(var.architecture)
  }

  volume {
    name = "run"
  }

  container_definitions = jsonencode([merge(local.pgbouncer_container, {
    name         = "pgbouncer"
    command      = ["run"]
    portMappings = [{ containerPort = var.pgbouncer_port, hostPort = var.pgbouncer_port, protocol = "tcp" }]
    stopTimeout  = 120 # seconds: the most that Fargate waits before SIGKILL ("Task definition parameters": stopTimeout)

    ulimits = [{ name = "nofile", softLimit = var.pgbouncer_open_files, hardLimit = var.pgbouncer_open_files }]

    # Asks PgBouncer itself and not the database behind it: during a failover of RDS all tasks would be replaced.
    healthCheck = {
      command     = ["CMD", "python", "-m", "candlefish.pooler", "health"]
      interval    = 15 # seconds
      timeout     = 5  # seconds: the answer takes milliseconds
      retries     = 3  # one slow answer is no failure
      startPeriod = 30 # seconds: secrets are fetched and a certificate is made first
    }

    # No secret stands here: the program fetches them itself, with the role of the task, and again when they change.
    environment = [for name, value in merge(local.pgbouncer_environment, {
      AWS_TLS_SECRET_NAME = var.pgbouncer_tls_secret_arn
      DB_READ_HOSTS       = join(",", [for replica in aws_db_instance.replica : replica.address])
      DRAIN_S             = "100" # seconds after SIGTERM until the remaining clients are closed: 20 less than stopTimeout
      LISTEN_PORT         = tostring(var.pgbouncer_port)
      PGBOUNCER_SETTINGS  = jsonencode(var.pgbouncer_settings)
      TIER_NAME           = var.name
    }) : { name = name, value = value } if value != null]

    logConfiguration = {
      logDriver = "awslogs"
      options   = merge(local.pgbouncer_log_options, { awslogs-group = aws_cloudwatch_log_group.pgbouncer.name })
    }
  })])
}

locals {
  # What the pooler and the tasks of rotation.tf have in common: the same image, hardened in the same way.
  pgbouncer_container = {
    image                  = "${aws_ecr_repository.pgbouncer.repository_url}:${var.pgbouncer_image_tag}"
    entryPoint             = ["python", "-m", "candlefish.pooler"]
    essential              = true
    user                   = "10001:10001" # the image's own user and group
    readonlyRootFilesystem = true

    linuxParameters = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }

    # The one folder that can be written, for settings and logins. The image has a VOLUME there, which gives it to its
    # user (ECS, "Use bind mounts"); it lies on the task's own encrypted storage and goes with the task.
    mountPoints = [{ sourceVolume = "run", containerPath = "/run/candlefish", readOnly = false }]
  }

  pgbouncer_environment = {
    AWS_DEFAULT_REGION = var.region
    AWS_SECRET_NAME    = aws_secretsmanager_secret.this["app"].arn
    DB_HOST            = aws_db_instance.main.address
    DB_NAME            = aws_db_instance.main.db_name
    DB_PORT            = tostring(aws_db_instance.main.port)

    AWS_MONITOR_SECRET_NAME = aws_secretsmanager_secret.this["monitor"].arn
  }

  pgbouncer_log_options = {
    awslogs-region        = var.region
    awslogs-stream-prefix = "task"
    mode                  = "non-blocking" # a pause of CloudWatch Logs must not pause the program
    max-buffer-size       = "4m"           # of the container's 1 GB; what does not fit is lost
  }
}

resource "aws_ecs_service" "pgbouncer" {
  name             = "pgbouncer"
  cluster          = aws_ecs_cluster.main.arn
  task_definition  = aws_ecs_task_definition.pgbouncer.arn
  launch_type      = "FARGATE"
  platform_version = "LATEST"
  desired_count    = var.pgbouncer_tasks

  availability_zone_rebalancing      = "ENABLED"
  deployment_minimum_healthy_percent = 100                                  # nobody is turned away during a deployment
  deployment_maximum_percent         = var.pgbouncer_deployment_max_percent # server connections are counted for this
  health_check_grace_period_seconds  = 60                                   # two checks of the load balancer, thrice
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  enable_execute_command             = false # nobody gets a shell beside the passwords

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = local.private_subnet_ids
    security_groups  = [aws_security_group.this["pgbouncer"].id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = aws_lb_target_group.pgbouncer.arn
    container_name   = "pgbouncer"
    container_port   = var.pgbouncer_port
  }

  lifecycle {
    ignore_changes = [desired_count] # autoscaling's, after the first apply
  }

  # Without its listener a target group takes no service; without its policy a role cannot drain what it started.
  depends_on = [aws_lb_listener.pgbouncer, aws_iam_role_policy.pgbouncer, aws_iam_role_policy.ecs_execution]
}

# It writes no access log: a Network Load Balancer does so for TLS listeners only, and PostgreSQL begins TLS inside its
# own protocol, so that the connection stays encrypted from the client to PgBouncer ("Access logs for your Network Load
# Balancer").
resource "aws_lb" "pgbouncer" {
  name               = local.pgbouncer_name
  load_balancer_type = "network"
  internal           = true
  subnets            = local.private_subnet_ids
  security_groups    = [aws_security_group.this["balancer"].id]

  # On, against 0.01 USD for each GB between zones: a zone whose only task is being replaced stays reachable.
  enable_cross_zone_load_balancing = true
  enable_deletion_protection       = var.deletion_protection
}

# Its name is made by AWS, so that it can be replaced beside the one in use: another port is another group.
resource "aws_lb_target_group" "pgbouncer" {
  name_prefix            = "pgb-" # of at most 6 characters; the tag has the whole name
  vpc_id                 = local.vpc_id
  target_type            = "ip"
  protocol               = "TCP"
  port                   = var.pgbouncer_port
  preserve_client_ip     = false # so that a client on the same host as the task reaches it too
  deregistration_delay   = 60    # seconds in which new connections go elsewhere; then SIGTERM, and PgBouncer drains itself
  connection_termination = false # the load balancer would cut transactions at the end of that time

  health_check {
    protocol            = "TCP"
    port                = "traffic-port"
    interval            = 10 # seconds
    timeout             = 5  # seconds
    healthy_threshold   = 2  # in a row
    unhealthy_threshold = 2  # in a row: a task that is away is left out after 20 s
  }

  tags = { Name = local.pgbouncer_name }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "pgbouncer" {
  load_balancer_arn        = aws_lb.pgbouncer.arn
  port                     = var.pgbouncer_port
  protocol                 = "TCP"
  tcp_idle_timeout_seconds = var.pgbouncer_idle_timeout_s

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.pgbouncer.arn
  }
}

resource "aws_appautoscaling_target" "pgbouncer" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.pgbouncer.name}"
  min_capacity       = var.pgbouncer_tasks
  max_capacity       = var.pgbouncer_max_tasks
}

resource "aws_appautoscaling_policy" "pgbouncer_cpu" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.pgbouncer.service_namespace
  scalable_dimension = aws_appautoscaling_target.pgbouncer.scalable_dimension
  resource_id        = aws_appautoscaling_target.pgbouncer.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.pgbouncer_scaling.cpu_percent
    scale_out_cooldown = var.pgbouncer_scaling.out_cooldown_s
    scale_in_cooldown  = var.pgbouncer_scaling.in_cooldown_s

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

# The clients of each task, out of its own metrics. Waiting clients are not tracked: they wait for the database, and
# more tasks would not make it faster.
resource "aws_appautoscaling_policy" "pgbouncer_clients" {
  name               = "clients"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.pgbouncer.service_namespace
  scalable_dimension = aws_appautoscaling_target.pgbouncer.scalable_dimension
  resource_id        = aws_appautoscaling_target.pgbouncer.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.pgbouncer_scaling.clients
    scale_out_cooldown = var.pgbouncer_scaling.out_cooldown_s
    scale_in_cooldown  = var.pgbouncer_scaling.in_cooldown_s

    customized_metric_specification {
      namespace   = "candlefish/pgbouncer"
      metric_name = "ClientConnections"
      statistic   = "Average"

      dimensions {
        name  = "Tier"
        value = var.name
      }
    }
  }
}

data "aws_iam_policy_document" "ecs_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

# What ECS itself may do for the tasks of this file and of rotation.tf: fetch the image, write their logs.
resource "aws_iam_role" "ecs_execution" {
  name               = "${var.name}-pgbouncer-execution"
  assume_role_policy = data.aws_iam_policy_document.ecs_trust.json
}

data "aws_iam_policy_document" "ecs_execution" {
  statement {
    sid       = "Login"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # the action knows no resource (AWS, "Actions, resources, and condition keys for Amazon ECR")
  }

  statement {
    sid       = "Image"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = [aws_ecr_repository.pgbouncer.arn]
  }

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.pgbouncer.arn}:*", "${aws_cloudwatch_log_group.roles.arn}:*"]
  }
}

resource "aws_iam_role_policy" "ecs_execution" {
  name   = "start-tasks"
  role   = aws_iam_role.ecs_execution.id
  policy = data.aws_iam_policy_document.ecs_execution.json
}

# What the pooler may do: read the two logins that it knows, and its certificate where it has one.
resource "aws_iam_role" "pgbouncer" {
  name               = "${var.name}-pgbouncer"
  assume_role_policy = data.aws_iam_policy_document.ecs_trust.json
}

data "aws_iam_policy_document" "pgbouncer" {
  statement {
    sid     = "Secrets"
    actions = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = concat(
      [for name in ["app", "monitor"] : aws_secretsmanager_secret.this[name].arn],
      var.pgbouncer_tls_secret_arn[*],
    )
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.main.arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${var.region}.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "pgbouncer" {
  name   = "read-secrets"
  role   = aws_iam_role.pgbouncer.id
  policy = data.aws_iam_policy_document.pgbouncer.json
}
