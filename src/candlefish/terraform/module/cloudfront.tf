# CloudFront before everything a browser asks for. Three ways of caching, by path:
#   /assets/*     files whose names change with their content: kept for a year, here and in browsers
#   /SERVICE/*    the application: kept only when it says so itself, apart for each user
#   the rest      pages, such as index.html: kept for as long as the cache of the tier keeps an answer
# No WAF is made here: a web ACL is usually one for all of an organisation; give its ARN in `cdn_web_acl_arn`.

locals {
  cdn_region = "us-east-1" # where CloudFront has its certificates and the deliveries of its logs

  cdn_api_paths = length(local.cdn_api_origins) == 0 ? [] : flatten([
    for service in sort(local.cdn_services) : ["/${service}", "/${service}/*"]
  ])
}

resource "aws_cloudfront_origin_access_control" "assets" {
  name                              = "${var.name}-assets"
  description                       = "CloudFront signs its requests to the bucket; nobody else is let in"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

data "aws_iam_policy_document" "assets" {
  statement {
    sid     = "CloudFront"
    actions = ["s3:GetObject", "s3:ListBucket"] # without ListBucket a missing file is answered 403 instead of 404

    resources = [aws_s3_bucket.this["assets"].arn, "${aws_s3_bucket.this["assets"].arn}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudfront_distribution.main.arn]
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this["assets"].arn, "${aws_s3_bucket.this["assets"].arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "assets" {
  bucket = aws_s3_bucket_public_access_block.this["assets"].bucket
  policy = data.aws_iam_policy_document.assets.json
}

# What tells answers apart. Cookies never do, and never reach an origin: who asks is told by Authorization, which must be
# in the key to be forwarded at all (AWS, "How do I configure CloudFront to forward the Authorization header").
resource "aws_cloudfront_cache_policy" "this" {
  for_each = var.cdn_cache_policies

  name        = "${var.name}-${each.key}"
  comment     = each.value.reason
  min_ttl     = 0 # what the origin forbids to keep is not kept
  default_ttl = each.value.default_ttl_s
  max_ttl     = each.value.max_ttl_s

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_brotli = true
    enable_accept_encoding_gzip   = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = length(each.value.headers) > 0 ? "whitelist" : "none"

      dynamic "headers" {
        for_each = length(each.value.headers) > 0 ? [each.value.headers] : []

        content {
          items = headers.value
        }
      }
    }

    query_strings_config {
      query_string_behavior = each.value.query_strings ? "all" : "none"
    }
  }
}

# What the application sees besides: every header but Host, which is the origin's own name, or its certificate and the
# HTTP API would not answer to it.
resource "aws_cloudfront_origin_request_policy" "api" {
  name    = "${var.name}-api"
  comment = "Every header but Host, every query string, no cookie"

  cookies_config {
    cookie_behavior = "none"
  }

  headers_config {
    header_behavior = "allExcept"

    headers {
      items = ["Host"]
    }
  }

  query_strings_config {
    query_string_behavior = "all"
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  for_each = {
    pages  = null
    assets = "public, max-age=${var.cdn_cache_policies["assets"].max_ttl_s}, immutable"
  }

  name    = "${var.name}-${each.key}"
  comment = "What browsers are told to enforce"

  security_headers_config {
    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = false # a page that is meant to be framed says so
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = false
    }

    strict_transport_security {
      access_control_max_age_sec = 31536000 # a year: the least that browsers' preload lists take (hstspreload.org)
      include_subdomains         = false    # other names of the same domain are not ours to bind
      override                   = true
    }
  }

  dynamic "custom_headers_config" {
    for_each = each.value == null ? [] : [each.value]

    content {
      items {
        header   = "Cache-Control"
        value    = custom_headers_config.value
        override = true
      }
    }
  }
}

resource "aws_cloudfront_distribution" "main" {
  enabled             = true
  comment             = var.name
  aliases             = var.cdn_aliases
  default_root_object = "index.html"
  http_version        = "http2and3"
  is_ipv6_enabled     = true
  price_class         = var.cdn_price_class
  web_acl_id          = var.cdn_web_acl_arn

  origin {
    origin_id                = "assets"
    domain_name              = aws_s3_bucket.this["assets"].bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.assets.id
  }

  dynamic "origin" {
    for_each = local.cdn_api_origins

    content {
      origin_id   = "api"
      domain_name = origin.value.domain_name

      dynamic "vpc_origin_config" {
        for_each = origin.value.vpc_origin_id == null ? [] : [origin.value.vpc_origin_id]

        content {
          vpc_origin_id       = vpc_origin_config.value
          origin_read_timeout = 30 # seconds: as long as the HTTP API waits, so that both ways behave alike
        }
      }

      dynamic "custom_origin_config" {
        for_each = origin.value.vpc_origin_id == null ? [origin.value.domain_name] : []

        content {
          http_port              = 80  # HTTP; the provider wants it, https-only never uses it
          https_port             = 443 # HTTPS
          origin_protocol_policy = "https-only"
          origin_ssl_protocols   = ["TLSv1.2"]
          origin_read_timeout    = 30 # seconds: the longest that the HTTP API takes
        }
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = "assets"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    viewer_protocol_policy     = "redirect-to-https"
    cache_policy_id            = aws_cloudfront_cache_policy.this["pages"].id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this["pages"].id
  }

  ordered_cache_behavior {
    path_pattern               = "/assets/*"
    target_origin_id           = "assets"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    viewer_protocol_policy     = "redirect-to-https"
    cache_policy_id            = aws_cloudfront_cache_policy.this["assets"].id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this["assets"].id
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.cdn_api_paths

    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = "api"
      allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = true
      viewer_protocol_policy     = "https-only" # a redirect would come after a token went out in plain text
      cache_policy_id            = aws_cloudfront_cache_policy.this["api"].id
      origin_request_policy_id   = aws_cloudfront_origin_request_policy.api.id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.this["pages"].id
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  # Without names of its own a distribution has CloudFront's certificate, and with that AWS sets the minimum to TLSv1.
  viewer_certificate {
    cloudfront_default_certificate = var.cdn_certificate_arn == null
    acm_certificate_arn            = var.cdn_certificate_arn
    minimum_protocol_version       = var.cdn_certificate_arn == null ? "TLSv1" : "TLSv1.2_2021"
    ssl_support_method             = var.cdn_certificate_arn == null ? null : "sni-only"
  }
}

# Standard logging v2: to S3 without a charge for each request, and without the ACLs that the first version needs.
resource "aws_cloudwatch_log_delivery_source" "cdn" {
  region = local.cdn_region

  name         = "${var.name}-cdn"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.main.arn
}

resource "aws_cloudwatch_log_delivery_destination" "cdn" {
  region = local.cdn_region

  name          = "${var.name}-cdn"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_s3_bucket.this["logs"].arn
  }
}

resource "aws_cloudwatch_log_delivery" "cdn" {
  region = local.cdn_region

  delivery_source_name     = aws_cloudwatch_log_delivery_source.cdn.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.cdn.arn

  depends_on = [aws_s3_bucket_policy.logs]
}
