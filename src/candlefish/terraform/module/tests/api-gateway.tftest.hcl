run "nobody_gets_in_without_a_token" {
  command = plan

  assert {
    condition = alltrue([
      for key, route in aws_apigatewayv2_route.application :
      route.authorization_type == (startswith(key, "OPTIONS ") ? "NONE" : "JWT")
    ])
    error_message = "Only a browser's question what is allowed comes without a token."
  }
}

run "every_service_is_behind_the_door" {
  command = plan

  assert {
    condition     = alltrue([for service in var.application_services : contains(keys(aws_apigatewayv2_route.application), "ANY /${service}/{proxy+}")])
    error_message = "Each service has a route."
  }

  assert {
    condition     = one(aws_apigatewayv2_integration.application.tls_config).server_name_to_verify == var.application_domain
    error_message = "The way to the load balancer is TLS, and its certificate is verified."
  }
}

run "without_web_pages_there_is_no_question_to_answer" {
  command = plan

  variables {
    gateway_allowed_origins = []
  }

  assert {
    condition     = length(aws_apigatewayv2_route.application) == 2 * length(var.application_services)
    error_message = "No route without a token."
  }
}

run "the_door_is_throttled" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_stage.default.default_route_settings[0].throttling_rate_limit == var.gateway_throttle.requests_per_second
    error_message = "The declared limit holds for all routes."
  }
}

run "a_service_can_be_throttled_further" {
  command = plan

  variables {
    gateway_service_throttles = { for service in var.application_services : service => { requests_per_second = 1, burst = 1 } }
  }

  assert {
    condition     = keys(local.gateway_throttled_routes) == keys(aws_apigatewayv2_route.application)
    error_message = "Each route of the service has the lower limit."
  }
}

run "every_web_page_is_refused" {
  command = plan

  variables {
    gateway_allowed_origins = ["*"]
  }

  expect_failures = [var.gateway_allowed_origins]
}

run "an_issuer_in_plain_text_is_refused" {
  command = plan

  variables {
    gateway_jwt_issuer = "http://id.example.com/"
  }

  expect_failures = [var.gateway_jwt_issuer]
}

run "tokens_for_others_are_refused" {
  command = plan

  variables {
    gateway_jwt_audience = []
  }

  expect_failures = [var.gateway_jwt_audience]
}
