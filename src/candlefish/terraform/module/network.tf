# Where the tier stands: a VPC of its own without any way to the internet, or one that is there already. Nothing opens
# a port to the world, and nothing may call out: each flow that there is stands in `local.flows`.

data "aws_availability_zones" "available" {
  count = var.vpc_id == null ? 1 : 0

  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"] # no local zones: RDS and ElastiCache are not in all of them
  }
}

locals {
  vpc_id = var.vpc_id == null ? aws_vpc.main[0].id : var.vpc_id

  # Of sixteen blocks of addresses the first are the private subnets'; network-public.tf has the second half.
  private_subnets = {
    for zone in range(var.vpc_id == null ? var.zones : 0) :
    "private-${zone + 1}" => { zone = zone, cidr_block = cidrsubnet(var.vpc_cidr, 4, zone) } # 4 bits: 16 blocks
  }

  private_subnet_ids = var.vpc_id == null ? [for subnet in aws_subnet.private : subnet.id] : var.private_subnet_ids

  # Of the subnets that are made; those of given ones are not asked for.
  zones = [for subnet in aws_subnet.private : subnet.availability_zone]
}

resource "aws_vpc" "main" {
  count = var.vpc_id == null ? 1 : 0

  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = true # names of interface endpoints lead to their private addresses only with both

  tags = { Name = var.name }

  lifecycle {
    precondition {
      condition     = length(data.aws_availability_zones.available[0].names) >= var.zones
      error_message = "${var.region} has ${length(data.aws_availability_zones.available[0].names)} zones that need no opting in, and aws.zones is ${var.zones}: declare fewer, or another region."
    }
  }
}

# The group that AWS gives to whatever names none: without rules nothing can be reached by mistake.
resource "aws_default_security_group" "main" {
  count = var.vpc_id == null ? 1 : 0

  vpc_id = aws_vpc.main[0].id

  tags = { Name = "${var.name}-closed" }
}

# Who spoke with whom, for the day on which somebody asks.
resource "aws_cloudwatch_log_group" "flows" {
  count = var.vpc_id == null ? 1 : 0

  name              = "/vpc/${var.name}/flows"
  retention_in_days = var.log_retention_days
  kms_key_id        = aws_kms_key.main.arn
}

resource "aws_flow_log" "main" {
  count = var.vpc_id == null ? 1 : 0

  vpc_id                   = aws_vpc.main[0].id
  traffic_type             = "ALL"
  log_destination_type     = "cloud-watch-logs"
  log_destination          = aws_cloudwatch_log_group.flows[0].arn
  iam_role_arn             = aws_iam_role.flows[0].arn
  max_aggregation_interval = 600 # seconds: the longer of the two that there are, so a tenth of the lines

  tags = { Name = var.name }
}

data "aws_iam_policy_document" "flows_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

data "aws_iam_policy_document" "flows" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
    resources = [for group in aws_cloudwatch_log_group.flows : "${group.arn}:*"]
  }

  # Asked before anything is written, and it knows no single group ("IAM role for publishing flow logs to CloudWatch Logs").
  statement {
    actions   = ["logs:DescribeLogGroups"]
    resources = ["*"]
  }
}

resource "aws_iam_role" "flows" {
  count = var.vpc_id == null ? 1 : 0

  name               = "${var.name}-flow-logs"
  assume_role_policy = data.aws_iam_policy_document.flows_trust.json
}

resource "aws_iam_role_policy" "flows" {
  count = var.vpc_id == null ? 1 : 0

  name   = "write-flow-logs"
  role   = aws_iam_role.flows[0].id
  policy = data.aws_iam_policy_document.flows.json
}

resource "aws_subnet" "private" {
  for_each = local.private_subnets

  vpc_id                  = aws_vpc.main[0].id
  availability_zone       = data.aws_availability_zones.available[0].names[each.value.zone]
  cidr_block              = each.value.cidr_block
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-${each.key}" }

  lifecycle {
    ignore_changes = [availability_zone] # a zone that AWS adds later would move the others, and all that stands there
  }
}

resource "aws_route_table" "private" {
  count = var.vpc_id == null ? 1 : 0

  vpc_id = aws_vpc.main[0].id

  tags = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private[0].id
}

