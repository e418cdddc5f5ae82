run "a_rotation_comes_on_schedule_and_its_failure_is_heard_of" {
  command = plan

  assert {
    condition     = aws_scheduler_schedule.rotation.schedule_expression == var.rotation_schedule
    error_message = "the schedule is the plan's"
  }

  assert {
    condition     = length(aws_scheduler_schedule.rotation.target[0].dead_letter_config) == 1 && aws_sqs_queue.rotation.sqs_managed_sse_enabled
    error_message = "what could not be started is kept, encrypted"
  }

  assert {
    condition     = !aws_scheduler_schedule.rotation.target[0].ecs_parameters[0].network_configuration[0].assign_public_ip
    error_message = "the task has no public address"
  }
}

run "a_schedule_that_begins_at_once_is_refused" {
  command         = plan
  expect_failures = [var.rotation_schedule]

  variables {
    rotation_schedule = "rate(90 days)"
  }
}

run "a_schedule_without_one_hour_is_refused" {
  command         = plan
  expect_failures = [var.rotation_schedule]

  variables {
    rotation_schedule = "cron(0 */6 * * ? *)"
  }
}
