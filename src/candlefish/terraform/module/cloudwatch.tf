# Who is told what: alarms on the metrics of every part, events of the services, and dashboards with the same limits.

locals {
  # What there is of each subject, by the dimensions that CloudWatch knows it under. The keys stand in the alarms' names.
  alarm_subjects = {
    database = { main = { DBInstanceIdentifier = aws_db_instance.main.identifier } }
    replica  = { for name, replica in aws_db_instance.replica : trimprefix(name, "${var.name}-replica-") => { DBInstanceIdentifier = replica.identifier } }
    cache    = { for node in local.redis_nodes : trimprefix(node, "${var.name}-") => { CacheClusterId = node } }
    pooler   = { pgbouncer = { Tier = var.name } }
    rotation = { queue = { QueueName = aws_sqs_queue.rotation.name } }

    balancer = {
      pgbouncer = {
        LoadBalancer = aws_lb.pgbouncer.arn_suffix
        TargetGroup  = aws_lb_target_group.pgbouncer.arn_suffix
      }
    }
  }

  # One alarm for each thing that it is made for.
  alarms = merge([
    for name, alarm in var.alarms : {
      for key, dimensions in local.alarm_subjects[alarm.subject] : "${name}-${key}" => merge(alarm, {
        dimensions = dimensions
        computed   = length(alarm.divided_by) > 0 || alarm.guard != null
      })
    }
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.reason
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]

  namespace   = each.value.computed ? null : each.value.namespace
  metric_name = each.value.computed ? null : each.value.metric
  statistic   = each.value.computed ? null : each.value.statistic
  period      = each.value.computed ? null : each.value.period_s
  dimensions  = each.value.computed ? null : each.value.dimensions

  # A ratio of metrics, or a metric that counts only while another one is large enough.
  dynamic "metric_query" {
    for_each = each.value.computed ? ["value"] : []

    content {
      id          = "value"
      label       = each.key
      return_data = true
      expression = (
        each.value.guard == null
        ? "metric / (${join(" + ", [for index, _ in each.value.divided_by : "part${index}"])})"
        : "IF(guard >= ${each.value.guard.at_least}, metric, 0)"
      )
    }
  }

  dynamic "metric_query" {
    for_each = each.value.computed ? merge(
      { metric = { name = each.value.metric, statistic = each.value.statistic, dimensions = each.value.dimensions } },
      { for index, name in each.value.divided_by : "part${index}" => { name = name, statistic = each.value.statistic, dimensions = each.value.dimensions } },
      each.value.guard == null ? {} : {
        guard = { name = each.value.guard.metric, statistic = each.value.guard.statistic, dimensions = one(values(local.alarm_subjects[each.value.guard.subject])) }
      },
    ) : {}

    content {
      id = metric_query.key

      metric {
        namespace   = each.value.namespace
        metric_name = metric_query.value.name
        stat        = metric_query.value.statistic
        period      = each.value.period_s
        dimensions  = metric_query.value.dimensions
      }
    }
  }
}

resource "aws_sns_topic" "alerts" {
  name              = "${var.name}-alerts"
  display_name      = "candlefish ${var.name}"
  kms_master_key_id = aws_kms_key.main.arn
}

data "aws_iam_policy_document" "alerts" {
  statement {
    sid       = "Alarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  statement {
    sid       = "Events"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alerts.arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.this : rule.arn]
    }
  }
}

resource "aws_sns_topic_policy" "alerts" {
  arn    = aws_sns_topic.alerts.arn
  policy = data.aws_iam_policy_document.alerts.json
}

# ElastiCache cannot publish to an encrypted topic: it makes the topic inactive, silently. What it says are names of
# nodes and what happened to them ("Event Notifications and Amazon SNS").
resource "aws_sns_topic" "cache_events" {
  name         = "${var.name}-cache-events"
  display_name = "candlefish ${var.name}"
}

# It also wants this owner, and not aws:SourceAccount ("Managing ElastiCache Amazon SNS notifications").
data "aws_iam_policy_document" "cache_events" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.cache_events.arn]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceOwner"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_sns_topic_policy" "cache_events" {
  arn    = aws_sns_topic.cache_events.arn
  policy = data.aws_iam_policy_document.cache_events.json
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.alert_email == null ? {} : {
    alerts       = aws_sns_topic.alerts.arn
    cache_events = aws_sns_topic.cache_events.arn
  }

  topic_arn = each.value
  protocol  = "email" # the reader has to confirm it once
  endpoint  = var.alert_email
}

