# The load balancer of the application: HTTPS only, a path for each service, two target groups for each (blue, green).
# It is internal when CloudFront or the HTTP API stands before it, and faces the internet otherwise.

locals {
  application_targets = {
    for pair in setproduct(var.application_services, ["blue", "green"]) :
    "${pair[0]}-${pair[1]}" => { service = pair[0], colour = pair[1] }
  }

  # The ways to AWS's services that network.tf has for what calls them.
  application_calls = merge(
    { S3 = { group = null, prefix_list = data.aws_ec2_managed_prefix_list.s3.id, cidr = null } },
    var.vpc_id == null ? { endpoints = { group = aws_security_group.this["endpoints"].id, prefix_list = null, cidr = null } } : {},
    { for cidr in var.https_cidr_blocks : cidr => { group = null, prefix_list = null, cidr = cidr } if var.vpc_id != null },
  )
}

resource "aws_security_group" "application" {
  for_each = {
    balancer = "Load balancer of the application"
    tasks    = "Containers of the application"
  }

  name_prefix = "${var.name}-application-${each.key}-" # the tag has the whole name
  description = each.value
  vpc_id      = local.vpc_id

  tags = { Name = "${var.name}-application-${each.key}" }

  lifecycle {
    create_before_destroy = true # as for the groups of network.tf
  }
}

resource "aws_vpc_security_group_ingress_rule" "application_entrance" {
  for_each = var.application_public ? { HTTPS = local.ports.https, "HTTP, to be sent to HTTPS" = 80 } : {} # HTTP's own

  security_group_id = aws_security_group.application["balancer"].id
  cidr_ipv4         = "0.0.0.0/0"
  description       = each.key
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "application_balancer" {
  security_group_id            = aws_security_group.application["balancer"].id
  referenced_security_group_id = aws_security_group.application["tasks"].id
  description                  = "Requests and health checks"
  ip_protocol                  = "tcp"
  from_port                    = var.application_port
  to_port                      = var.application_port
}

resource "aws_vpc_security_group_ingress_rule" "application_tasks" {
  security_group_id            = aws_security_group.application["tasks"].id
  referenced_security_group_id = aws_security_group.application["balancer"].id
  description                  = "Requests and health checks"
  ip_protocol                  = "tcp"
  from_port                    = var.application_port
  to_port                      = var.application_port
}

# Images, logs and secrets; nothing else outside is reached.
resource "aws_vpc_security_group_egress_rule" "application_aws" {
  for_each = local.application_calls

  security_group_id            = aws_security_group.application["tasks"].id
  referenced_security_group_id = each.value.group
  prefix_list_id               = each.value.prefix_list
  cidr_ipv4                    = each.value.cidr
  description                  = "AWS: ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = local.ports.https
  to_port                      = local.ports.https
}

resource "aws_vpc_security_group_ingress_rule" "application_aws" {
  count = var.vpc_id == null ? 1 : 0

  security_group_id            = aws_security_group.this["endpoints"].id
  referenced_security_group_id = aws_security_group.application["tasks"].id
  description                  = "Containers of the application"
  ip_protocol                  = "tcp"
  from_port                    = local.ports.https
  to_port                      = local.ports.https
}

resource "aws_lb" "application" {
  name_prefix        = "app-" # of at most 6 characters; the tag has the whole name
  internal           = !var.application_public
  load_balancer_type = "application"
  security_groups    = [aws_security_group.application["balancer"].id]
  subnets            = var.application_public ? local.public_subnet_ids : local.private_subnet_ids

  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive" # a request that two servers could read differently is dropped
  enable_deletion_protection = var.deletion_protection

  access_logs {
    bucket  = aws_s3_bucket_policy.logs.bucket
    prefix  = "balancer"
    enabled = true
  }

  tags = { Name = "${var.name}-application" }
}

# A web ACL is usually one for all of an organisation: none is made here.
resource "aws_wafv2_web_acl_association" "application" {
  count = var.application_web_acl_arn == null ? 0 : 1

  resource_arn = aws_lb.application.arn
  web_acl_arn  = var.application_web_acl_arn
}

# Names are made by AWS, so that a group can be replaced beside the one in use (another port is another group).
resource "aws_lb_target_group" "application" {
  for_each = local.application_targets

  name_prefix          = "${each.value.colour}-"
  vpc_id               = local.vpc_id
  target_type          = "ip"
  protocol             = "HTTP" # inside the VPC, to containers that only the load balancer reaches; TLS ends here
  port                 = var.application_port
  deregistration_delay = 30 # seconds: the longest request that API Gateway waits for ("Maximum integration timeout")

  health_check {
    path                = var.application_health_path
    matcher             = "200"
    interval            = 10 # seconds: twice in a row is the shortest way to see a task start or fail within half a minute
    timeout             = 5  # seconds: half of the interval
    healthy_threshold   = 2  # in a row: the first answer may come from a process that is still starting
    unhealthy_threshold = 3  # one slow answer and one lost packet are no failure
  }

  tags = { Name = "${var.name}-${each.key}" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_lb_listener" "application" {
  load_balancer_arn = aws_lb.application.arn
  port              = local.ports.https
  protocol          = "HTTPS"
  certificate_arn   = var.application_certificate_arn

  # TLS 1.3 and 1.2, forward secrecy, hybrid post-quantum key exchange: what AWS recommends ("Security policies for your
  # Application Load Balancer").
  ssl_policy = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "no such service"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener" "application_redirect" {
  count = var.application_public ? 1 : 0

  load_balancer_arn = aws_lb.application.arn
  port              = 80 # HTTP
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

# ECS moves traffic by rewriting this rule's weights, so they are not Terraform's any more after the first apply (AWS
# provider, issue 45678; terraform-aws-alb, issue 409). No priorities: the paths exclude each other.
resource "aws_lb_listener_rule" "application" {
  for_each = var.application_services

  listener_arn = aws_lb_listener.application.arn

  condition {
    path_pattern {
      values = ["/${each.key}", "/${each.key}/*"]
    }
  }

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.application["${each.key}-blue"].arn
        weight = 100 # percent: all, until the first deployment
      }

      target_group {
        arn    = aws_lb_target_group.application["${each.key}-green"].arn
        weight = 0 # percent
      }
    }
  }

  tags = { Name = "${var.name}-${each.key}" }

  lifecycle {
    ignore_changes = [action]
  }
}
