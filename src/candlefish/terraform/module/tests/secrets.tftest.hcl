run "every_secret_is_encrypted_with_the_tiers_own_key" {
  command = plan

  assert {
    condition     = keys(aws_secretsmanager_secret.this) == ["admin", "app", "monitor", "redis"]
    error_message = "Three logins and a token."
  }

  assert {
    condition     = aws_kms_key.main.enable_key_rotation
    error_message = "The key is replaced every year."
  }
}

run "no_value_is_in_the_state" {
  command = plan

  assert {
    condition     = alltrue([for version in aws_secretsmanager_secret_version.account : version.secret_string == null && version.secret_string_wo_version == var.secrets_version])
    error_message = "Passwords are handed on write-only."
  }

  assert {
    condition     = aws_secretsmanager_secret_version.redis.secret_string == null && aws_secretsmanager_secret_version.redis.secret_string_wo_version == var.secrets_version
    error_message = "The token is handed on write-only."
  }
}

run "terraforms_version_outlives_rotation" {
  command = plan

  assert {
    condition     = alltrue([for version in aws_secretsmanager_secret_version.account : contains(version.version_stages, "terraform")])
    error_message = "Without a label of its own Secrets Manager would delete the version, and the next apply would make new secrets."
  }
}

run "a_recovery_window_that_does_not_exist_is_refused" {
  command = plan

  variables {
    secret_recovery_days = 3
  }

  expect_failures = [var.secret_recovery_days]
}
