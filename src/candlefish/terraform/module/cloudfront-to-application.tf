# Behind CloudFront, for the paths of the services, stands the load balancer, which has no public address: CloudFront
# reaches it inside the VPC. AWS wants an internet gateway attached to that VPC, and sends nothing through it (AWS,
# "Restrict access with VPC origins"). The origin is named as its certificate is, or the handshake fails.

locals {
  cdn_services    = var.application_services
  cdn_api_origins = [{ domain_name = var.application_domain, vpc_origin_id = aws_cloudfront_vpc_origin.application.id }]
}

resource "aws_internet_gateway" "cdn" {
  count = var.vpc_id == null ? 1 : 0

  vpc_id = local.vpc_id

  tags = { Name = "${var.name}-cdn" }
}

resource "aws_cloudfront_vpc_origin" "application" {
  vpc_origin_endpoint_config {
    name                   = "${var.name}-application"
    arn                    = aws_lb.application.arn
    http_port              = 80 # HTTP; the provider wants it, https-only never uses it
    https_port             = aws_lb_listener.application.port
    origin_protocol_policy = "https-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1 # length of the list beside it
    }
  }

  depends_on = [aws_internet_gateway.cdn]

  lifecycle {
    create_before_destroy = true # a distribution that uses it must be led to the new one first
  }
}

# CloudFront's addresses towards origins, kept by AWS. The list counts as 55 of the 60 rules that a group may have.
data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_vpc_security_group_ingress_rule" "cdn" {
  security_group_id = aws_security_group.application["balancer"].id
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
  description       = "Requests of CloudFront"
  ip_protocol       = "tcp"
  from_port         = aws_lb_listener.application.port
  to_port           = aws_lb_listener.application.port
}