# AWS's own services, without the internet: images (ecr.api, ecr.dkr; their layers come from S3), logs, secrets, and
# the cache's API, to which the rotation hands the new token.
data "aws_iam_policy_document" "endpoints" {
  statement {
    sid       = "OwnAccount"
    actions   = ["*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(var.vpc_id == null ? ["ecr.api", "ecr.dkr", "elasticache", "logs", "secretsmanager"] : [])

  vpc_id              = aws_vpc.main[0].id
  vpc_endpoint_type   = "Interface"
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  subnet_ids          = local.private_subnet_ids
  security_group_ids  = [aws_security_group.this["endpoints"].id]
  private_dns_enabled = true
  policy              = data.aws_iam_policy_document.endpoints.json

  tags = { Name = "${var.name}-${each.key}" }
}

# Layers of images lie in a bucket of AWS, which ECR signs requests for ("Minimum Amazon S3 bucket permissions for Amazon
# ECR").
data "aws_iam_policy_document" "s3" {
  source_policy_documents = [data.aws_iam_policy_document.endpoints.json]

  statement {
    sid       = "ImageLayers"
    actions   = ["s3:GetObject"]
    resources = ["arn:${data.aws_partition.current.partition}:s3:::prod-${var.region}-starport-layer-bucket/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

resource "aws_vpc_endpoint" "s3" {
  count = var.vpc_id == null ? 1 : 0

  vpc_id            = aws_vpc.main[0].id
  vpc_endpoint_type = "Gateway"
  service_name      = "com.amazonaws.${var.region}.s3"
  route_table_ids   = [aws_route_table.private[0].id]
  policy            = data.aws_iam_policy_document.s3.json

  tags = { Name = "${var.name}-s3" }
}

resource "aws_security_group" "this" {
  for_each = merge(
    {
      clients   = "Attach it to what uses the tier"
      balancer  = "Load balancer of PgBouncer"
      pgbouncer = "PgBouncer"
      database  = "PostgreSQL"
      cache     = "Redis or Valkey"
      roles     = "Tasks that make roles and replace secrets"
    },
    var.vpc_id == null ? { endpoints = "Interface endpoints of AWS services" } : {},
  )

  name_prefix = "${var.name}-${each.key}-" # the tag has the whole name
  description = each.value
  vpc_id      = local.vpc_id

  tags = { Name = "${var.name}-${each.key}" }

  lifecycle {
    create_before_destroy = true # a group can't be deleted while something is in it, nor its description changed
  }
}

locals {
  ports = {
    pgbouncer  = var.pgbouncer_port
    postgresql = 5432 # the engine's own
    cache      = 6379 # the engine's own
    https      = 443  # HTTPS
  }

  # Who may open a connection to whom, and nothing else: one rule out and one rule in for each.
  flows = merge(
    {
      "clients to balancer"   = { from = "clients", to = "balancer", port = local.ports.pgbouncer }
      "clients to database"   = { from = "clients", to = "database", port = local.ports.postgresql } # DDL, and what no pool can hold
      "clients to cache"      = { from = "clients", to = "cache", port = local.ports.cache }
      "balancer to pgbouncer" = { from = "balancer", to = "pgbouncer", port = local.ports.pgbouncer }
      "pgbouncer to database" = { from = "pgbouncer", to = "database", port = local.ports.postgresql }
      "roles to database"     = { from = "roles", to = "database", port = local.ports.postgresql }
      "roles to cache"        = { from = "roles", to = "cache", port = local.ports.cache } # a new token is proved before it is published
    },
    {
      for group in local.callers : "${group} to endpoints" => { from = group, to = "endpoints", port = local.ports.https }
      if var.vpc_id == null
    },
  )

  # Who calls AWS: for images, logs and secrets.
  callers = ["pgbouncer", "roles"]

  # Where they are answered besides the endpoints made here, by address.
  doors = {
    for pair in setproduct(local.callers, concat(["S3"], var.vpc_id == null ? [] : sort(var.https_cidr_blocks))) :
    "${pair[0]} to ${pair[1]}" => { from = pair[0], cidr = pair[1] == "S3" ? null : pair[1] }
  }
}

resource "aws_vpc_security_group_egress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "flow" {
  for_each = local.flows

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

# S3's addresses, a list that AWS keeps: a gateway endpoint has no security group of its own.
data "aws_ec2_managed_prefix_list" "s3" {
  name = "com.amazonaws.${var.region}.s3"
}

resource "aws_vpc_security_group_egress_rule" "door" {
  for_each = local.doors

  security_group_id = aws_security_group.this[each.value.from].id
  prefix_list_id    = each.value.cidr == null ? data.aws_ec2_managed_prefix_list.s3.id : null
  cidr_ipv4         = each.value.cidr
  description       = each.key
  ip_protocol       = "tcp"
  from_port         = local.ports.https
  to_port           = local.ports.https
}
