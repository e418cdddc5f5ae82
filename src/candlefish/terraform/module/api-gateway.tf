# One door before the services: an HTTP API that lets in who holds a token of the issuer, throttles, logs, and reaches
# the load balancer privately. It adds no path of its own: the stage is $default.

resource "aws_apigatewayv2_api" "main" {
  name          = var.name
  description   = "The services of ${var.name}"
  protocol_type = "HTTP"

  dynamic "cors_configuration" {
    for_each = length(var.gateway_allowed_origins) > 0 ? [var.gateway_allowed_origins] : []

    content {
      allow_origins = cors_configuration.value
      allow_methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
      allow_headers = ["authorization", "content-type"]
      max_age       = 600 # seconds in which a browser asks once: a changed list of origins holds after ten minutes
    }
  }
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  api_id           = aws_apigatewayv2_api.main.id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.gateway_jwt_issuer
    audience = var.gateway_jwt_audience
  }
}

resource "aws_security_group" "gateway" {
  name_prefix = "${var.name}-gateway-" # the tag has the whole name
  description = "Link from the HTTP API into the VPC"
  vpc_id      = local.vpc_id

  tags = { Name = "${var.name}-gateway" }

  lifecycle {
    create_before_destroy = true # as for the groups of network.tf
  }
}

resource "aws_vpc_security_group_egress_rule" "gateway" {
  security_group_id            = aws_security_group.gateway.id
  referenced_security_group_id = aws_security_group.application["balancer"].id
  description                  = "Requests"
  ip_protocol                  = "tcp"
  from_port                    = aws_lb_listener.application.port
  to_port                      = aws_lb_listener.application.port
}

resource "aws_vpc_security_group_ingress_rule" "gateway" {
  security_group_id            = aws_security_group.application["balancer"].id
  referenced_security_group_id = aws_security_group.gateway.id
  description                  = "Requests of the HTTP API"
  ip_protocol                  = "tcp"
  from_port                    = aws_lb_listener.application.port
  to_port                      = aws_lb_listener.application.port
}

# It can't be changed, only replaced, and not every zone has it: in us-east-1 use1-az3 is missing (AWS, "Set up VPC links
# V2 in API Gateway").
resource "aws_apigatewayv2_vpc_link" "main" {
  name               = var.name
  subnet_ids         = local.private_subnet_ids
  security_group_ids = [aws_security_group.gateway.id]

  lifecycle {
    create_before_destroy = true # a link that an integration uses can't be deleted (AWS provider, issue 12195)
  }
}

resource "aws_apigatewayv2_integration" "application" {
  api_id                 = aws_apigatewayv2_api.main.id
  description            = "The load balancer of the application"
  integration_type       = "HTTP_PROXY"
  integration_method     = "ANY"
  integration_uri        = aws_lb_listener.application.arn
  connection_type        = "VPC_LINK"
  connection_id          = aws_apigatewayv2_vpc_link.main.id
  payload_format_version = "1.0" # the only one of HTTP_PROXY
  timeout_milliseconds   = 30000 # the longest that an HTTP API waits (AWS, "Quotas for configuring and running an HTTP API")

  # Without it the link would speak plain HTTP (AWS, "Working with private integrations for HTTP APIs").
  tls_config {
    server_name_to_verify = var.application_domain
  }
}

locals {
  gateway_paths = flatten([for service in var.application_services : ["/${service}", "/${service}/{proxy+}"]])

  # ANY takes OPTIONS too, and a browser asks for permission without a token: with CORS, OPTIONS needs routes of its own.
  gateway_routes = merge(
    { for path in local.gateway_paths : "ANY ${path}" => true },
    { for path in local.gateway_paths : "OPTIONS ${path}" => false if length(var.gateway_allowed_origins) > 0 },
  )

  gateway_throttled_routes = {
    for route, _ in local.gateway_routes : route => var.gateway_service_throttles[split("/", route)[1]]
    if contains(keys(var.gateway_service_throttles), split("/", route)[1])
  }
}

resource "aws_apigatewayv2_route" "application" {
  for_each = local.gateway_routes

  api_id             = aws_apigatewayv2_api.main.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.application.id}"
  authorization_type = each.value ? "JWT" : "NONE"
  authorizer_id      = each.value ? aws_apigatewayv2_authorizer.jwt.id : null
}

resource "aws_cloudwatch_log_group" "gateway" {
  name              = "/apigateway/${var.name}"
  kms_key_id        = aws_kms_key.main.arn
  retention_in_days = var.log_retention_days
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.main.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = var.gateway_throttle.requests_per_second
    throttling_burst_limit   = var.gateway_throttle.burst
  }

  dynamic "route_settings" {
    for_each = local.gateway_throttled_routes

    content {
      route_key                = route_settings.key
      detailed_metrics_enabled = true
      throttling_rate_limit    = route_settings.value.requests_per_second
      throttling_burst_limit   = route_settings.value.burst
    }
  }

  # Who asked for what, how long it took and why it was refused; no header and no token.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.gateway.arn
    format = jsonencode({
      time             = "$context.requestTime"
      request          = "$context.requestId"
      ip               = "$context.identity.sourceIp"
      subject          = "$context.authorizer.claims.sub"
      route            = "$context.routeKey"
      path             = "$context.path"
      status           = "$context.status"
      bytes            = "$context.responseLength"
      response_ms      = "$context.responseLatency"
      integration_ms   = "$context.integrationLatency"
      error            = "$context.error.message"
      authorizer_error = "$context.authorizer.error"
    })
  }

  depends_on = [aws_apigatewayv2_route.application] # settings name routes, which must be there
}
