run "two_subnets" {
  command = plan

  assert {
    condition     = length(aws_subnet.private) == 2
    error_message = "one subnet in each zone"
  }
}

run "one_zone_is_refused" {
  command         = plan
  expect_failures = [var.zones]

  variables {
    zones = 1
  }
}
