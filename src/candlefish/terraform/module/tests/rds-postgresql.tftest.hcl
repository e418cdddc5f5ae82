run "the_database_is_private_and_encrypted_as_declared" {
  command = plan

  assert {
    condition     = !aws_db_instance.main.publicly_accessible && aws_db_instance.main.storage_encrypted == var.storage_encrypted
    error_message = "Nothing outside reaches the database, and its volume is encrypted unless that is declared otherwise."
  }

  assert {
    condition     = aws_db_instance.main.multi_az == var.multi_az && aws_db_instance.main.deletion_protection == var.deletion_protection
    error_message = "As declared."
  }

  assert {
    condition     = aws_db_instance.main.password == null && aws_db_instance.main.password_wo_version == var.secrets_version
    error_message = "The password is handed on write-only."
  }
}

run "a_replica_has_from_its_source_what_rds_wants_so" {
  command = plan

  assert {
    condition     = length(aws_db_instance.replica) == var.replica_count
    error_message = "As many as declared."
  }

  assert {
    condition     = alltrue([for replica in aws_db_instance.replica : replica.replicate_source_db == aws_db_instance.main.identifier && replica.password_wo_version == null && replica.skip_final_snapshot])
    error_message = "Roles and data are the source's."
  }
}

run "a_last_snapshot_has_a_switch_of_its_own" {
  command = plan

  variables {
    deletion_protection = false
    final_snapshot      = true
  }

  assert {
    condition     = !aws_db_instance.main.deletion_protection && !aws_db_instance.main.skip_final_snapshot && aws_db_instance.main.final_snapshot_identifier != null
    error_message = "Who turns deletion protection off still has the data."
  }

  assert {
    condition     = alltrue([for vault in aws_backup_vault.main : !vault.force_destroy])
    error_message = "Backups don't go with their vault."
  }
}

run "every_parameter_waits_for_a_restart_or_does_not" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for group in aws_db_parameter_group.this : [
        for parameter in group.parameter :
        parameter.apply_method == (contains(var.postgres_static_parameters, parameter.name) ? "pending-reboot" : "immediate")
      ]
    ]))
    error_message = "RDS refuses to change a static parameter at once."
  }
}

run "the_replicas_are_not_away_together" {
  command = plan

  variables {
    replica_count = 6
  }

  assert {
    condition     = length(distinct([for server in concat([aws_db_instance.main], values(aws_db_instance.replica)) : server.maintenance_window])) == 7 # six and the primary
    error_message = "Each has a night of its own."
  }
}

run "too_many_replicas_are_refused" {
  command = plan

  variables {
    replica_count = 16
  }

  expect_failures = [var.replica_count]
}

run "replicas_without_backups_are_refused" {
  command = plan

  variables {
    replica_count         = 1
    backup_retention_days = 0
  }

  expect_failures = [var.replica_count]
}

run "iops_that_a_small_gp3_does_not_have_are_refused" {
  command = plan

  variables {
    storage_type   = "gp3"
    storage_gb     = 100
    storage_max_gb = 200
    storage_iops   = 6000
  }

  expect_failures = [var.storage_iops]
}
