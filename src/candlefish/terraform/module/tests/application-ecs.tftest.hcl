run "every_service_is_deployed_beside_the_old_one" {
  command = plan

  assert {
    condition     = toset(keys(aws_ecs_service.application)) == var.application_services
    error_message = "Each service that is declared runs, and no other."
  }

  assert {
    condition     = alltrue([for service in aws_ecs_service.application : service.deployment_configuration[0].strategy == "BLUE_GREEN"])
    error_message = "A new version must start beside the old one."
  }

  assert {
    condition     = alltrue([for service in aws_ecs_service.application : service.alarms[0].rollback && service.deployment_circuit_breaker[0].rollback])
    error_message = "A version that breaks an objective, or never gets healthy, must go back by itself."
  }
}

run "tasks_are_private" {
  command = plan

  assert {
    condition     = alltrue(flatten([for service in aws_ecs_service.application : [for network in service.network_configuration : !network.assign_public_ip]]))
    error_message = "A task must have no public address."
  }
}

run "a_version_is_never_overwritten" {
  command = plan

  assert {
    condition     = alltrue([for repository in aws_ecr_repository.application : repository.image_tag_mutability == "IMMUTABLE"])
    error_message = "What is rolled back to must be what ran."
  }
}

run "sizes_that_fargate_has_not_are_refused" {
  command = plan

  variables {
    application_size = { cpu_units = 300, memory_mib = 1024, tasks = 2, max_tasks = 10 }
  }

  expect_failures = [var.application_size]
}

run "fewer_tasks_at_most_than_at_least_are_refused" {
  command = plan

  variables {
    application_size = { cpu_units = 512, memory_mib = 1024, tasks = 4, max_tasks = 3 }
  }

  expect_failures = [var.application_size]
}

run "ports_of_root_are_refused" {
  command = plan

  variables {
    application_port = 80
  }

  expect_failures = [var.application_port]
}