locals {
  # Events of RDS come this way and not by an event subscription, which does not reach an encrypted topic (RDS API,
  # CreateEventSubscription: "only available for unencrypted SNS topics").
  event_patterns = {
    database = {
      source      = ["aws.rds"]
      detail-type = ["RDS DB Instance Event"]
      detail = {
        SourceIdentifier = concat([aws_db_instance.main.identifier], [for replica in aws_db_instance.replica : replica.identifier])
        EventCategories  = ["availability", "failover", "failure", "low storage", "maintenance", "read replica", "recovery"]
      }
    }

    # Of every service of the cluster: PgBouncer's, and the application's where there is one.
    deployment-failed = {
      source      = ["aws.ecs"]
      detail-type = ["ECS Deployment State Change"]
      resources   = [{ prefix = "arn:${data.aws_partition.current.partition}:ecs:${var.region}:${data.aws_caller_identity.current.account_id}:service/${aws_ecs_cluster.main.name}/" }]
      detail      = { eventName = ["SERVICE_DEPLOYMENT_FAILED"] }
    }

    rotation-failed = {
      source      = ["aws.ecs"]
      detail-type = ["ECS Task State Change"]
      detail = {
        clusterArn = [aws_ecs_cluster.main.arn]
        group      = ["family:${aws_ecs_task_definition.roles.family}"]
        lastStatus = ["STOPPED"]
        "$or"      = [{ containers = { exitCode = [{ anything-but = [0] }] } }, { stopCode = ["TaskFailedToStart"] }]
      }
    }

    # A snapshot, or the restore that is tried every month. Some of these events say state and others status ("Monitoring
    # AWS Backup events using Amazon EventBridge"); they are those of all databases in the account.
    backup-failed = {
      source      = ["aws.backup"]
      detail-type = ["Backup Job State Change", "Restore Job State Change"]
      detail = {
        resourceType = ["RDS"]
        "$or"        = [for name in ["state", "status"] : { (name) = ["ABORTED", "EXPIRED", "FAILED"] }]
      }
    }
  }
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.event_patterns

  name          = "${var.name}-${each.key}"
  description   = "To the readers of ${var.name}-alerts"
  event_pattern = jsonencode(each.value)
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = aws_cloudwatch_event_rule.this

  rule = each.value.name
  arn  = aws_sns_topic.alerts.arn
}

locals {
  # The lines of each chart: one for each thing that it shows, and the metrics that a ratio is made of, invisible.
  charts = {
    for dashboard, charts in var.dashboards : dashboard => [
      for chart in charts : merge(chart, {
        lines = merge([
          for subject in chart.subjects : {
            for key, dimensions in local.alarm_subjects[subject] : "${subject} ${key}" => flatten([for name, value in dimensions : [name, value]])
          }
        ]...)
      })
    ]
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = local.charts

  dashboard_name = "${var.name}-${each.key}"

  dashboard_body = jsonencode({
    widgets = [
      for place, chart in each.value : {
        type   = "metric"
        width  = 12                   # of the 24 columns of a dashboard: two charts beside each other
        height = 6                    # rows: the console's own default
        x      = 12 * (place % 2)     # left, right
        y      = 6 * floor(place / 2) # two in each row

        properties = {
          title  = chart.title
          region = var.region
          period = 60 # seconds: the finest that the services publish
          stat   = chart.statistic
          view   = "timeSeries"
          yAxis  = { left = { min = 0 } } # so that a line at the bottom is a small value

          annotations = { horizontal = chart.limit == null ? [] : [{ label = "alarm", value = chart.limit }] }

          metrics = concat(
            [
              for label, dimensions in chart.lines :
              concat([chart.namespace, chart.metric], dimensions, [{ label = label }])
              if length(chart.divided_by) == 0
            ],
            [
              for pair in setproduct(keys(chart.lines), range(length(chart.divided_by))) :
              concat([chart.namespace, chart.divided_by[pair[1]]], chart.lines[pair[0]], [{ id = "part${index(keys(chart.lines), pair[0])}x${pair[1]}", visible = false }])
            ],
            [
              for label, dimensions in chart.lines :
              [{ label = label, expression = "part${index(keys(chart.lines), label)}x${index(chart.divided_by, chart.metric)} / (${join(" + ", [for number in range(length(chart.divided_by)) : "part${index(keys(chart.lines), label)}x${number}"])})" }]
              if length(chart.divided_by) > 0
            ],
          )
        }
      }
    ]
  })
}
