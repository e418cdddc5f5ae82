run "the_load_balancer_speaks_modern_tls_only" {
  command = plan

  assert {
    condition     = aws_lb_listener.application.protocol == "HTTPS" && startswith(aws_lb_listener.application.ssl_policy, "ELBSecurityPolicy-TLS13-1-2-")
    error_message = "HTTPS with TLS 1.2 at least."
  }

  assert {
    condition     = aws_lb.application.drop_invalid_header_fields
    error_message = "Headers that are none must be dropped."
  }
}

run "the_internet_gets_in_only_where_it_is_meant_to" {
  command = plan

  variables {
    application_public = false
  }

  assert {
    condition     = aws_lb.application.internal && length(aws_vpc_security_group_ingress_rule.application_entrance) == 0
    error_message = "Behind CloudFront or the HTTP API nobody comes from the internet."
  }

  assert {
    condition     = length(aws_lb_listener.application_redirect) == 0
    error_message = "There is nobody to redirect."
  }
}

run "browsers_are_sent_to_https" {
  command = plan

  variables {
    application_public = true
  }

  assert {
    condition     = aws_lb_listener.application_redirect[0].default_action[0].redirect[0].protocol == "HTTPS"
    error_message = "HTTP must lead to HTTPS."
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_ingress_rule.application_entrance : rule.from_port]) == toset([80, 443])
    error_message = "The internet reaches 80 and 443, and nothing else."
  }
}

run "every_service_has_two_target_groups_and_one_path" {
  command = plan

  assert {
    condition     = length(aws_lb_target_group.application) == 2 * length(var.application_services)
    error_message = "Blue and green."
  }

  assert {
    condition     = alltrue([for service, rule in aws_lb_listener_rule.application : one(one(rule.condition).path_pattern).values == toset(["/${service}", "/${service}/*"])])
    error_message = "A service answers under its own name."
  }
}

run "a_certificate_of_another_region_is_refused" {
  command = plan

  variables {
    application_certificate_arn = "arn:aws:acm:mars-north-1:123456789012:certificate/0a1b2c3d"
  }

  expect_failures = [var.application_certificate_arn]
}
