run "every_alarm_tells_somebody_when_it_comes_and_when_it_goes" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) >= length(var.alarms)
    error_message = "each alarm is made for everything of its subject"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : contains(["breaching", "notBreaching", "missing"], alarm.treat_missing_data)])
    error_message = "each alarm says what missing data means"
  }
}

run "a_ratio_is_computed_and_a_plain_metric_is_not" {
  command = plan

  assert {
    condition     = alltrue([for key, alarm in local.alarms : alarm.computed == (length(aws_cloudwatch_metric_alarm.this[key].metric_query) > 0)])
    error_message = "an alarm has a metric or a computation, never both"
  }
}

run "there_is_a_dashboard_for_each_part" {
  command = plan

  assert {
    condition     = toset([for board in aws_cloudwatch_dashboard.this : board.dashboard_name]) == toset([for part in ["rds", "redis", "pgbouncer"] : "${var.name}-${part}"])
    error_message = "NAME-rds, NAME-redis, NAME-pgbouncer"
  }
}

run "an_address_is_subscribed_to_both_topics" {
  command = plan

  variables {
    alert_email = "ops@example.com"
  }

  assert {
    condition     = length(aws_sns_topic_subscription.email) == 2 # alerts, and the events of the cache
    error_message = "ElastiCache has a topic of its own"
  }
}

run "a_retention_that_cloudwatch_does_not_have_is_refused" {
  command         = plan
  expect_failures = [var.log_retention_days]

  variables {
    log_retention_days = 100
  }
}
