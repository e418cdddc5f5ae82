run "nothing_is_served_in_plain_text" {
  command = plan

  assert {
    condition = alltrue([
      for behaviour in concat(aws_cloudfront_distribution.main.default_cache_behavior, aws_cloudfront_distribution.main.ordered_cache_behavior) :
      contains(["https-only", "redirect-to-https"], behaviour.viewer_protocol_policy)
    ])
    error_message = "Every path is HTTPS."
  }
}

run "one_user_is_never_given_anothers_answer" {
  command = plan

  assert {
    condition     = aws_cloudfront_cache_policy.this["api"].default_ttl == 0
    error_message = "An answer is kept only when the application says so."
  }
}

run "answers_that_users_would_share_are_refused" {
  command = plan

  variables {
    cdn_cache_policies = {
      api    = { default_ttl_s = 0, max_ttl_s = 300, headers = ["Origin"], query_strings = true, reason = "the application" }
      assets = { default_ttl_s = 1, max_ttl_s = 1, headers = [], query_strings = false, reason = "files" }
      pages  = { default_ttl_s = 1, max_ttl_s = 1, headers = [], query_strings = false, reason = "pages" }
    }
  }

  expect_failures = [var.cdn_cache_policies]
}

run "names_need_a_certificate" {
  command = plan

  variables {
    cdn_aliases         = ["www.example.com"]
    cdn_certificate_arn = null
  }

  expect_failures = [var.cdn_certificate_arn]
}

run "names_are_served_with_modern_tls_only" {
  command = plan

  variables {
    cdn_aliases         = ["www.example.com"]
    cdn_certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"
  }

  assert {
    condition     = one(aws_cloudfront_distribution.main.viewer_certificate).minimum_protocol_version == "TLSv1.2_2021"
    error_message = "TLS 1.2 at least."
  }
}

run "a_certificate_of_another_region_is_refused" {
  command = plan

  variables {
    cdn_aliases         = ["www.example.com"]
    cdn_certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d"
  }

  expect_failures = [var.cdn_certificate_arn]
}
