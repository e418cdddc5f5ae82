run "a_restore_is_tried_every_month_out_of_the_tiers_vault" {
  command = plan

  variables {
    backup_retention_days = 7
  }

  assert {
    condition     = length(aws_backup_restore_testing_plan.monthly) == 1 && length(aws_backup_restore_testing_selection.database) == 1
    error_message = "Backups that nobody restores are a hope."
  }

  assert {
    condition     = one(aws_backup_restore_testing_plan.monthly[0].recovery_point_selection).selection_window_days == var.snapshot_days
    error_message = "The test looks as far back as there are snapshots."
  }
}

run "without_backups_there_is_nothing_to_try" {
  command = plan

  variables {
    replica_count         = 0
    backup_retention_days = 0
    backup_copy_region    = null
  }

  assert {
    condition     = length(aws_backup_vault.main) + length(aws_backup_restore_testing_plan.monthly) == 0
    error_message = "No vault for no backups."
  }
}

run "a_copy_into_the_tiers_own_region_is_refused" {
  command = plan

  variables {
    backup_copy_region = var.region
  }

  expect_failures = [var.backup_copy_region]
}
