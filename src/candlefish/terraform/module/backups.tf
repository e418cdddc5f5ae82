# Backups: RDS keeps any second of the last days by itself. AWS Backup takes a snapshot a week, because it can do what
# RDS can't: restore one every month, see whether it came up, and throw it away.

resource "aws_backup_vault" "main" {
  count = var.backup_retention_days > 0 ? 1 : 0

  name          = var.name
  kms_key_arn   = aws_kms_key.main.arn
  force_destroy = !var.final_snapshot # a vault that holds snapshots stays, unless nothing is to be kept
}

resource "aws_backup_plan" "weekly" {
  count = length(aws_backup_vault.main)

  name = "${var.name}-weekly"

  rule {
    rule_name         = "weekly"
    target_vault_name = aws_backup_vault.main[0].name
    schedule          = "cron(0 1 ? * SAT *)" # UTC, 01:00 on Saturdays: more than an hour before RDS's own window
    start_window      = 60                    # minutes: RDS refuses snapshots close to its own backup
    completion_window = 180                   # minutes, within the night

    lifecycle {
      delete_after = var.snapshot_days
    }
  }
}

resource "aws_backup_selection" "database" {
  count = length(aws_backup_vault.main)

  name         = "database"
  plan_id      = aws_backup_plan.weekly[0].id
  iam_role_arn = aws_iam_role.backup[0].arn
  resources    = [aws_db_instance.main.arn]
}

resource "aws_backup_restore_testing_plan" "monthly" {
  count = length(aws_backup_vault.main)

  name                = "${replace(var.name, "-", "_")}_monthly" # no hyphens here
  schedule_expression = "cron(0 6 ? * SUN#1 *)"                  # UTC, 06:00 on the first Sunday of each month
  start_window_hours  = 8                                        # within that day

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = [aws_backup_vault.main[0].arn]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = var.snapshot_days
  }
}

resource "aws_backup_restore_testing_selection" "database" {
  count = length(aws_backup_vault.main)

  name                      = "database"
  restore_testing_plan_name = aws_backup_restore_testing_plan.monthly[0].name
  protected_resource_type   = "RDS"
  protected_resource_arns   = [aws_db_instance.main.arn]
  iam_role_arn              = aws_iam_role.backup[0].arn
  validation_window_hours   = var.restore_hours

  # Without these it would be restored into the default VPC, if there is one.
  restore_metadata_overrides = {
    dbSubnetGroupName    = aws_db_subnet_group.main.name
    dbParameterGroupName = aws_db_parameter_group.this["primary"].name
    vpcSecurityGroupIds  = jsonencode([aws_security_group.this["database"].id])
    multiAz              = "false"
  }
}

data "aws_iam_policy_document" "backup_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }
}

resource "aws_iam_role" "backup" {
  count = length(aws_backup_vault.main)

  name               = "${var.name}-backup"
  assume_role_policy = data.aws_iam_policy_document.backup_trust.json
}

resource "aws_iam_role_policy_attachment" "backup" {
  for_each = length(aws_backup_vault.main) > 0 ? toset(["Backup", "Restores"]) : []

  role       = aws_iam_role.backup[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AWSBackupServiceRolePolicyFor${each.key}"
}

# The copy of RDS's own backups: from it the database can be brought to any second in the other region.
resource "aws_kms_key" "copy" {
  count = var.backup_copy_region == null ? 0 : 1

  region                  = var.backup_copy_region
  description             = "Copies of ${var.name}'s backups"
  enable_key_rotation     = true
  deletion_window_in_days = 30 # the longest: what this key encrypted is lost with it
  policy                  = data.aws_iam_policy_document.copy_key.json
}

data "aws_iam_policy_document" "copy_key" {
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }
}

resource "aws_db_instance_automated_backups_replication" "copy" {
  count = length(aws_kms_key.copy)

  region                 = var.backup_copy_region
  source_db_instance_arn = aws_db_instance.main.arn
  kms_key_id             = aws_kms_key.copy[0].arn
  retention_period       = var.backup_retention_days
}
