# Plans only: nothing is built. With your credentials it runs against AWS's provider as well.

run "nobody_outside_reaches_the_pooler" {
  command = plan

  assert {
    condition     = aws_lb.pgbouncer.internal && aws_lb.pgbouncer.load_balancer_type == "network"
    error_message = "the load balancer must stay inside the VPC"
  }

  assert {
    condition     = !aws_ecs_service.pgbouncer.network_configuration[0].assign_public_ip && !aws_ecs_service.pgbouncer.enable_execute_command
    error_message = "a task has no public address, and nobody gets a shell in it"
  }
}

run "all_tasks_together_stay_within_the_promise" {
  command = plan

  assert {
    condition = (
      aws_appautoscaling_target.pgbouncer.max_capacity
      * aws_ecs_service.pgbouncer.deployment_maximum_percent / 100    # percent
      * tonumber(var.pgbouncer_settings["max_db_connections"]) <= 100 # server connections of a database: the promise
    )
    error_message = "with all tasks of a deployment at full autoscaling a database would have more than 100 server connections"
  }

  assert {
    condition     = aws_appautoscaling_target.pgbouncer.min_capacity == aws_ecs_service.pgbouncer.desired_count
    error_message = "the service begins with the tasks that it keeps at least"
  }
}

run "a_failed_deployment_goes_back" {
  command = plan

  assert {
    condition = (
      aws_ecs_service.pgbouncer.deployment_circuit_breaker[0].rollback
      && aws_ecs_service.pgbouncer.deployment_minimum_healthy_percent == 100 # percent
      && aws_ecr_repository.pgbouncer.image_tag_mutability == "IMMUTABLE"
    )
    error_message = "the tasks in service stay until the new ones are healthy, and their image stays what it was"
  }
}

run "connections_are_kept_open" {
  command = plan

  assert {
    condition     = aws_lb_listener.pgbouncer.tcp_idle_timeout_seconds > tonumber(var.pgbouncer_settings["tcp_keepidle"])
    error_message = "PgBouncer must ask silent clients before the load balancer forgets them"
  }

  assert {
    condition     = !aws_lb_target_group.pgbouncer.connection_termination
    error_message = "PgBouncer drains its clients itself; the load balancer would cut transactions"
  }
}

run "an_idle_timeout_below_the_keepalive_is_refused" {
  command         = plan
  expect_failures = [var.pgbouncer_idle_timeout_s]

  variables {
    pgbouncer_idle_timeout_s = 4 # seconds: PgBouncer asks after 5
  }
}

run "fewer_tasks_at_most_than_at_least_are_refused" {
  command         = plan
  expect_failures = [var.pgbouncer_max_tasks]

  variables {
    pgbouncer_tasks     = 2
    pgbouncer_max_tasks = 1
  }
}

run "memory_that_fargate_does_not_have_is_refused" {
  command         = plan
  expect_failures = [var.pgbouncer_memory]

  variables {
    pgbouncer_cpu    = 1024
    pgbouncer_memory = 512 # MiB: 2 GB at least for this CPU
  }
}

run "an_unknown_architecture_is_refused" {
  command         = plan
  expect_failures = [var.architecture]

  variables {
    architecture = "riscv64"
  }
}
