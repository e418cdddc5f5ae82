run "a_name_that_load_balancers_may_not_have_is_refused" {
  command = plan

  variables {
    name = "internal"
  }

  expect_failures = [var.name]
}

run "two_hyphens_together_is_refused" {
  command = plan

  variables {
    name = "a--b"
  }

  expect_failures = [var.name]
}

run "a_hyphen_at_the_end_is_refused" {
  command = plan

  variables {
    name = "tier-"
  }

  expect_failures = [var.name]
}

run "one_letter_is_refused" {
  command = plan

  variables {
    name = "a"
  }

  expect_failures = [var.name]
}
