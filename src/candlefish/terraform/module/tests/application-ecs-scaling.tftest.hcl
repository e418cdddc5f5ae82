run "every_objective_of_the_application_is_watched_for_every_service" {
  command = plan

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.application) == length(var.application_services) * length(var.application_alarms)
    error_message = "An alarm for each service and objective."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.application_slow : alarm.threshold < var.application_alarms["response"].threshold])
    error_message = "Tasks must be added before the promise is broken."
  }
}

run "tasks_stay_within_what_is_declared" {
  command = plan

  assert {
    condition = alltrue([
      for target in aws_appautoscaling_target.application :
      target.min_capacity == var.application_size.tasks && target.max_capacity == var.application_size.max_tasks
    ])
    error_message = "Autoscaling must stay between tasks and max_tasks."
  }
}
