# How the application grows, and who is told: from the objectives. CPU is tracked in both directions; a response that
# gets slow adds tasks before the promise is broken (it removes none: response time does not fall in step with tasks, so
# it can't be tracked). Requests per target are not tracked: with blue/green the target group in use changes.
#
# Of the two target groups of a service one serves at a time: the metrics of both are taken together.

locals {
  application_watched = {
    for pair in setproduct(var.application_services, keys(var.application_alarms)) :
    "${pair[0]}-${pair[1]}" => { service = pair[0], alarm = var.application_alarms[pair[1]] }
  }

  application_divisors = {
    for key, watched in local.application_watched : key => {
      for pair in setproduct(range(length(watched.alarm.divided_by)), ["blue", "green"]) :
      "of_${pair[1]}_${pair[0]}" => { name = watched.alarm.divided_by[pair[0]], group = local.application_groups[watched.service][pair[1]] }
    }
  }

  application_groups = {
    for service in var.application_services : service => {
      for colour in ["blue", "green"] : colour => {
        LoadBalancer = aws_lb.application.arn_suffix
        TargetGroup  = aws_lb_target_group.application["${service}-${colour}"].arn_suffix
      }
    }
  }
}

resource "aws_appautoscaling_target" "application" {
  for_each = aws_ecs_service.application

  service_namespace  = "ecs"
  resource_id        = "service/${aws_ecs_cluster.main.name}/${each.value.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  min_capacity       = var.application_size.tasks
  max_capacity       = var.application_size.max_tasks
}

resource "aws_appautoscaling_policy" "application_cpu" {
  for_each = aws_appautoscaling_target.application

  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  resource_id        = each.value.resource_id
  scalable_dimension = each.value.scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.application_scaling.cpu_percent
    scale_in_cooldown  = var.application_scaling.shrink_cooldown_s
    scale_out_cooldown = var.application_scaling.growth_cooldown_s

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "application_slow" {
  for_each = aws_appautoscaling_target.application

  name               = "slow"
  policy_type        = "StepScaling"
  service_namespace  = each.value.service_namespace
  resource_id        = each.value.resource_id
  scalable_dimension = each.value.scalable_dimension

  step_scaling_policy_configuration {
    adjustment_type          = "PercentChangeInCapacity"
    min_adjustment_magnitude = 1 # half of one task is one
    cooldown                 = var.application_scaling.growth_cooldown_s
    metric_aggregation_type  = "Average"

    step_adjustment {
      metric_interval_lower_bound = 0 # from the threshold upwards
      scaling_adjustment          = var.application_scaling.growth_percent
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "application_slow" {
  for_each = aws_appautoscaling_policy.application_slow

  alarm_name          = "${var.name}-${each.key}-grows"
  alarm_description   = "Adds tasks to ${each.key} before its responses break the promise; nobody is told"
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.application_scaling.slow_response_s
  evaluation_periods  = 1 # of a minute: a new task needs another one to start
  treat_missing_data  = "notBreaching"
  alarm_actions       = [each.value.arn]

  metric_query {
    id          = "slowest"
    expression  = "MAX([FILL(blue, 0), FILL(green, 0)])"
    label       = "Seconds"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = local.application_groups[each.key]

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = "TargetResponseTime"
        stat        = "Average"
        period      = 60 # seconds: the finest that a load balancer gives
        dimensions  = metric_query.value
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "application" {
  for_each = local.application_watched

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.service}: ${each.value.alarm.reason}"
  comparison_operator = each.value.alarm.comparison
  threshold           = each.value.alarm.threshold
  evaluation_periods  = each.value.alarm.periods
  treat_missing_data  = each.value.alarm.missing
  alarm_actions       = [aws_sns_topic.alerts.arn]
  ok_actions          = [aws_sns_topic.alerts.arn]

  metric_query {
    id          = "value"
    label       = each.value.alarm.reason
    return_data = true
    expression = (
      length(each.value.alarm.divided_by) == 0
      ? "MAX([FILL(blue, 0), FILL(green, 0)])"
      : "(FILL(blue, 0) + FILL(green, 0)) / (${join(" + ", [for id in sort(keys(local.application_divisors[each.key])) : "FILL(${id}, 0)"])})"
    )
  }

  dynamic "metric_query" {
    for_each = merge(
      { for colour, group in local.application_groups[each.value.service] : colour => { name = each.value.alarm.metric, group = group } },
      local.application_divisors[each.key],
    )

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value.name
        stat        = each.value.alarm.statistic
        period      = each.value.alarm.period_s
        dimensions  = metric_query.value.group
      }
    }
  }
}
