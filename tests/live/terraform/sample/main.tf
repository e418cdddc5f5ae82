# Not the product's module: a small one on which the stand-in itself is tested.

terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { Tier = var.name }
  }
}

data "aws_availability_zones" "available" {}

data "aws_caller_identity" "current" {}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "private" {
  count = var.zones

  vpc_id            = aws_vpc.main.id
  availability_zone = data.aws_availability_zones.available.names[count.index]
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 4, count.index)
}

resource "aws_security_group" "this" {
  for_each = toset(["clients", "database"])

  name   = "${var.name}-${each.key}"
  vpc_id = aws_vpc.main.id
}

resource "aws_vpc_security_group_ingress_rule" "database" {
  security_group_id            = aws_security_group.this["database"].id
  referenced_security_group_id = aws_security_group.this["clients"].id
  ip_protocol                  = "tcp"
  from_port                    = aws_db_instance.main.port
  to_port                      = aws_db_instance.main.port
}

resource "aws_secretsmanager_secret" "this" {
  for_each = toset(["admin", "redis"])

  name = "${var.name}/${each.key}"
}

ephemeral "aws_secretsmanager_random_password" "admin" {
  password_length     = 32
  exclude_punctuation = true
}

ephemeral "aws_secretsmanager_random_password" "redis" {
  password_length     = 64
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "admin" {
  secret_id                = aws_secretsmanager_secret.this["admin"].id
  secret_string_wo_version = var.secrets_version

  secret_string_wo = jsonencode({
    username = "candlefish"
    password = ephemeral.aws_secretsmanager_random_password.admin.random_password
  })
}

resource "aws_secretsmanager_secret_version" "redis" {
  secret_id                = aws_secretsmanager_secret.this["redis"].id
  secret_string_wo         = jsonencode({ auth_token = ephemeral.aws_secretsmanager_random_password.redis.random_password })
  secret_string_wo_version = var.secrets_version
}

ephemeral "aws_secretsmanager_secret_version" "admin" {
  secret_id = aws_secretsmanager_secret_version.admin.secret_id
}

ephemeral "aws_secretsmanager_secret_version" "redis" {
  secret_id = aws_secretsmanager_secret_version.redis.secret_id
}

resource "aws_db_subnet_group" "main" {
  name       = var.name
  subnet_ids = aws_subnet.private[*].id
}

resource "aws_db_instance" "main" {
  identifier                = var.name
  engine                    = "postgres"
  engine_version            = "15"
  instance_class            = "db.r6g.large"
  allocated_storage         = 100
  multi_az                  = true
  port                      = 5432
  username                  = "candlefish"
  password_wo               = jsondecode(ephemeral.aws_secretsmanager_secret_version.admin.secret_string)["password"]
  password_wo_version       = var.secrets_version
  db_subnet_group_name      = aws_db_subnet_group.main.name
  vpc_security_group_ids    = [aws_security_group.this["database"].id]
  deletion_protection       = var.deletion_protection
  final_snapshot_identifier = "${var.name}-final"
}

resource "aws_elasticache_replication_group" "redis" {
  replication_group_id       = var.name
  description                = "Cache"
  engine                     = "redis"
  node_type                  = "cache.r7g.large"
  num_cache_clusters         = 3
  automatic_failover_enabled = true
  multi_az_enabled           = true
  transit_encryption_enabled = true
  auth_token_wo              = jsondecode(ephemeral.aws_secretsmanager_secret_version.redis.secret_string)["auth_token"]
  auth_token_wo_version      = var.secrets_version
}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "ReadSecrets"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    resources = [for secret in aws_secretsmanager_secret.this : secret.arn]

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_policy" "read" {
  name   = "${var.name}-read"
  policy = data.aws_iam_policy_document.read.json
}

resource "aws_ecs_cluster" "main" {
  name = var.name
}

resource "aws_ecs_task_definition" "main" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = 512
  memory                   = 1024
  container_definitions    = jsonencode([{ name = "main", image = "example", essential = true }])
}

resource "aws_ecs_service" "main" {
  name            = "main"
  cluster         = aws_ecs_cluster.main.arn
  task_definition = aws_ecs_task_definition.main.arn
  launch_type     = "FARGATE"

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets = aws_subnet.private[*].id
  }
}
