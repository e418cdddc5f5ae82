# The key that encrypts everything, and the secrets. Terraform never keeps one: a password is made by Secrets Manager,
# handed on write-only, and read back where it is needed, so that no plan and no state has it.

locals {
  accounts = { admin = var.admin_user, app = "candlefish_app", monitor = "candlefish_monitor" } # as on the local tier
}

resource "aws_kms_key" "main" {
  description             = "Data, backups, secrets and logs of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30 # the longest: what this key encrypted is lost with it
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "main" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.main.key_id
}

# In the policy of a key, "*" is the key itself (AWS KMS, "Key policies").
data "aws_iam_policy_document" "key" {
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root"]
    }
  }

  # Log groups of this tier alone: the second part of their names begins with its own.
  statement {
    sid       = "Logs"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["logs.${var.region}.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "kms:EncryptionContext:aws:logs:arn"
      values   = ["arn:${data.aws_partition.current.partition}:logs:${var.region}:${data.aws_caller_identity.current.account_id}:log-group:*/${var.name}*"]
    }
  }

  statement {
    sid       = "Alarms"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.current.account_id]
    }
  }

  # Without a condition: for EventBridge and an encrypted topic AWS supports none (SNS, "Key management"). The topic's own
  # policy names the rules that may publish.
  statement {
    sid       = "Events"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey*"]
    resources = ["*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }
  }
}

resource "aws_secretsmanager_secret" "this" {
  for_each = {
    admin   = "Administrator of ${var.name}'s database"
    app     = "The application's user, one of two that take turns"
    monitor = "Statistics of the database and of PgBouncer"
    redis   = "Token of ${var.name}'s cache"
  }

  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = aws_kms_key.main.arn
  recovery_window_in_days = var.secret_recovery_days
}

ephemeral "aws_secretsmanager_random_password" "account" {
  for_each = local.accounts

  password_length     = 32 # letters and digits: 190 bits
  exclude_punctuation = true
}

# The label "terraform" stays with this version for good. Without one it would be deprecated after the second rotation and
# deleted by Secrets Manager some day, and the next apply would put new secrets over those in use (AWS provider:
# secret_version.go reads the version by its id).
resource "aws_secretsmanager_secret_version" "account" {
  for_each = local.accounts

  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo_version = var.secrets_version

  secret_string_wo = jsonencode({
    username = each.value
    password = ephemeral.aws_secretsmanager_random_password.account[each.key].random_password
  })

  version_stages = ["AWSCURRENT", "terraform"]

  lifecycle {
    ignore_changes = [version_stages] # AWSCURRENT is the rotation's, after the first apply
  }
}

ephemeral "aws_secretsmanager_random_password" "redis" {
  password_length     = 64 # of the 16 to 128 that ElastiCache takes; letters and digits are always allowed
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret_version" "redis" {
  secret_id                = aws_secretsmanager_secret.this["redis"].id
  secret_string_wo_version = var.secrets_version

  secret_string_wo = jsonencode({
    auth_token = ephemeral.aws_secretsmanager_random_password.redis.random_password
  })

  version_stages = ["AWSCURRENT", "terraform"]

  lifecycle {
    ignore_changes = [version_stages] # AWSCURRENT is the rotation's, after the first apply
  }
}
